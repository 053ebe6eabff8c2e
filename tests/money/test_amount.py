"""Money adds up, and never across currencies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.money.amount import CurrencyMismatch, Money, total
from paygate.money.currencies import UnknownCurrency


def chf(minor: int) -> Money:
    return Money(minor, "CHF")


def test_money_adds_and_subtracts_minor_units() -> None:
    assert chf(4990) + chf(10) == chf(5000)
    assert chf(4990) - chf(5000) == chf(-10)


def test_more_is_more() -> None:
    assert chf(1) < chf(2) <= chf(2)
    assert chf(2) > chf(1) >= chf(1)
    assert not chf(2) < chf(2)
    assert not chf(2) > chf(2)
    assert chf(1).is_positive
    assert not chf(0).is_positive
    assert not chf(-1).is_positive
    assert chf(0).is_zero


@pytest.mark.parametrize("question", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_two_currencies_never_meet(question: str) -> None:
    with pytest.raises(CurrencyMismatch):
        getattr(chf(1), question)(Money(1, "EUR"))


def test_the_same_number_in_two_currencies_is_not_the_same_money() -> None:
    assert chf(100) != Money(100, "EUR")


@pytest.mark.parametrize("minor", [49.9, "4990", True, None])
def test_only_whole_minor_units_become_money(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "CHF")  # type: ignore[arg-type]  # the point of this test


def test_money_and_plain_numbers_do_not_mix() -> None:
    with pytest.raises(TypeError):
        chf(1) + 1  # type: ignore[operator]  # the point of this test


@pytest.mark.parametrize("code", ["", "chf", "XXX", "XAU", "ABC"])
def test_money_has_a_currency_in_use(code: str) -> None:
    with pytest.raises(UnknownCurrency):
        Money(1, code)


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(4990, "CHF"), "CHF 49.90"),
        (Money(5, "CHF"), "CHF 0.05"),
        (Money(500, "JPY"), "JPY 500"),
        (Money(1234, "KWD"), "KWD 1.234"),
        (Money(-4990, "EUR"), "EUR -49.90"),
        (Money(0, "EUR"), "EUR 0.00"),
        (Money(2**63 - 1, "EUR"), "EUR 92233720368547758.07"),
    ],
)
def test_money_prints_all_its_digits(money: Money, written: str) -> None:
    assert str(money) == written


def test_a_total_of_nothing_is_zero() -> None:
    assert total([], "CHF") == Money.zero("CHF")
    assert total([chf(1), chf(2)], "CHF") == chf(3)
    with pytest.raises(CurrencyMismatch):
        total([chf(1), Money(2, "EUR")], "CHF")


def test_what_does_not_divide_is_carried_by_the_first() -> None:
    assert chf(100).split(3) == [chf(34), chf(33), chf(33)]
    with pytest.raises(ValueError, match="one part or more"):
        chf(100).split(0)


@given(minor=st.integers(-(10**15), 10**15), parts=st.integers(1, 50))
def test_shares_add_up_to_the_whole(minor: int, parts: int) -> None:
    shares = chf(minor).split(parts)

    assert total(shares, "CHF") == chf(minor)
    assert max(shares).minor - min(shares).minor <= 1
