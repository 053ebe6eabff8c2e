"""A card is charged again without the payer: a stored one, or that of a first payment (behaviour.md R)."""

from datetime import timedelta
from typing import Any

import pytest

from paygate import clock
from paygate.acquiring.simulator.faults import set_fault
from paygate.aliases.store import AliasWish, store
from paygate.checkout.loose_ends import find_out
from paygate.checkout.models import Attempt
from paygate.journal.models import Entry
from tests.api.direct import DIRECT, wish
from tests.api.program import Answer, Program
from tests.backoffice.reading import words
from tests.make.walk import BY_AMOUNT, card


class TestWithAnAlias:
    def test_a_stored_card_pays(self, shop, alpenblick):
        now = clock.now()
        alias = store(card(), AliasWish(), merchant_id=alpenblick.merchant_id, by="test", now=now)

        answer = shop.call(DIRECT, wish() | {"PaymentMeans": {"Alias": {"Id": alias.name.upper()}}})

        assert answer.body["PaymentMeans"]["Card"]["MaskedNumber"] == "90100031xxxx0001"

    def test_foreign_and_unknown_ones_are_the_same(self, shop, stranger, alpenblick):
        alias = store(card(), AliasWish(), merchant_id=alpenblick.merchant_id, by="test", now=clock.now())
        body = {"TerminalId": "17000099", "PaymentMeans": {"Alias": {"Id": alias.name}}}

        assert stranger.call(DIRECT, wish() | body).error == "ALIAS_INVALID"
        assert shop.call(DIRECT, wish() | {"PaymentMeans": {"Alias": {"Id": "x"}}}).error == "ALIAS_INVALID"

    def test_the_card_may_be_stored_with_the_payment(self, shop, alpenblick):
        """behaviour.md O-4."""
        told = shop.call(DIRECT, wish() | {"RegisterAlias": {"IdGenerator": "RANDOM"}}).body

        name = told["RegistrationResult"]["Alias"]["Id"]
        again = shop.call(DIRECT, wish() | {"PaymentMeans": {"Alias": {"Id": name}}})
        assert again.status == 200


class TestSeries:
    REFERENCED = "Transaction/AuthorizeReferenced"

    def first(self, shop: Program, kind: str = "Recurring") -> str:
        series: dict[str, Any] = {kind: {"Initial": True}}
        told = shop.call(DIRECT, wish(**series)).body
        return str(told["Transaction"]["Id"])

    def again(self, shop: Program, reference: dict[str, str], **more: Any) -> Answer:
        body = {
            "TerminalId": "17000011",
            "Payment": {"Amount": {"Value": "990", "CurrencyCode": "CHF"}, "OrderId": "A-2"},
            "TransactionReference": reference,
        }
        header = {name: more.pop(name) for name in ("RequestId",) if name in more}
        return shop.call(self.REFERENCED, body | more, **header)

    @pytest.mark.parametrize("kind", ["Recurring", "Installment"])
    def test_the_first_payments_card_is_charged_again(self, shop, alpenblick, kind):
        """behaviour.md R-1: by either reference, and for another amount."""
        first = self.first(shop, kind)

        told = self.again(shop, {"TransactionId": first}).body
        other = self.again(shop, {"OrderId": "A-1"})

        assert told["Transaction"]["Status"] == "AUTHORIZED"
        assert told["Transaction"]["Amount"]["Value"] == "990"
        assert told["Transaction"]["OrderId"] == "A-2"
        assert told["PaymentMeans"]["Card"]["MaskedNumber"] == "90100031xxxx0001"
        assert other.status == 200
        captured = shop.call(
            "Transaction/Capture", {"TransactionReference": {"TransactionId": told["Transaction"]["Id"]}}
        )
        assert captured.status == 200

    def test_the_journal_says_that_the_program_did_it(self, shop, anna, alpenblick):
        """safety.md ST-1: the payer is away, and has nothing to do with it."""
        told = self.again(shop, {"TransactionId": self.first(shop)}).body["Transaction"]["Id"]

        page = words(anna.browser().get(f"/backoffice/journal/{told}/"))
        assert "by the buyer" not in page
        assert f"by {shop.credential.user_name}" in page

    def test_only_of_a_first_payment_that_succeeded(self, shop, stranger, alpenblick):
        """behaviour.md R-2."""
        plain = shop.call(DIRECT, wish()).body["Transaction"]["Id"]
        declined = shop.call(DIRECT, wish(BY_AMOUNT, "10051", Recurring={"Initial": True}))
        first = self.first(shop)
        foreign = {"TerminalId": "17000099"}

        assert self.again(shop, {"TransactionId": plain}).error == "ACTION_NOT_SUPPORTED"
        no = declined.body["TransactionId"]
        assert self.again(shop, {"TransactionId": no}).error == "TRANSACTION_NOT_FOUND"
        assert self.again(stranger, {"TransactionId": first}, **foreign).error == "TRANSACTION_NOT_FOUND"
        assert self.again(shop, {"TransactionId": "nothing"}).error == "TRANSACTION_NOT_FOUND"
        assert self.again(shop, {"TransactionId": first}, **foreign).error == "PERMISSION_DENIED"

    def test_both_marks_exclude_each_other(self, shop, alpenblick):
        both = wish(Recurring={"Initial": True}, Installment={"Initial": True})

        assert shop.call(DIRECT, both).error == "VALIDATION_FAILED"

    def test_the_same_request_charges_once(self, shop, alpenblick):
        first = self.first(shop)

        one, other = (self.again(shop, {"TransactionId": first}, RequestId="r") for _each in range(2))

        assert one == other
        assert Entry.objects.count() == 2

    def test_the_acquirer_decides_about_each(self, shop, alpenblick):
        first = self.first(shop)
        set_fault("AUTH", "drop_after_commit")
        lost = self.again(shop, {"TransactionId": first}, RequestId="r")
        assert lost.error == "COMMUNICATION_TIMEOUT"

        find_out(Attempt.objects.latest("pk").pk, now=clock.now() + timedelta(seconds=10))

        assert self.again(shop, {"TransactionId": first}, RequestId="r").status == 200
