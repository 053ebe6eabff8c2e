"""Whose card is it?"""

import re
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from paygate.cards.brands import BRANDS, any_brand_of, brand_of
from paygate.methods import method

SANDBOX = Path(__file__).parents[2] / "docs" / "spec" / "sandbox.md"


def sandbox_numbers() -> list[str]:
    """Every test card of the sandbox list whose brand still exists."""
    numbers = re.findall(r"^\| (9\d{15,16}) \|", SANDBOX.read_text(), re.MULTILINE)
    return [number for number in numbers if not number.startswith(("9080", "9090"))]


@pytest.mark.parametrize(
    ("digits", "name"),
    [
        *[("4111111111111111", "VISA"), ("4222222222222", "VISA")],
        *[
            ("5105105105105100", "MASTERCARD"),
            ("2221000000000009", "MASTERCARD"),
            ("2720990000000007", "MASTERCARD"),
        ],
        *[("6759649826438453", "MAESTRO"), ("5018", "MAESTRO"), ("5893", "MAESTRO")],
        *[("378282246310005", "AMEX"), ("341", "AMEX")],
        *[
            ("30569309025904", "DINERS"),
            ("38520000023237", "DINERS"),
            ("6011111111111117", "DINERS"),
            ("6445", "DINERS"),
        ],
        *[("3530111333300000", "JCB"), ("3589", "JCB")],
        *[("67034200554565015", "BANCONTACT"), ("6200000000000005", "UNIONPAY")],
        *[("9010003150000001", "VISA"), ("9030003150000007", "MASTERCARD"), ("9040103204160001", "MAESTRO")],
        *[("9050100052000005", "DINERS"), ("9060100052000003", "JCB"), ("9070003150000008", "AMEX")],
        *[("9100100052000005", "UNIONPAY"), ("91108000500000005", "BANCONTACT")],
    ],
)
def test_the_beginning_of_a_number_tells_its_brand(digits: str, name: str) -> None:
    brand = brand_of(digits)

    assert brand is not None
    assert brand.name == name
    assert brand.label == method(name).label


@pytest.mark.parametrize(
    "digits", ["", "1", "0000000000000000", "2220", "2721", "3527", "3590", "7", "9080", "9999"]
)
def test_other_beginnings_belong_to_nobody(digits: str) -> None:
    assert brand_of(digits) is None


def test_every_sandbox_card_has_a_brand_that_is_marked_as_test() -> None:
    numbers = sandbox_numbers()

    assert len(numbers) > 70
    for number in numbers:
        brand = brand_of(number)
        assert brand is not None
        assert brand.test
        assert len(number) in brand.lengths


def test_where_money_is_real_test_cards_are_no_cards(settings: Settings) -> None:
    settings.PAYGATE_TEST_CARDS = False

    assert brand_of("9010003150000001") is None
    assert brand_of("4111111111111111") is not None
    assert any_brand_of("9010003150000001") is not None


def test_only_maestro_may_come_without_a_code() -> None:
    assert {brand.name for brand in BRANDS if not brand.code_mandatory} == {"MAESTRO"}


def test_each_brand_is_a_card_method_and_no_prefix_has_two_owners() -> None:
    prefixes = [prefix for brand in BRANDS for prefix in brand.prefixes]

    assert all(method(brand.name).is_card for brand in BRANDS)
    assert len(prefixes) == len(set(prefixes))
