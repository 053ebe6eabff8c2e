"""Credits to a card that paid nothing before (behaviour.md I-7)."""

from datetime import timedelta
from typing import Any

import pytest

from paygate import clock
from paygate.acquiring.simulator.faults import set_fault
from paygate.api.payment import refund as calls
from paygate.audit.models import AuditLine
from paygate.checkout.giving_back import put
from paygate.journal.batch_close import close_batch
from paygate.journal.models import Entry
from paygate.journal.unanswered import ask_again
from paygate.merchants.models import Licence, Preferences
from paygate.merchants.reach import system
from tests.api.program import Answer, Program
from tests.api.test_interrupted import Killed, dying
from tests.api.test_payments import by_id
from tests.at_once import at_once
from tests.invariants import assert_invariants_hold
from tests.make.books import asked_of_acquirer, the_open_period
from tests.make.journal import DECLINED_VISA, GOOD_VISA

CARD = {"Number": GOOD_VISA, "ExpMonth": 12, "ExpYear": 2030}


def send(shop: Program, minor: int = 5000, means: Any = None, currency: str = "CHF", **more: Any) -> Answer:
    """The shop sends money. `more`: members of the request header, or `refund` for those of the refund."""
    body = {
        "TerminalId": more.pop("terminal", "17000011"),
        "Refund": {
            "Amount": {"Value": str(minor), "CurrencyCode": currency},
            "OrderId": "back-1",
            **more.pop("refund", {}),
        },
        "PaymentMeans": means or {"Card": CARD},
        **more.pop("body", {}),
    }
    return shop.call("Transaction/RefundDirect", body, **more)


def the_credit() -> Entry:
    return Entry.objects.get(type="REFUND")


def test_money_is_sent_to_a_card_and_captured(shop, alpenblick):
    told = send(shop, refund={"Description": "A thank you"}).body

    made = the_credit()
    assert told["Transaction"] | {"Date": "", "AcquirerReference": "", "ApprovalCode": ""} == {
        "Type": "REFUND",
        "Status": "AUTHORIZED",
        "Id": made.transaction_id,
        "Date": "",
        "Amount": {"Value": "5000", "CurrencyCode": "CHF"},
        "OrderId": "back-1",
        "AcquirerName": "Visa PayGate Test",
        "AcquirerReference": "",
        "SixTransactionReference": f"0:0:3:{made.transaction_id}",
        "ApprovalCode": "",
    }
    assert told["PaymentMeans"]["Card"]["MaskedNumber"] == "90100031xxxx0001"
    assert (made.pays_back, made.description) == (None, "A thank you")
    assert shop.call("Transaction/Inquire", by_id(made)).body["Transaction"]["Type"] == "REFUND"
    assert shop.call("Transaction/Capture", by_id(made)).body["Status"] == "CAPTURED"
    assert the_open_period(alpenblick).lines.get().earned.minor == -5000
    assert AuditLine.objects.filter(
        action="payment refunded", subject=f"entry:{made.transaction_id}"
    ).exists()
    close_batch(alpenblick, by=system(alpenblick.merchant_id), now=clock.now())
    assert_invariants_hold()


def test_it_goes_to_a_stored_card(shop):
    stored = shop.call(
        "Alias/InsertDirect", {"RegisterAlias": {"IdGenerator": "RANDOM"}, "PaymentMeans": {"Card": CARD}}
    ).body["Alias"]["Id"]

    assert send(shop, means={"Alias": {"Id": stored}}).status == 200
    assert send(shop, means={"Alias": {"Id": "nobody"}}).error == "ALIAS_INVALID"
    assert the_credit().means == "901000xxxxxx0001"


def test_a_stored_card_needs_its_licence(shop):
    Licence.objects.filter(merchant=shop.merchant).update(features=["PAYMENT_API"])

    assert send(shop, means={"Alias": {"Id": "a"}}).error == "PERMISSION_DENIED"


def test_one_that_is_not_captured_is_canceled(shop):
    send(shop)

    assert shop.call("Transaction/Cancel", by_id(the_credit())).status == 200
    assert the_credit().state == "CANCELED"
    assert_invariants_hold()


def test_it_is_no_payment_and_is_not_refunded(shop):
    send(shop)
    body = {
        "CaptureReference": {"CaptureId": f"{the_credit().transaction_id}_c"},
        "Refund": {"Amount": {"Value": "1", "CurrencyCode": "CHF"}},
    }

    assert shop.call("Transaction/Refund", body).error == "TRANSACTION_IN_WRONG_STATE"
    assert shop.call("Transaction/MultipartCapture", {
        **by_id(the_credit()),
        "Type": "PARTIAL",
        "OrderPartId": "a",
        "Amount": {"Value": "1", "CurrencyCode": "CHF"},
    }).error == "ACTION_NOT_SUPPORTED"  # fmt: skip


def test_refusals_say_what_is_wrong(shop):
    two = {"Card": CARD, "Alias": {"Id": "a"}}
    account = {"BankAccount": {"IBAN": "DE89370400440532013000"}}

    assert send(shop, 0).error == "AMOUNT_INVALID"
    assert send(shop, currency="JPY").error == "NO_CONTRACT"
    assert send(shop, terminal="99999999").error == "PERMISSION_DENIED"
    assert send(shop, means=two).error == "VALIDATION_FAILED"
    assert send(shop, means=account).error == "PAYMENTMEANS_NOT_SUPPORTED"
    assert send(shop, means={"Card": {**CARD, "ExpYear": 2001}}).error == "VALIDATION_FAILED"
    assert (
        send(shop, body={"OriginalCreditTransfer": {"Recipient": {"City": "Bern"}}}).error
        == "ACTION_NOT_SUPPORTED"
    )
    for place in ("OrderId", "Description"):
        told = send(shop, refund={place: GOOD_VISA})
        assert (told.error, f"Refund.{place}" in told.details) == ("VALIDATION_FAILED", True)
    assert asked_of_acquirer("REFUND") == []
    assert not Entry.objects.exists()


def test_cards_that_take_money_back_for_a_payment_only(shop):
    """I-8."""
    told = send(shop, means={"Card": {**CARD, "Number": "91108000500000005"}}, currency="EUR")

    assert told.error in ("PAYMENTMEANS_NOT_SUPPORTED", "NO_CONTRACT")
    assert asked_of_acquirer("REFUND") == []


def test_another_merchants_terminal_sends_nothing(stranger):
    assert send(stranger).error == "PERMISSION_DENIED"


def test_above_the_merchants_limit_a_program_alone_is_not_enough(shop):
    """safety.md AU-5."""
    Preferences.objects.update_or_create(merchant=shop.merchant, defaults={"refund_limit": 50})

    assert send(shop, 5001).error == "PERMISSION_DENIED"
    assert send(shop, 5000).status == 200


def test_a_no_says_why_and_nobody_tries_out_cards(shop, settings):
    """safety.md CT-2."""
    settings.PAYGATE_LIMITS = "strict"
    bad = {"Card": {**CARD, "Number": DECLINED_VISA}}

    answers = [send(shop, 5051, means=bad).error for _ in range(6)]

    assert answers == ["TRANSACTION_DECLINED"] * 5 + ["BLOCKED_BY_RISK_MANAGEMENT"]
    assert set(Entry.objects.values_list("state", flat=True)) == {"DECLINED"}
    assert_invariants_hold()


def test_no_card_is_kept(shop):
    """safety.md CD-1."""
    send(shop, means={"Card": {**CARD, "VerificationCode": "123"}})

    rows = [*Entry.objects.values(), *the_credit().movements.values(), *asked_of_acquirer("REFUND")]
    assert GOOD_VISA not in str(rows)


class TestTheSameRequest:
    """safety.md ID-3, ID-4."""

    def test_sends_once(self, shop):
        first = send(shop, RequestId="r")

        assert send(shop, RequestId="r") == first
        assert len(asked_of_acquirer("REFUND")) == 1

    def test_finds_out_what_had_no_answer(self, shop, monkeypatch):
        set_fault("REFUND", "drop_after_commit")
        assert send(shop, RequestId="r").error == "COMMUNICATION_TIMEOUT"
        later = clock.now() + timedelta(seconds=101)
        monkeypatch.setattr(clock, "now", lambda: later)
        ask_again(the_credit().movements.get().pk, now=later)

        assert send(shop, RequestId="r").body["Transaction"]["Id"] == the_credit().transaction_id
        assert len(asked_of_acquirer("REFUND")) == 1
        assert_invariants_hold()

    def test_is_found_after_a_death(self, shop, monkeypatch):
        with monkeypatch.context() as dies, pytest.raises(Killed):
            dies.setattr(calls, "_told", dying)
            send(shop, RequestId="r")
        later = clock.now() + timedelta(seconds=101)
        monkeypatch.setattr(clock, "now", lambda: later)

        assert send(shop, RequestId="r").status == 200
        assert len(asked_of_acquirer("REFUND")) == 1

    def test_sends_after_nobody_could_be_reached(self, shop):
        set_fault("REFUND", "refuse_connect")
        assert send(shop, RequestId="r").error == "COMMUNICATION_FAILED"

        assert send(shop, RequestId="r").status == 200
        assert len(asked_of_acquirer("REFUND")) == 1

    @pytest.mark.django_db(transaction=True)
    def test_sends_once_at_the_same_moment(self, shop, transactional_db):
        outcomes = at_once(*[lambda: send(shop, RequestId="r")] * 4)

        assert {one.body["Transaction"]["Id"] for one in outcomes} == {the_credit().transaction_id}
        assert len(asked_of_acquirer("REFUND")) == 1


def test_half_a_credit_is_given_back(shop):
    """safety.md OC-2."""
    set_fault("REFUND", "partial_amount")
    send(shop)
    movement = the_credit().movements.get(kind="REFUND")

    put(movement.give_backs.get().pk, now=clock.now())
    ask_again(movement.pk, now=clock.now() + timedelta(seconds=3))

    assert the_credit().state == "DECLINED"
    assert not [row for row in asked_of_acquirer("REFUND") if row["code"] == "00" and not row["undone"]]
