"""The table of payment methods says what the behaviour list says."""

import json
from pathlib import Path

import pytest

from paygate.methods import ALL_CARDS, METHODS, Method, is_method, method

SPECIFICATION = Path(__file__).parent.parent / "docs" / "spec" / "api.json"


def names(question: str) -> set[str]:
    return {row.name for row in METHODS.values() if getattr(row, question)}


def test_each_method_is_found_under_its_own_name() -> None:
    assert method("VISA").label == "Visa"
    assert all(row.name == name for name, row in METHODS.items())
    assert not is_method(ALL_CARDS)
    with pytest.raises(KeyError):
        method("visa")


def test_every_method_that_shops_may_ask_for_is_in_the_table() -> None:
    listed: set[str] = set()

    def collect(node: object) -> None:
        if isinstance(node, dict):
            if node.get("name") == "PaymentMethods":
                listed.update(node.get("enum", []))
            for value in node.values():
                collect(value)
        elif isinstance(node, list):
            for value in node:
                collect(value)

    collect(json.loads(SPECIFICATION.read_text()))

    assert {"VISA", "TWINT", "WERO"} <= listed
    assert {row.wire_name for row in METHODS.values()} == listed - {ALL_CARDS}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("pre_authorization", "VISA VPAY MASTERCARD MAESTRO"),
        ("in_batch", "VISA VPAY MASTERCARD MAESTRO AMEX DINERS JCB TWINT"),
        ("three_ds", "VISA VPAY MASTERCARD MAESTRO AMEX DINERS BANCONTACT"),
        ("is_card", "VISA VPAY MASTERCARD MAESTRO AMEX DINERS JCB BANCONTACT UNIONPAY"),
        (
            "needs_capture",
            "VISA VPAY MASTERCARD MAESTRO AMEX DINERS JCB BANCONTACT TWINT POSTFINANCEPAY PAYPAL KLARNA DIRECTDEBIT",
        ),
        (
            "storable",
            "VISA VPAY MASTERCARD MAESTRO AMEX DINERS JCB BANCONTACT TWINT POSTFINANCEPAY PAYPAL DIRECTDEBIT",
        ),
        ("multipart", "VISA VPAY MASTERCARD MAESTRO AMEX DINERS JCB PAYPAL KLARNA"),
    ],
)
def test_who_can_do_what(question: str, expected: str) -> None:
    assert names(question) == set(expected.split())


def test_money_goes_back_except_where_a_bank_file_or_nothing_does_it() -> None:
    assert set(METHODS) - names("refundable") == {"DIRECTDEBIT", "IDEAL", "EPRZELEWY"}


def test_what_goes_in_the_batch_is_captured_first() -> None:
    assert names("in_batch") <= names("needs_capture")
    assert names("pre_authorization") <= names("needs_capture")


@pytest.mark.parametrize(
    ("name", "normal", "pre_authorized"),
    [("VISA", 10, 30), ("MAESTRO", 10, 30), ("AMEX", 10, 10), ("TWINT", 7, 7), ("POSTFINANCEPAY", 30, 30)],
)
def test_how_long_the_money_is_held(name: str, normal: int, pre_authorized: int) -> None:
    assert method(name).days_guaranteed(pre_authorization=False) == normal
    assert method(name).days_guaranteed(pre_authorization=True) == pre_authorized


def test_twint_is_paid_in_francs_and_cards_in_anything() -> None:
    assert method("TWINT").takes("CHF")
    assert not method("TWINT").takes("EUR")
    assert method("VISA").takes("JPY")


def test_v_pay_is_visa_on_the_wire() -> None:
    assert method("VPAY").wire_name == "VISA"
    assert method("TWINT").wire_name == "TWINT"


def test_a_method_says_nothing_it_was_not_told() -> None:
    quiet = Method("NEW", "New")

    assert not any((quiet.is_card, quiet.needs_capture, quiet.in_batch, quiet.three_ds, quiet.storable))
