"""Captures in parts by programs (behaviour.md H-9 to 14)."""

from datetime import timedelta
from typing import Any

import pytest

from paygate import clock
from paygate.acquiring.simulator.faults import set_fault
from paygate.api.payment import multipart
from paygate.journal.batch_close import close_batch
from paygate.journal.models import Entry, Movement
from paygate.journal.unanswered import ask_again
from paygate.merchants.reach import system
from tests.api.program import Answer, Program
from tests.api.test_interrupted import Killed, dying
from tests.api.test_payments import by_id
from tests.at_once import at_once
from tests.invariants import assert_invariants_hold
from tests.make.books import asked_of_acquirer, booking, wallet_reservation
from tests.make.journal import reservation
from tests.make.money import chf


@pytest.fixture
def payment(alpenblick) -> Entry:
    """CHF 100.00, reserved just now."""
    return reservation(alpenblick, chf(100), reference="A-1")


def part(shop: Program, payment: Entry, name: str, minor: int, type_: str = "PARTIAL", **more: Any) -> Answer:
    """The shop captures a part. `more`: members of the request header."""
    body = {
        **by_id(payment),
        "Type": type_,
        "OrderPartId": name,
        "Amount": {"Value": str(minor), "CurrencyCode": more.pop("currency", "CHF")},
    }
    return shop.call("Transaction/MultipartCapture", body, **more)


def finalize(shop: Program, payment: Entry, **header: Any) -> Answer:
    return shop.call("Transaction/MultipartFinalize", by_id(payment), **header)


def captured(shop: Program, **reference: str) -> Answer:
    return shop.call("Transaction/AssertCapture", {"CaptureReference": reference})


def pay_back(shop: Program, minor: int, **reference: str) -> Answer:
    body = {
        "CaptureReference": reference,
        "Refund": {"Amount": {"Value": str(minor), "CurrencyCode": "CHF"}},
    }
    return shop.call("Transaction/Refund", body)


def test_parts_are_captured_until_the_final_one(shop, payment, alpenblick):
    first = part(shop, payment, "shoes", 4000)
    assert (first.status, first.body["Status"]) == (200, "CAPTURED")
    assert first.body["CaptureId"] == f"{payment.transaction_id}_1_c"
    told = shop.call("Transaction/Inquire", by_id(payment)).body["Transaction"]
    assert (told["Status"], "CaptureId" in told) == ("AUTHORIZED", False)

    last = part(shop, payment, "hat", 3500, "FINAL")

    assert last.body["CaptureId"] == f"{payment.transaction_id}_2_c"
    told = shop.call("Transaction/Inquire", by_id(payment)).body["Transaction"]
    assert (told["Status"], "CaptureId" in told) == ("CAPTURED", False)
    assert part(shop, payment, "gloves", 100).error == "TRANSACTION_ALREADY_CAPTURED"
    assert finalize(shop, payment).error == "TRANSACTION_ALREADY_CAPTURED"
    close_batch(alpenblick, by=system(alpenblick.merchant_id), now=clock.now())
    assert_invariants_hold()


def test_the_rest_is_released(shop, payment):
    part(shop, payment, "shoes", 4000)

    done = finalize(shop, payment)

    assert (done.status, set(done.body)) == (200, {"ResponseHeader"})
    assert Entry.objects.get().state == "CAPTURED"
    assert [row["amount"] for row in asked_of_acquirer("CANCEL")] == [6000]
    assert finalize(shop, payment).error == "TRANSACTION_ALREADY_CAPTURED"
    assert part(shop, payment, "hat", 100).error == "TRANSACTION_ALREADY_CAPTURED"


def test_refusals_say_what_is_wrong(shop, payment, alpenblick):
    part(shop, payment, "shoes", 4000)

    assert part(shop, payment, "hat", 6001).error == "AMOUNT_INVALID"
    assert part(shop, payment, "hat", 0).error == "AMOUNT_INVALID"
    assert part(shop, payment, "hat", 100, currency="EUR").error == "CURRENCY_INVALID"
    assert part(shop, payment, "shoes", 100).error == "TRANSACTION_ALREADY_CAPTURED"
    assert part(shop, payment, "9010003150000001", 100).error == "VALIDATION_FAILED"
    assert part(shop, payment, "hat", 100, "SOME").error == "VALIDATION_FAILED"
    assert part(shop, wallet_reservation(alpenblick, "TWINT"), "hat", 100).error == "ACTION_NOT_SUPPORTED"
    assert part(shop, booking(alpenblick), "hat", 100).error == "TRANSACTION_ALREADY_CAPTURED"
    assert finalize(shop, reservation(alpenblick)).error == "TRANSACTION_IN_WRONG_STATE"
    assert len(asked_of_acquirer("CAPTURE")) == 2


def test_it_is_not_mixed_with_the_other_calls(shop, payment):
    """H-11, H-12."""
    part(shop, payment, "shoes", 4000)

    assert shop.call("Transaction/Capture", by_id(payment)).error == "TRANSACTION_ALREADY_CAPTURED"
    assert shop.call("Transaction/Cancel", by_id(payment)).error == "TRANSACTION_ALREADY_CAPTURED"


def test_foreign_and_unknown_transactions_are_the_same(stranger, payment):
    foreign = part(stranger, payment, "shoes", 100, RequestId="a")
    payment.transaction_id = "nothing"

    assert foreign == part(stranger, payment, "shoes", 100, RequestId="a")
    assert foreign.error == "TRANSACTION_NOT_FOUND"
    assert finalize(stranger, payment).error == "TRANSACTION_NOT_FOUND"


def test_each_part_is_asserted_by_its_capture_or_its_name(shop, payment):
    one = part(shop, payment, "shoes", 4000).body["CaptureId"]
    two = part(shop, payment, "hat", 3500).body["CaptureId"]

    for reference in (
        {"CaptureId": one},
        {"CaptureId": two},
        {"TransactionId": payment.transaction_id, "OrderPartId": "hat"},
        {"OrderId": "A-1", "OrderPartId": "shoes"},
    ):
        told = captured(shop, **reference)
        assert (told.status, told.body["Status"]) == (200, "CAPTURED"), reference
        assert told.body["TransactionId"] == payment.transaction_id
    for unknown in (
        {"CaptureId": f"{payment.transaction_id}_3_c"},
        {"OrderId": "A-1", "OrderPartId": "gloves"},
    ):
        assert captured(shop, **unknown).error == "TRANSACTION_NOT_FOUND"
    unnamed = captured(shop, CaptureId=f"{payment.transaction_id}_c")
    assert (unnamed.error, "name the capture" in unnamed.details) == ("VALIDATION_FAILED", True)


def test_a_refund_names_its_part(shop, payment):
    one = part(shop, payment, "shoes", 4000).body["CaptureId"]
    part(shop, payment, "hat", 3500)

    assert pay_back(shop, 100, OrderId="A-1").error == "VALIDATION_FAILED"
    made = pay_back(shop, 4000, CaptureId=one)
    by_name = pay_back(shop, 500, TransactionId=payment.transaction_id, OrderPartId="hat")

    assert (made.status, by_name.status) == (200, 200)
    assert list(
        Entry.objects.filter(type="REFUND").order_by("pk").values_list("pays_back_part__part", flat=True)
    ) == [
        "shoes",
        "hat",
    ]
    held = {
        "CaptureReference": {"CaptureId": one},
        "Refund": {
            "Amount": {"Value": "1", "CurrencyCode": "CHF"},
            "RestrictRefundAmountToCapturedAmount": True,
        },
    }
    assert shop.call("Transaction/Refund", held).error == "AMOUNT_INVALID"
    assert_invariants_hold()


def test_the_report_knows_parts(shop, payment, monkeypatch):
    part(shop, payment, "shoes", 4000)
    later = clock.now() + timedelta(days=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    begin, end = (later - timedelta(days=5)).date(), (later - timedelta(days=1)).date()
    span = {"StartDate": f"{begin}T00:00", "EndDate": f"{end}T00:00"}

    told = shop.rest("GET", "transactions", query=span).body["Transactions"][0]["AuthorizationDetails"]

    assert (told["HasPartialCaptures"], told["State"]) == (True, "AUTHORIZED")
    assert told["CapturedMerchantAmount"] == {"Value": "4000", "CurrencyCode": "CHF"}


class TestTheSameRequest:
    """safety.md ID-3, ID-4."""

    def test_captures_once(self, shop, payment):
        first = part(shop, payment, "shoes", 4000, RequestId="p")

        assert part(shop, payment, "shoes", 4000, RequestId="p") == first
        assert len(asked_of_acquirer("CAPTURE")) == 1

    def test_finds_out_what_had_no_answer(self, shop, payment, monkeypatch):
        set_fault("CAPTURE", "drop_after_commit")
        assert part(shop, payment, "shoes", 4000, RequestId="p").error == "COMMUNICATION_TIMEOUT"
        assert captured(shop, OrderId="A-1", OrderPartId="shoes").body["Status"] == "PENDING"
        assert part(shop, payment, "hat", 100).error == "TRANSACTION_IN_WRONG_STATE"

        later = clock.now() + timedelta(seconds=101)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert part(shop, payment, "shoes", 4000, RequestId="p").error == "COMMUNICATION_TIMEOUT"
        ask_again(Movement.objects.get(kind="CAPTURE").pk, now=later)
        told = part(shop, payment, "shoes", 4000, RequestId="p")

        assert (told.status, told.body["CaptureId"]) == (200, f"{payment.transaction_id}_1_c")
        assert len(asked_of_acquirer("CAPTURE")) == 1

    def test_may_be_sent_again_after_another_was_on_its_way(self, shop, payment):
        """What a refusal says of this moment is not said for a day."""
        set_fault("CAPTURE", "drop_after_commit")
        part(shop, payment, "shoes", 4000)
        assert part(shop, payment, "hat", 100, RequestId="p").error == "TRANSACTION_IN_WRONG_STATE"
        ask_again(Movement.objects.get(kind="CAPTURE").pk, now=clock.now() + timedelta(seconds=101))

        assert part(shop, payment, "hat", 100, RequestId="p").status == 200

    def test_goes_on_after_nobody_could_be_reached(self, shop, payment, monkeypatch):
        set_fault("CAPTURE", "refuse_connect")
        assert part(shop, payment, "shoes", 4000, RequestId="p").error == "COMMUNICATION_TIMEOUT"

        assert part(shop, payment, "shoes", 4000, RequestId="p").status == 200

    def test_is_found_after_a_death(self, shop, payment, monkeypatch):
        with monkeypatch.context() as dies, pytest.raises(Killed):
            dies.setattr(multipart, "_captured", dying)
            part(shop, payment, "shoes", 4000, RequestId="p")

        later = clock.now() + timedelta(seconds=101)
        monkeypatch.setattr(clock, "now", lambda: later)

        assert part(shop, payment, "shoes", 4000, RequestId="p").status == 200
        assert len(asked_of_acquirer("CAPTURE")) == 1

    def test_releases_once(self, shop, payment, monkeypatch):
        part(shop, payment, "shoes", 4000)
        set_fault("CANCEL", "drop_after_commit")
        assert finalize(shop, payment, RequestId="f").error == "COMMUNICATION_TIMEOUT"
        later = clock.now() + timedelta(seconds=101)
        monkeypatch.setattr(clock, "now", lambda: later)
        ask_again(Movement.objects.get(kind="RELEASE").pk, now=later)

        assert finalize(shop, payment, RequestId="f").status == 200
        assert len(asked_of_acquirer("CANCEL")) == 1

    @pytest.mark.django_db(transaction=True)
    def test_captures_once_at_the_same_moment(self, shop, payment, transactional_db):
        outcomes = at_once(*[lambda: part(shop, payment, "shoes", 4000, RequestId="p")] * 4)

        assert {one.body["CaptureId"] for one in outcomes} == {f"{payment.transaction_id}_1_c"}
        assert len(asked_of_acquirer("CAPTURE")) == 1
