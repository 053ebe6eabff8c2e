"""The ISO 4217 table says what we rely on."""

import pytest

from paygate.money.currencies import CURRENCIES, UnknownCurrency, by_numeric, exponent, is_currency, numeric


@pytest.mark.parametrize(
    ("digits", "codes"),
    [
        (0, "JPY KRW CLP ISK VND XAF XOF XPF UGX PYG RWF"),
        (2, "CHF EUR USD GBP HUF TWD AFN ALL IRR KPW LAK LBP MGA MMK RSD SOS SYP YER CVE"),
        (3, "BHD KWD OMR JOD TND LYD IQD"),
    ],
)
def test_minor_digits_are_those_of_iso(digits: int, codes: str) -> None:
    assert {code: exponent(code) for code in codes.split()} == dict.fromkeys(codes.split(), digits)


@pytest.mark.parametrize(("code", "number"), [("CHF", "756"), ("EUR", "978"), ("ALL", "008"), ("BHD", "048")])
def test_numbers_have_three_digits_and_lead_back(code: str, number: str) -> None:
    assert numeric(code) == number
    assert by_numeric(number) == code


def test_every_number_leads_back_to_its_code() -> None:
    assert [by_numeric(row.numeric) for row in CURRENCIES.values()] == list(CURRENCIES)
    assert list(CURRENCIES) == sorted(CURRENCIES)


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "CHE", "CHW", "CLF", "USN", "DEM", "chf", "", "€"])
def test_metals_funds_tests_and_old_money_are_not_in_use(code: str) -> None:
    assert not is_currency(code)
    with pytest.raises(UnknownCurrency):
        exponent(code)


def test_an_unknown_number_is_refused() -> None:
    with pytest.raises(UnknownCurrency):
        by_numeric("999")
