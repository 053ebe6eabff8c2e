"""What people type becomes exactly the amount they meant, or a question."""

from itertools import product

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from paygate.money.amount import Money
from paygate.money.currencies import exponent
from paygate.money.display import amount_text, plain
from paygate.money.form_fields import AmountField, AmountRefused, Wrong, parse_amount


@pytest.mark.parametrize(
    ("typed", "currency", "language", "minor"),
    [
        ("49.90", "CHF", "en", 4990),
        (" 49.9 ", "CHF", "de", 4990),
        ("49", "CHF", "de", 4900),
        ("0.05", "CHF", "en", 5),
        ("007", "CHF", "en", 700),
        ("49,90", "CHF", "de", 4990),
        ("49,90", "CHF", "fr", 4990),
        ("49.90", "CHF", "fr", 4990),
        ("49,90", "CHF", "en", 4990),  # a group has three digits, so these are decimals
        ("1234.50", "CHF", "it", 123450),
        ("1'234.50", "CHF", "de", 123450),
        ("1’234.50", "CHF", "de", 123450),
        ("1’234", "CHF", "de", 123400),
        ("1'234,50", "CHF", "it", 123450),
        ("1'234'567.50", "CHF", "en", 123456750),
        ("1 234,50", "EUR", "fr", 123450),
        ("1\u202f234,50", "EUR", "fr", 123450),
        ("1\u00a0234,50", "EUR", "fr", 123450),
        ("1,234.50", "EUR", "en", 123450),
        ("1.234,50", "EUR", "de", 123450),
        ("1,234.50", "EUR", "de", 123450),  # both marks: the last one begins the decimals
        ("1.234,50", "EUR", "en", 123450),
        ("1,234", "EUR", "en", 123400),  # English groups with commas
        ("1,234,567", "EUR", "de", 123456700),
        ("1.234.567", "EUR", "fr", 123456700),
        ("12345.60", "EUR", "de", 1234560),
        ("500", "JPY", "en", 500),
        ("1,500", "JPY", "en", 1500),
        ("1.5", "KWD", "en", 1500),
        ("1.234", "KWD", "en", 1234),
        ("1,234", "KWD", "en", 1234000),
        ("1,234", "KWD", "fr", 1234),
        ("01.234", "KWD", "de", 1234),  # no group begins with a zero
        ("0.234", "KWD", "de", 234),
        ("9999999999.99", "CHF", "en", 999999999999),
        ("20.-", "CHF", "de", 2000),
        ("20.–", "CHF", "it", 2000),
        ("20,--", "EUR", "de", 2000),
        ("500.-", "JPY", "de", 500),
        ("1'234.—", "CHF", "fr", 123400),
        ("1.234,–", "EUR", "de", 123400),
    ],
)
def test_an_amount_is_read_as_it_was_meant(typed: str, currency: str, language: str, minor: int) -> None:
    assert parse_amount(typed, currency, language) == Money(minor, currency)


@pytest.mark.parametrize(
    ("typed", "currency", "language", "wrong"),
    [
        ("", "CHF", "en", Wrong.EMPTY),
        ("   ", "CHF", "en", Wrong.EMPTY),
        ("49.905", "CHF", "en", Wrong.TOO_MANY_DECIMALS),
        ("49.900", "CHF", "en", Wrong.TOO_MANY_DECIMALS),
        ("1'234.505", "CHF", "de", Wrong.TOO_MANY_DECIMALS),
        ("1,234", "CHF", "fr", Wrong.TOO_MANY_DECIMALS),
        ("1.5", "JPY", "en", Wrong.TOO_MANY_DECIMALS),
        ("1.0", "JPY", "en", Wrong.TOO_MANY_DECIMALS),
        ("1.2345", "KWD", "en", Wrong.TOO_MANY_DECIMALS),
        ("0", "CHF", "en", Wrong.ZERO),
        ("0.00", "CHF", "en", Wrong.ZERO),
        ("-5", "CHF", "en", Wrong.NEGATIVE),
        ("\u22125.00", "CHF", "en", Wrong.NEGATIVE),
        ("1e3", "CHF", "en", Wrong.EXPONENT_NOTATION),
        ("1.5E+2", "CHF", "en", Wrong.EXPONENT_NOTATION),
        ("\uff11\uff12", "CHF", "en", Wrong.FOREIGN_DIGITS),
        ("\u0661\u0662", "CHF", "en", Wrong.FOREIGN_DIGITS),
        ("1\u00b2", "CHF", "en", Wrong.FOREIGN_DIGITS),
        ("\u00bd", "CHF", "en", Wrong.FOREIGN_DIGITS),
        ("12345678901.00", "CHF", "en", Wrong.TOO_MANY_DIGITS),
        ("1234567890123", "JPY", "en", Wrong.TOO_MANY_DIGITS),
        ("0" * 5000, "CHF", "en", Wrong.TOO_MANY_DIGITS),
        ("1,234", "CHF", "de", Wrong.TWO_MEANINGS),
        ("1.234", "CHF", "de", Wrong.TWO_MEANINGS),
        ("1.234", "CHF", "it", Wrong.TWO_MEANINGS),
        ("1.234", "CHF", "fr", Wrong.TWO_MEANINGS),
        ("1.234", "JPY", "de", Wrong.TWO_MEANINGS),
        ("1.234", "KWD", "de", Wrong.TWO_MEANINGS),
        *product(
            [
                *(
                    "inf",
                    "Infinity",
                    "nan",
                    "-inf",
                    "NaN",
                    "abc",
                    "CHF 5",
                    "5 CHF",
                    "+5",
                    "0x10",
                    "1_000",
                    "(5)",
                    "5-",
                ),
                *(
                    ".",
                    ",",
                    "'",
                    ".5",
                    "5.",
                    "1..5",
                    "1'23",
                    "12'3456",
                    "1'234 567",
                    "1'234,567.50",
                    "1,23,456",
                ),
                *(
                    "1.234.56",
                    "1.2.3",
                    "1.23,45",
                    "0'500",
                    "'123",
                    "1 2",
                    "1\n2",
                    "1\x002",
                    "=1+1",
                    "1/2",
                    "5%",
                ),
            ],
            ["CHF"],
            ["en", "de"],
            [Wrong.NOT_A_NUMBER],
        ),
    ],
)
def test_what_is_not_one_clear_amount_is_refused(
    typed: str, currency: str, language: str, wrong: Wrong
) -> None:
    with pytest.raises(AmountRefused) as refused:
        parse_amount(typed, currency, language)

    assert refused.value.wrong is wrong
    assert refused.value.field == "amount"
    assert str(refused.value)


def test_a_question_shows_what_to_write_instead() -> None:
    with pytest.raises(AmountRefused, match="Write it without separators: “1234”"):
        parse_amount("1.234", "CHF", "de")
    with pytest.raises(AmountRefused, match="Write “1234” or “01.234”"):
        parse_amount("1.234", "KWD", "de")
    assert parse_amount("1234", "KWD", "de") == Money(1234000, "KWD")


amounts = st.builds(
    Money, st.integers(1, 10**12 - 1), st.sampled_from(["CHF", "EUR", "JPY", "KWD", "BHD", "ISK"])
)


@given(money=amounts)
def test_plain_amounts_in_english_come_back_unchanged(money: Money) -> None:
    assert parse_amount(plain(money), money.currency, "en") == money


@given(money=amounts, language=st.sampled_from(["en", "de", "fr", "it"]))
def test_what_a_page_shows_is_read_back_or_asked_about(money: Money, language: str) -> None:
    shown = amount_text(money, language)
    # From one to a thousand, three decimals look like a group where both marks are in use.
    two_meanings = language in {"de", "it"} and money.exponent == 3 and 1000 <= money.minor < 1_000_000

    if two_meanings:
        with pytest.raises(AmountRefused, match="two ways"):
            parse_amount(shown, money.currency, language)
    else:
        assert parse_amount(shown, money.currency, language) == money


@given(
    typed=st.text(st.sampled_from("0123456789.,' ’e-+"), max_size=20),
    language=st.sampled_from(["en", "de", "fr"]),
)
def test_an_accepted_amount_keeps_every_digit_that_was_typed(typed: str, language: str) -> None:
    try:
        money = parse_amount(typed, "CHF", language)
    except AmountRefused:
        return
    digits = "".join(sign for sign in typed if sign.isdigit())
    assert money.minor in {int(digits) * 10**places for places in range(exponent("CHF") + 1)}


def test_the_field_keeps_what_was_typed() -> None:
    class Priced(forms.Form):
        amount = AmountField()

    form = Priced({"amount": "1'234.50"})

    assert form.is_valid()
    assert form.cleaned_data == {"amount": "1'234.50"}
    assert 'inputmode="decimal"' in str(form["amount"])


@pytest.mark.parametrize(
    ("typed", "currency", "said"),
    [
        ("12345678901", "CHF", "at most 10 digits before the decimals"),
        ("1234567890.123", "CHF", "CHF has 2 decimals"),
        ("1234567890123", "JPY", "at most 12 digits."),
    ],
)
def test_too_many_digits_says_how_many_there_may_be(typed: str, currency: str, said: str) -> None:
    with pytest.raises(AmountRefused, match=said):
        parse_amount(typed, currency, "en")
