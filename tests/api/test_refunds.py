"""Refunds by programs (behaviour.md I)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from paygate import clock
from paygate.acquiring.simulator.faults import set_fault
from paygate.api.payment import refund as calls
from paygate.journal.batch_close import close_batch
from paygate.journal.models import Entry
from paygate.journal.unanswered import ask_again
from paygate.merchants.models import Preferences
from paygate.merchants.reach import system
from tests.api.program import Answer, Json, Program
from tests.api.test_interrupted import Killed, dying
from tests.api.test_payments import by_id
from tests.at_once import at_once
from tests.invariants import assert_invariants_hold
from tests.make.books import asked_of_acquirer, booking
from tests.make.journal import reservation
from tests.make.money import chf


@pytest.fixture
def payment(alpenblick) -> Entry:
    """CHF 120.00, booked just now."""
    return booking(alpenblick, chf(120), now=clock.now(), reference="A-1")


def wish(payment: Entry, minor: int, currency: str = "CHF", **more: Any) -> Json:
    return {
        "CaptureReference": {"CaptureId": f"{payment.transaction_id}_c"},
        "Refund": {"Amount": {"Value": str(minor), "CurrencyCode": currency}, **more},
    }


def pay_back(shop: Program, payment: Entry, minor: int, **more: Any) -> Answer:
    return shop.call("Transaction/Refund", wish(payment, minor, **more))


def test_a_capture_is_refunded_and_the_refund_is_captured(shop, payment, alpenblick):
    """behaviour.md H-5, I-4."""
    told = pay_back(shop, payment, 5000, OrderId="A-1-back").body

    made = Entry.objects.get(type="REFUND")
    assert made.origin == "PROGRAM", "though what it pays back came from Secure PayGate"
    assert made.booking == "FINAL", "it waits to be captured"
    assert told["Transaction"] | {"Date": "", "AcquirerReference": "", "ApprovalCode": ""} == {
        "Type": "REFUND",
        "Status": "AUTHORIZED",
        "Id": made.transaction_id,
        "Date": "",
        "Amount": {"Value": "5000", "CurrencyCode": "CHF"},
        "OrderId": "A-1-back",
        "AcquirerName": "Visa PayGate Test",
        "AcquirerReference": "",
        "SixTransactionReference": f"0:0:3:{made.transaction_id}",
        "ApprovalCode": "",
    }
    assert told["PaymentMeans"]["Card"]["MaskedNumber"] == "90100031xxxx0001"
    captured = shop.call("Transaction/Capture", by_id(made))
    assert (captured.status, captured.body["Status"]) == (200, "CAPTURED")
    asked = shop.call("Transaction/AssertRefund", by_id(made))
    assert (asked.body["Status"], asked.body["TransactionId"]) == ("CAPTURED", made.transaction_id)
    close_batch(alpenblick, by=system(alpenblick.merchant_id), now=clock.now())
    assert_invariants_hold()


def test_one_that_is_not_captured_is_canceled(shop, payment):
    """behaviour.md I-1."""
    pay_back(shop, payment, 12000)
    made = Entry.objects.get(type="REFUND")
    assert shop.call("Transaction/AssertRefund", by_id(made)).error == "TRANSACTION_IN_WRONG_STATE"

    assert shop.call("Transaction/Cancel", by_id(made)).status == 200

    assert Entry.objects.get(pk=payment.pk).refunded_minor == 0
    assert shop.call("Transaction/Capture", by_id(made)).error == "TRANSACTION_IN_WRONG_STATE"
    assert pay_back(shop, payment, 12000).status == 200


def test_its_capture_has_a_date_of_its_own(shop, payment, monkeypatch):
    """behaviour.md H-5: it may be captured hours after it was made, now or when somebody asks."""
    pay_back(shop, payment, 5000)
    made = Entry.objects.get(type="REFUND")
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)

    captured = shop.call("Transaction/Capture", by_id(made)).body

    assert datetime.fromisoformat(captured["Date"]) == later.replace(
        microsecond=later.microsecond // 1000 * 1000
    )
    asked = shop.call("Transaction/AssertCapture", {"CaptureReference": {"CaptureId": captured["CaptureId"]}})
    assert asked.body["Date"] == captured["Date"]


def test_it_is_captured_whole(shop, payment):
    pay_back(shop, payment, 5000)
    made = Entry.objects.get(type="REFUND")

    less = {**by_id(made), "Amount": {"Value": "4000", "CurrencyCode": "CHF"}}

    assert shop.call("Transaction/Capture", less).error == "AMOUNT_INVALID"


def test_the_sum_is_only_looked_at_on_wish(shop, payment):
    """behaviour.md I-5."""
    assert pay_back(shop, payment, 9000).status == 200
    held = pay_back(shop, payment, 3001, RestrictRefundAmountToCapturedAmount=True)
    assert held.error == "AMOUNT_INVALID"

    assert pay_back(shop, payment, 3001).status == 200

    assert Entry.objects.get(pk=payment.pk).refunded_minor == 12001
    assert_invariants_hold()


def test_refusals_say_what_is_wrong(shop, payment, alpenblick):
    reserved = reservation(alpenblick)
    never = {**wish(payment, 100), "CaptureReference": {"CaptureId": "nothing_c"}}

    assert pay_back(shop, reserved, 100).error == "TRANSACTION_IN_WRONG_STATE"
    assert pay_back(shop, payment, 100, currency="EUR").error == "CURRENCY_INVALID"
    assert shop.call("Transaction/Refund", never).error == "TRANSACTION_NOT_FOUND"
    assert pay_back(shop, payment, 0).error == "AMOUNT_INVALID"
    Entry.objects.filter(pk=payment.pk).update(method="IDEAL")
    assert pay_back(shop, payment, 100).error == "ACTION_NOT_SUPPORTED"
    assert asked_of_acquirer("REFUND") == []


def test_foreign_and_unknown_captures_are_the_same(stranger, payment):
    foreign = stranger.call("Transaction/Refund", wish(payment, 100), RequestId="a")
    body = {**wish(payment, 100), "CaptureReference": {"CaptureId": "nothing_c"}}

    assert foreign == stranger.call("Transaction/Refund", body, RequestId="a")
    assert foreign.error == "TRANSACTION_NOT_FOUND"


def test_above_the_merchants_limit_a_program_alone_is_not_enough(shop, payment):
    """safety.md AU-5."""
    Preferences.objects.update_or_create(merchant=payment.merchant, defaults={"refund_limit": 50})

    assert pay_back(shop, payment, 5001).error == "PERMISSION_DENIED"
    assert pay_back(shop, payment, 5000).status == 200


def test_a_payments_number_means_the_payment_and_not_its_refund(shop, payment):
    pay_back(shop, payment, 5000)

    told = shop.call("Transaction/Inquire", {"TransactionReference": {"OrderId": "A-1"}}).body

    assert told["Transaction"]["Type"] == "PAYMENT"


def test_a_no_says_why(shop, payment):
    set_fault("REFUND", "soft_decline")

    told = pay_back(shop, payment, 5000)

    assert told.status == 402
    assert Entry.objects.get(pk=payment.pk).refunded_minor == 0


def test_the_same_request_refunds_once(shop, payment):
    """safety.md ID-3."""
    first = shop.call("Transaction/Refund", wish(payment, 5000), RequestId="r")

    assert shop.call("Transaction/Refund", wish(payment, 5000), RequestId="r") == first
    assert len(asked_of_acquirer("REFUND")) == 1


def test_without_an_answer_the_same_request_finds_out(shop, payment, monkeypatch):
    """safety.md ST-5: never sent again."""
    set_fault("REFUND", "drop_after_commit")
    first = shop.call("Transaction/Refund", wish(payment, 5000), RequestId="r")
    made = Entry.objects.get(type="REFUND")
    assert (first.error, first.body["TransactionId"]) == ("COMMUNICATION_TIMEOUT", made.transaction_id)
    waiting = shop.call("Transaction/AssertRefund", by_id(made)).body
    assert waiting["Status"] == "PENDING"
    assert "Date" not in waiting

    later = clock.now() + timedelta(seconds=101)
    monkeypatch.setattr(clock, "now", lambda: later)
    ask_again(made.movements.get().pk, now=later)
    again = shop.call("Transaction/Refund", wish(payment, 5000), RequestId="r")

    assert (again.status, again.body["Transaction"]["Id"]) == (200, made.transaction_id)
    assert len(asked_of_acquirer("REFUND")) == 1


def test_after_a_death_its_repeat_finds_it(shop, payment, monkeypatch):
    with monkeypatch.context() as dies, pytest.raises(Killed):
        dies.setattr(calls, "_told", dying)
        shop.call("Transaction/Refund", wish(payment, 5000), RequestId="r")

    later = clock.now() + timedelta(seconds=101)
    monkeypatch.setattr(clock, "now", lambda: later)
    again = shop.call("Transaction/Refund", wish(payment, 5000), RequestId="r")

    assert again.body["Transaction"]["Id"] == Entry.objects.get(type="REFUND").transaction_id
    assert len(asked_of_acquirer("REFUND")) == 1


def test_what_never_left_is_refunded_by_sending_the_same_again(shop, payment):
    """It was called a refusal by the acquirer, which had never heard of it, for a whole day."""
    set_fault("REFUND", "refuse_connect")
    lost = shop.call("Transaction/Refund", wish(payment, 5000), RequestId="r")
    assert (lost.error, lost.body["Behavior"]) == ("COMMUNICATION_FAILED", "RETRY")

    again = shop.call("Transaction/Refund", wish(payment, 5000), RequestId="r")

    assert again.status == 200
    assert shop.call("Transaction/Refund", wish(payment, 5000), RequestId="r") == again
    assert len(asked_of_acquirer("REFUND")) == 1


def test_old_programs_name_the_transaction(shop, payment):
    """behaviour.md B-3: before 1.10."""
    body = {
        "TransactionReference": {"TransactionId": payment.transaction_id},
        "Refund": {"Amount": {"Value": "100", "CurrencyCode": "CHF"}},
    }

    assert shop.call("Transaction/Refund", body, version="1.9").status == 200


def test_the_report_knows_refunds(shop, payment, alpenblick, monkeypatch):
    pay_back(shop, payment, 5000)
    later = clock.now() + timedelta(days=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    begin, end = (later - timedelta(days=5)).date(), (later - timedelta(days=1)).date()
    span = {"StartDate": f"{begin}T00:00", "EndDate": f"{end}T00:00"}

    told = shop.rest("GET", "transactions", query=span).body

    kinds = {
        one["AuthorizationDetails"]["Type"]: one["AuthorizationDetails"]["IsRefunded"]
        for one in told["Transactions"]
    }
    assert kinds == {"PAYMENT": True, "REFUND": False}


@pytest.mark.django_db(transaction=True)
def test_the_same_request_at_the_same_moment_refunds_once(shop, payment, transactional_db):
    outcomes = at_once(*[lambda: shop.call("Transaction/Refund", wish(payment, 5000), RequestId="r")] * 4)

    assert {one.body["Transaction"]["Id"] for one in outcomes} == {
        Entry.objects.get(type="REFUND").transaction_id
    }
    assert len(asked_of_acquirer("REFUND")) == 1


def test_nobody_could_be_reached_is_no_decline_and_the_same_request_refunds(shop, payment):
    set_fault("REFUND", "refuse_connect")
    first = shop.call("Transaction/Refund", wish(payment, 5000), RequestId="r")
    assert (first.error, first.body["Behavior"]) == ("COMMUNICATION_FAILED", "RETRY")

    again = shop.call("Transaction/Refund", wish(payment, 5000), RequestId="r")

    assert (again.status, again.body["Transaction"]["Status"]) == (200, "AUTHORIZED")
    assert sorted(Entry.objects.filter(type="REFUND").values_list("state", flat=True)) == [
        "AUTHORIZED",
        "FAILED",
    ]
    assert len(asked_of_acquirer("REFUND")) == 1
    assert_invariants_hold()
