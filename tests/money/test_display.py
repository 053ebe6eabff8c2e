"""Money as people read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.money.amount import Money
from paygate.money.currencies import CURRENCIES
from paygate.money.display import amount_text, money_text, plain


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("de", "CHF\u00a01’234.50"),
        ("de-CH", "CHF\u00a01’234.50"),
        ("it", "CHF\u00a01’234.50"),
        ("fr", "CHF\u00a01\u202f234,50"),
        ("en", "CHF\u00a01,234.50"),
        ("ja", "CHF\u00a01,234.50"),
    ],
)
def test_each_language_groups_in_its_own_way(language: str, written: str) -> None:
    assert money_text(Money(123450, "CHF"), language) == written


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(1234567, "JPY"), "1,234,567"),
        (Money(1234567, "KWD"), "1,234.567"),
        (Money(1234567, "RSD"), "12,345.67"),  # Babel alone would show no decimals
        (Money(5, "EUR"), "0.05"),
        (Money(-123450, "EUR"), "-1,234.50"),
        (Money(10**18 + 1, "EUR"), "10,000,000,000,000,000.01"),
    ],
)
def test_decimals_are_those_of_the_currency(money: Money, written: str) -> None:
    assert amount_text(money, "en") == written


@pytest.mark.parametrize(
    ("money", "written"),
    [(Money(123450, "CHF"), "1234.50"), (Money(500, "JPY"), "500"), (Money(7, "KWD"), "0.007")],
)
def test_files_get_plain_digits(money: Money, written: str) -> None:
    assert plain(money) == written


@given(minor=st.integers(-(10**17), 10**17), currency=st.sampled_from(sorted(CURRENCIES)))
def test_no_digit_is_lost_on_the_way_to_the_page(minor: int, currency: str) -> None:
    shown = amount_text(Money(minor, currency), "en")

    assert shown.replace(",", "") == plain(Money(minor, currency))
