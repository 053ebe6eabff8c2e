"""A reply counts only if it repeats our question exactly."""

import json

import pytest
from django.utils.translation import override

from paygate.acquiring.connector import Approved, Declined, Operation, Unknown
from paygate.acquiring.declines import DECLINES, PAYER_TEXT, DeclineReason, merchant_text
from paygate.acquiring.reply import LONGEST_REPLY, Question, read_answer, redacted
from tests.acquiring.requests import chf

QUESTION = Question(Operation.AUTHORIZE, "auth-1", "17795278", chf(10_000))
GOOD = {
    "op": "AUTH",
    "request_id": "auth-1",
    "terminal": "17795278",
    "amount": 10_000,
    "currency": "CHF",
    "original_request_id": "",
    "result": "00",
    "reference": "their-1",
    "approved_amount": 10_000,
    "approval_code": "A1B2C3",
    "shift_refused": False,
}


def read(question=QUESTION, **changes):
    return read_answer(json.dumps(GOOD | changes).encode(), question)


def test_a_faithful_reply_is_an_answer():
    answer = read()

    assert isinstance(answer, Approved)
    assert (answer.reference, answer.amount, answer.approval_code) == ("their-1", chf(10_000), "A1B2C3")


@pytest.mark.parametrize(
    ("cause", "changes"),
    [
        ("reference", {"request_id": "auth-2"}),
        ("reference", {"request_id": None}),
        ("terminal", {"terminal": "17795279"}),
        ("currency", {"currency": "EUR"}),
        ("operation", {"op": "CAPTURE"}),
        ("original", {"original_request_id": "auth-0"}),
        ("amount", {"amount": 10_001}),
        ("unreadable", {"amount": "10000"}),
        ("unreadable", {"amount": True}),
        ("unreadable", {"amount": 10_000.0}),
        ("code", {"result": "77"}),
        ("code", {"result": 0}),
        ("no_approval_code", {"approval_code": ""}),
        ("no_approval_code", {"approval_code": None}),
        ("amount", {"approved_amount": 10_001}),
        ("amount", {"approved_amount": 0}),
        ("partial", {"approved_amount": 9_999}),
        ("unreadable", {"reference": ""}),
        ("unreadable", {"shift_refused": "no"}),
    ],
)
def test_any_difference_is_no_answer(cause, changes):
    answer = read(**changes)

    assert isinstance(answer, Unknown)
    assert answer.cause == cause


@pytest.mark.parametrize("missing", sorted(GOOD.keys() - {"shift_refused"}))
def test_anything_missing_is_no_answer(missing):
    reply = {key: value for key, value in GOOD.items() if key != missing}

    assert isinstance(read_answer(json.dumps(reply).encode(), QUESTION), Unknown)


REGISTRATION = {"op": "REGISTER", "amount": 0, "approved_amount": 0, "token": "wallet-1"}


def read_registration(**changes):
    question = Question(Operation.REGISTER, "auth-1", "17795278", chf(0))
    return read(question, **(REGISTRATION | changes))


def test_a_registration_of_nothing_brings_a_token_that_prints_itself_nowhere():
    answer = read_registration(token_until="2027-12-27T12:00:00+00:00")

    assert isinstance(answer, Approved)
    assert answer.wallet_token == "wallet-1"
    assert str(answer.wallet_until) == "2027-12-27 12:00:00+00:00"
    assert "wallet-1" not in repr(answer)


@pytest.mark.parametrize(
    ("cause", "changes"),
    [
        ("no_token", {"token": ""}),
        ("no_token", {"token": None}),
        ("unreadable", {"token": 7}),
        ("unreadable", {"token": "x" * 201}),
        ("unreadable", {"token": "9010003150000001"}),
        ("unreadable", {"token_until": "for ever"}),
        ("unreadable", {"token_until": "2027-12-27"}),
        ("amount", {"approved_amount": 1}),
    ],
)
def test_a_registration_without_a_good_token_is_no_answer(cause, changes):
    answer = read_registration(**changes)

    assert isinstance(answer, Unknown)
    assert answer.cause == cause
    assert "wallet-1" not in answer.raw


def test_a_decline_counts_only_with_the_same_echo():
    assert isinstance(read(result="51"), Declined)
    assert isinstance(read(result="51", request_id="auth-2"), Unknown)


def test_less_is_an_answer_where_less_was_allowed():
    question = Question(Operation.AUTHORIZE, "auth-1", "17795278", chf(10_000), allow_partial=True)

    answer = read(question, approved_amount=9_999)

    assert isinstance(answer, Approved)
    assert answer.amount == chf(9_999)


@pytest.mark.parametrize(
    ("cause", "raw"),
    [
        ("unreadable", b""),
        ("unreadable", b"\xff\xfe"),
        ("unreadable", b"[]"),
        ("unreadable", json.dumps(GOOD).encode()[:-1]),
        ("unreadable", json.dumps(GOOD).encode() + b"}"),
        ("unreadable", json.dumps(GOOD).replace("{", '{"result": "05", ', 1).encode()),
        ("unreadable", b"[" * 100_000),
        ("too_long", b" " * (LONGEST_REPLY + 1)),
        ("contradictory", json.dumps(GOOD).encode() + b"\n" + json.dumps(GOOD | {"result": "05"}).encode()),
    ],
)
def test_what_cannot_be_read_to_its_end_is_no_answer(cause, raw):
    answer = read_answer(raw, QUESTION)

    assert isinstance(answer, Unknown)
    assert answer.cause == cause


def test_the_same_reply_twice_is_one_reply():
    once = json.dumps(GOOD).encode()

    assert isinstance(read_answer(once + b"\n" + once, QUESTION), Approved)


@pytest.mark.parametrize(
    "secret", ["9010003150000001", "9010 0031 5000 0001", "9010-0031-5000-0001", "91108000500000005"]
)
def test_the_copy_that_is_kept_shows_no_card_number(secret):
    answer = read(result="ZZ", note=f"card {secret} refused")

    assert isinstance(answer, Unknown)
    assert "ZZ" in answer.raw
    assert secret not in answer.raw


def test_the_copy_that_is_kept_shows_no_security_code():
    assert "123" not in redacted(b'{"card": {"cvc": "123", "holder": "Erika"}, "cvv":"123')


def test_the_copy_that_is_kept_is_short():
    assert len(redacted(b"x" * 100_000)) == 2000


def test_payers_are_told_the_same_whatever_the_reason():
    assert "declined" in str(PAYER_TEXT)
    assert all(str(row.merchant_text) not in str(PAYER_TEXT) for row in DECLINES.values())


def test_merchants_are_told_why():
    with override("en"):
        assert merchant_text(DeclineReason.INVALID_CARD, "04") == "Card invalid"
        assert merchant_text(DeclineReason.INSUFFICIENT_FUNDS) == "Insufficient funds"
        assert all(merchant_text(reason) for reason in DeclineReason)


def test_every_reason_has_a_code():
    found_out_otherwise = {DeclineReason.NEVER_ARRIVED, DeclineReason.DECIDED}

    assert {row.reason for row in DECLINES.values()} == set(DeclineReason) - found_out_otherwise
