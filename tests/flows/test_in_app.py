"""Bancontact in the payer's app, and calls about what this installation cannot have."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from paygate import clock
from paygate.acquiring.models import Contract
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.acquirer import choose
from paygate.acquiring.simulator.faults import set_fault
from paygate.checkout.loose_ends import find_out
from paygate.checkout.models import Attempt
from paygate.mail.models import Mail
from paygate.merchants.licence import Feature
from paygate.merchants.models import Licence
from paygate.tenants.context import within
from paygate.webhooks.models import Delivery
from tests.api.program import Answer, Json, Program, program_of
from tests.make.desks import desk

pytestmark = pytest.mark.django_db
BEGIN, QUERY = "Transaction/AlternativePayment", "Transaction/QueryAlternativePayment"
CALLED = "http://127.0.0.1:9/state?order=7"


@pytest.fixture
def shop() -> Iterator[Program]:
    """A program whose terminal takes Bancontact."""
    shop = desk()
    merchant = shop.terminal.merchant
    with within(merchant.pk):
        Licence.objects.create(merchant=merchant, features=[feature.value for feature in Feature])
        Contract.objects.create(
            merchant=merchant,
            terminal=shop.terminal,
            method="BANCONTACT",
            currencies=["EUR"],
            connector="simulator",
            acquirer_merchant_id="MID-BC",
        )
        yield program_of(merchant)


def wish(shop: Program, **changed: Any) -> Json:
    terminal = Contract.objects.filter(method="BANCONTACT").get().terminal
    return {
        "TerminalId": terminal.number,
        "Payment": {"Amount": {"Value": "4990", "CurrencyCode": "EUR"}, "OrderId": "S-7"},
        "PaymentMethod": "BANCONTACT",
        "Notification": {"StateNotificationUrl": CALLED, "PayerEmail": "carla@example.org"},
    } | changed


def at_the_app(shop: Program) -> tuple[str, str]:
    """The token, and the acquirer's name for what the payer sees."""
    told = shop.call(BEGIN, wish(shop)).body
    shown = told["ProcessingData"]["Bancontact"]
    assert shown["QrCodeData"] == shown["IntentUrl"]
    return str(told["Token"]), str(shown["IntentUrl"].rpartition("/")[2])


def test_the_payer_confirms_in_the_app(shop):
    """The shop asks, or a job finds out; the shop's server and the payer are told once."""
    token, reference = at_the_app(shop)
    waiting = shop.call(QUERY, {"Token": token})
    assert waiting.error == "TRANSACTION_IN_WRONG_STATE"
    assert waiting.body["ErrorMessage"] == "Transaction still in progress or abandoned by the payer."

    choose(reference, "approve")
    find_out(Attempt.objects.get().pk, now=clock.now() + timedelta(seconds=30))

    told = shop.call(QUERY, {"Token": token}).body
    assert told["Transaction"]["Status"] == "AUTHORIZED"
    assert told["Transaction"]["OrderId"] == "S-7"
    assert told["PaymentMeans"]["Brand"]["PaymentMethod"] == "BANCONTACT"
    assert [call.url for call in Delivery.objects.all()] == [CALLED]
    assert [letter.kind for letter in Mail.objects.filter(recipient="carla@example.org")] == ["confirmation"]


def test_asking_finds_it_out_too(shop):
    token, reference = at_the_app(shop)
    choose(reference, "approve")

    assert shop.call(QUERY, {"Token": token}).status == 200


def test_the_payer_says_no(shop):
    token, reference = at_the_app(shop)
    choose(reference, "refuse")
    find_out(Attempt.objects.get().pk, now=clock.now() + timedelta(seconds=30))

    assert shop.call(QUERY, {"Token": token}).error == "TRANSACTION_DECLINED"
    assert [call.url for call in Delivery.objects.all()] == [CALLED]


def test_the_same_request_asks_once(shop):
    first, again = (shop.call(BEGIN, wish(shop), RequestId="a") for _each in range(2))

    assert first == again
    assert len(ledger.listed()) == 1


def test_no_answer_is_not_a_no(shop):
    set_fault("AUTH", "drop_after_commit")
    lost = shop.call(BEGIN, wish(shop), RequestId="a")
    assert (lost.error, lost.body["Behavior"]) == ("COMMUNICATION_TIMEOUT", "RETRY")

    find_out(Attempt.objects.get().pk, now=clock.now() + timedelta(seconds=30))

    assert shop.call(BEGIN, wish(shop), RequestId="a").body["ProcessingData"]["Bancontact"]["IntentUrl"]
    assert len(ledger.listed()) == 1


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"PaymentMethod": "BLIK"}, "NO_CONTRACT"),
        ({"PaymentMethod": "TWINT"}, "VALIDATION_FAILED"),
        ({"TerminalId": "17999999"}, "PERMISSION_DENIED"),
        ({"Payment": {"Amount": {"Value": "4990", "CurrencyCode": "USD"}}}, "NO_CONTRACT"),
        ({"Payment": {"Amount": {"Value": "0", "CurrencyCode": "EUR"}}}, "VALIDATION_FAILED"),
        ({"Notification": {"StateNotificationUrl": CALLED, "PayerEmail": "nobody"}}, "VALIDATION_FAILED"),
    ],
)
def test_what_cannot_be(shop, changed, error):
    assert shop.call(BEGIN, wish(shop, **changed)).error == error
    assert not Attempt.objects.exists()


def test_unknown_tokens(shop):
    assert shop.call(QUERY, {"Token": "nothing"}).error == "TOKEN_INVALID"


class TestWhatNobodyHasHere:
    def dcc(self, shop: Program, number: str) -> Answer:
        amount = {"Value": "100", "CurrencyCode": "EUR"}
        body = {"TerminalId": wish(shop)["TerminalId"], "CardNumber": number, "Amount": amount}
        return shop.call("Transaction/DccInquiry", body, RequestId="d")

    def test_no_conversion_and_nothing_said_of_the_card(self, shop):
        """safety.md CT-3."""
        good, bad = self.dcc(shop, "9010403104000000"), self.dcc(shop, "1")

        assert good == bad
        assert good.error == "ACTION_NOT_SUPPORTED"
        assert "9010403104000000" not in str(good)

    def test_no_point_of_sale(self, shop):
        reference = {"SixTransactionReference": "1:100002:199970683910"}
        alias = {"RegisterAlias": {"IdGenerator": "RANDOM"}}
        terminal = {"TerminalId": wish(shop)["TerminalId"]}

        assert shop.call("OmniChannel/InsertAlias", reference | alias).error == "TRANSACTION_NOT_FOUND"
        assert (
            shop.call("OmniChannel/AcquireTransaction", reference | terminal).error == "TRANSACTION_NOT_FOUND"
        )
        foreign = {"TerminalId": "17999999"}
        assert shop.call("OmniChannel/AcquireTransaction", reference | foreign).error == "PERMISSION_DENIED"
