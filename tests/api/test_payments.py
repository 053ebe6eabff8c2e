"""What programs do with payments: assert, inquire, capture, cancel, close (behaviour.md D, H, I, L, S)."""

from datetime import timedelta

import pytest

from paygate import clock
from paygate.acquiring.simulator.faults import set_fault
from paygate.checkout.models import Session
from paygate.journal.capture import capture
from paygate.journal.models import BookingPeriod, Entry, Movement
from paygate.journal.unanswered import ask_again
from paygate.merchants.models import Terminal
from paygate.merchants.reach import system
from tests.api.program import Answer, Json, Program
from tests.at_once import at_once
from tests.make.journal import reservation
from tests.make.money import chf
from tests.make.offers import offer
from tests.make.walk import BY_AMOUNT, pay

CHALLENGED = "9010004950000001"  # stops at the bank's question


@pytest.fixture
def paid(alpenblick: Terminal) -> Entry:
    """CHF 120.00 of an offer, reserved just now."""
    pay(offer(alpenblick, chf(120), reference="A-1", payer_email="max@example.org"), now=clock.now())
    return Entry.objects.get()


def token() -> str:
    return str(Session.objects.get().token)


def by_id(entry: Entry) -> dict[str, object]:
    return {"TransactionReference": {"TransactionId": entry.transaction_id}}


class TestAssert:
    def test_the_token_of_secure_paygate_tells_the_payment(self, shop, paid):
        """SPG-SET-19 to 21: `OrderId` is the offer's reference (behaviour.md M-11)."""
        told = shop.call("PaymentPage/Assert", {"Token": token()}).body

        assert told["Transaction"] | {"Date": "", "AcquirerReference": "", "ApprovalCode": ""} == {
            "Type": "PAYMENT",
            "Status": "AUTHORIZED",
            "Id": paid.transaction_id,
            "Date": "",
            "Amount": {"Value": "12000", "CurrencyCode": "CHF"},
            "OrderId": "A-1",
            "AcquirerName": "Visa PayGate Test",
            "AcquirerReference": "",
            "SixTransactionReference": f"0:0:3:{paid.transaction_id}",
            "ApprovalCode": "",
        }
        assert told["PaymentMeans"]["Brand"]["PaymentMethod"] == "VISA"
        assert told["PaymentMeans"]["DisplayText"] == "xxxx xxxx xxxx 0001"
        assert told["PaymentMeans"]["Card"]["MaskedNumber"] == "90100031xxxx0001"  # behaviour.md P-2
        older = shop.call("PaymentPage/Assert", {"Token": token()}, version="1.52").body
        assert older["PaymentMeans"]["Card"]["MaskedNumber"] == "901000xxxxxx0001"
        assert told["Payer"]["BillingAddress"] == {"Email": "max@example.org"}
        assert told["Liability"]["LiabilityShift"] is True
        assert told["Liability"]["ThreeDs"]["AuthenticationType"] == "FRICTIONLESS"

    def test_while_the_payer_is_at_it(self, shop, alpenblick):
        """behaviour.md D-9."""
        pay(offer(alpenblick), number=CHALLENGED, now=clock.now())

        assert shop.call("PaymentPage/Assert", {"Token": token()}).error == "TRANSACTION_IN_WRONG_STATE"

    def test_a_declined_payment_says_why(self, shop, alpenblick):
        """behaviour.md D-8: with the ids, and what the acquirer said."""
        pay(offer(alpenblick, chf("100.65"), reference="A-2"), number=BY_AMOUNT, now=clock.now())
        pay(offer(alpenblick, chf("100.51"), reference="A-3"), number=BY_AMOUNT, now=clock.now())
        soft, poor = (
            shop.call("PaymentPage/Assert", {"Token": one.token}) for one in Session.objects.order_by("pk")
        )

        assert poor.status == 402
        assert poor.error == "TRANSACTION_DECLINED"
        assert poor.body["OrderId"] == "A-3"
        assert poor.body["ProcessorResult"] == "51"
        assert poor.body["TransactionId"] == Entry.objects.get(reference="A-3").transaction_id
        assert soft.error in ("PAYER_AUTHENTICATION_REQUIRED", "TRANSACTION_DECLINED")

    def test_after_a_day_the_token_is_good_for_nothing(self, shop, paid, monkeypatch):
        """behaviour.md D-3."""
        later = clock.now() + timedelta(hours=24, minutes=1)
        monkeypatch.setattr(clock, "now", lambda: later)

        assert shop.call("PaymentPage/Assert", {"Token": token()}).error == "TOKEN_EXPIRED"

    def test_foreign_and_unknown_tokens_are_the_same(self, shop, stranger, paid):
        foreign = stranger.call("PaymentPage/Assert", {"Token": token()}, RequestId="a")
        unknown = stranger.call("PaymentPage/Assert", {"Token": "nothing"}, RequestId="a")

        assert foreign == unknown
        assert foreign.error == "TOKEN_INVALID"


class TestInquire:
    def test_by_id_and_by_order(self, shop, paid):
        """behaviour.md S-1."""
        one = shop.call("Transaction/Inquire", by_id(paid), RequestId="a")
        other = shop.call("Transaction/Inquire", {"TransactionReference": {"OrderId": "A-1"}}, RequestId="a")

        assert one == other
        assert one.body["Transaction"]["Id"] == paid.transaction_id

    def test_only_what_succeeded(self, shop, alpenblick):
        pay(offer(alpenblick, chf("100.51")), number=BY_AMOUNT, now=clock.now())

        assert shop.call("Transaction/Inquire", by_id(Entry.objects.get())).error == "TRANSACTION_NOT_FOUND"


class TestCapture:
    def test_whole_and_once(self, shop, paid):
        """behaviour.md H-3, H-4."""
        first = shop.call("Transaction/Capture", by_id(paid))
        second = shop.call("Transaction/Capture", by_id(paid))

        assert (first.status, first.body["Status"]) == (200, "CAPTURED")
        assert first.body["CaptureId"] == f"{paid.transaction_id}_c"
        assert (second.status, second.error) == (402, "TRANSACTION_ALREADY_CAPTURED")
        asserted = shop.call(
            "Transaction/AssertCapture", {"CaptureReference": {"CaptureId": first.body["CaptureId"]}}
        )
        assert asserted.body["Status"] == "CAPTURED"
        assert asserted.body["TransactionId"] == paid.transaction_id
        told = shop.call("Transaction/Inquire", by_id(paid)).body["Transaction"]
        assert (told["Status"], told["CaptureId"]) == ("CAPTURED", first.body["CaptureId"])

    def test_less_but_never_more_nor_in_other_money(self, shop, paid):
        def error(value: str, currency: str = "CHF") -> str:
            amount = {"Value": value, "CurrencyCode": currency}
            return str(shop.call("Transaction/Capture", {**by_id(paid), "Amount": amount}).error)

        assert error("12001") == "AMOUNT_INVALID"
        assert error("100", "EUR") == "CURRENCY_INVALID"
        assert error("0") == "AMOUNT_INVALID"
        assert error("5000") == ""
        paid.refresh_from_db()
        assert paid.booked_minor == 5000

    def test_the_same_request_is_answered_from_memory(self, shop, paid):
        """safety.md ID-3: whatever RetryIndicator says; with another body it is refused."""
        first = shop.call("Transaction/Capture", by_id(paid), RequestId="c")
        again = shop.call("Transaction/Capture", by_id(paid), RequestId="c")
        retry = shop.call("Transaction/Capture", by_id(paid), RequestId="c", RetryIndicator=1)
        amount = {"Value": "1", "CurrencyCode": "CHF"}
        other = shop.call(
            "Transaction/Capture", {**by_id(paid), "Amount": amount}, RequestId="c", RetryIndicator=1
        )

        assert first == again == retry
        assert (other.status, other.error) == (400, "VALIDATION_FAILED")
        assert Movement.objects.filter(kind="CAPTURE").count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_of_many_at_once_one_wins(self, shop, paid):
        """From within our call and from the return page at the same moment."""
        outcomes: list[Answer] = at_once(*[lambda: shop.call("Transaction/Capture", by_id(paid))] * 6)

        assert sorted(one.status for one in outcomes) == [200, *[402] * 5]
        assert {one.error for one in outcomes} <= {"", "TRANSACTION_ALREADY_CAPTURED"}
        assert Movement.objects.filter(kind="CAPTURE").count() == 1

    def test_no_part_of_it_goes_to_the_seller_of_a_marketplace(self, shop, paid):
        """behaviour.md H-15: a fee that nobody takes would be money that everybody counts on."""
        fee = {"Marketplace": {"SubmerchantId": "17", "Fee": {"Value": "100", "CurrencyCode": "CHF"}}}

        answer = shop.call("Transaction/Capture", by_id(paid) | fee)

        assert (answer.error, "Marketplace" in answer.details) == ("ACTION_NOT_SUPPORTED", True)
        assert not Movement.objects.filter(kind="CAPTURE").exists()

    @pytest.mark.django_db(transaction=True)
    def test_the_same_request_many_times_at_once_is_one_booking(self, shop, paid):
        """safety.md ID-3, ID-4."""
        outcomes: list[Answer] = at_once(
            *[lambda: shop.call("Transaction/Capture", by_id(paid), RequestId="same")] * 6
        )

        assert all(one == outcomes[0] for one in outcomes)
        assert outcomes[0].status == 200
        assert Movement.objects.filter(kind="CAPTURE").count() == 1

    def test_no_answer_is_not_a_no(self, shop, paid):
        """The same request finds out how it ended (safety.md ID-4, OC-2)."""
        set_fault("CAPTURE", "drop_after_commit")
        lost = shop.call("Transaction/Capture", by_id(paid), RequestId="c")
        assert (lost.status, lost.error, lost.body["Behavior"]) == (402, "COMMUNICATION_TIMEOUT", "RETRY")
        still = shop.call("Transaction/Capture", by_id(paid), RequestId="c")
        assert still.error == "COMMUNICATION_TIMEOUT"
        waiting = shop.call(
            "Transaction/AssertCapture", {"CaptureReference": {"CaptureId": f"{paid.transaction_id}_c"}}
        )
        assert waiting.body["Status"] == "PENDING"
        assert "Date" not in waiting.body  # of what has not happened (behaviour.md H-7)

        ask_again(Movement.objects.get(kind="CAPTURE").pk, now=clock.now() + timedelta(hours=1))

        found = shop.call("Transaction/Capture", by_id(paid), RequestId="c")
        assert (found.status, found.body["Status"]) == (200, "CAPTURED")
        assert Movement.objects.filter(kind="CAPTURE").count() == 1

    def test_a_stranger_captures_nothing(self, stranger, paid):
        assert stranger.call("Transaction/Capture", by_id(paid)).error == "TRANSACTION_NOT_FOUND"


class TestCancel:
    def test_a_reservation(self, shop, paid):
        answer = shop.call("Transaction/Cancel", by_id(paid))

        assert answer.body["TransactionId"] == paid.transaction_id
        assert answer.body["OrderId"] == "A-1"
        assert shop.call("Transaction/Inquire", by_id(paid)).body["Transaction"]["Status"] == "CANCELED"
        assert shop.call("Transaction/Cancel", by_id(paid)).error == "TRANSACTION_IN_WRONG_STATE"
        assert shop.call("Transaction/Capture", by_id(paid)).error == "TRANSACTION_IN_WRONG_STATE"

    def test_a_booking_until_the_batch_is_closed(self, shop, paid, alpenblick):
        """behaviour.md I-2, L-2."""
        other = reservation(alpenblick, chf(10))
        for entry in (paid, other):
            capture(entry.pk, by=system(alpenblick.merchant_id), now=clock.now())
        Terminal.objects.update(automatic_closing=False)

        assert shop.call("Transaction/Cancel", by_id(paid)).status == 200
        assert shop.call("Batch/Close", {"TerminalId": "17000011"}).status == 200
        assert shop.call("Transaction/Cancel", by_id(other)).error == "TRANSACTION_ALREADY_CAPTURED"


class TestBatch:
    def test_where_it_closes_by_itself_nothing_is_done(self, shop, paid):
        """behaviour.md L-3, L-5."""
        shop.call("Transaction/Capture", by_id(paid))

        assert shop.call("Batch/Close", {"TerminalId": "17000011"}).status == 200
        assert not BookingPeriod.objects.exclude(state="OPEN").exists()

    def test_a_repeat_closes_no_second_batch(self, shop, paid):
        Terminal.objects.update(automatic_closing=False)
        shop.call("Transaction/Capture", by_id(paid))

        first, again = (
            shop.call("Batch/Close", {"TerminalId": "17000011"}, RequestId="b") for _each in range(2)
        )

        assert first == again
        assert BookingPeriod.objects.exclude(state="OPEN").count() == 1


class TestVersions:
    """Only what the program's version knew (behaviour.md B-3)."""

    def told(self, shop: Program, entry: Entry, version: str) -> Json:
        return shop.call("Transaction/Inquire", by_id(entry), version=version).body

    def test_liability(self, shop, paid):
        assert "ThreeDs" in self.told(shop, paid, "1.8")
        assert "Liability" not in self.told(shop, paid, "1.8")
        assert self.told(shop, paid, "1.21")["Liability"]["LiableEntity"] == "ThreeDs"
        assert self.told(shop, paid, "1.22")["Liability"]["LiableEntity"] == "THREEDS"

    def test_behavior(self, shop):
        nothing = {"TransactionReference": {"TransactionId": "x"}}

        assert shop.call("Transaction/Inquire", nothing, version="1.32").body["Behavior"] == "ABORT"
        assert shop.call("Transaction/Inquire", nothing, version="1.33").body["Behavior"] == "DO_NOT_RETRY"

    def test_capture_reference(self, shop, paid):
        shop.call("Transaction/Capture", by_id(paid))

        assert shop.call("Transaction/AssertCapture", by_id(paid), version="1.9").body["Status"] == "CAPTURED"
        assert (
            shop.call("Transaction/AssertCapture", by_id(paid), version="1.10").error == "VALIDATION_FAILED"
        )
