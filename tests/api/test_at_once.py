"""Requests that move money, sent twice at the same moment: by an impatient program, or by two of its servers.

With one RequestId they are one wish and move money once; with two of them they are two, unless the trade allows one
only (safety.md ID-3, ID-5).
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from paygate.acquiring.models import Contract
from paygate.acquiring.simulator.ledger import listed
from paygate.checkout.models import Attempt, Session
from paygate.journal.models import Entry, Movement
from tests.api.program import Answer, Program
from tests.at_once import at_once
from tests.make.walk import GOOD_VISA

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 4

Call = Callable[..., Answer]


def direct(shop: Program, request: str) -> Answer:
    means = {"Card": {"Number": GOOD_VISA, "ExpYear": 2034, "ExpMonth": 12, "VerificationCode": "737"}}
    body = {"TerminalId": "17000011", "Payment": payment(), "PaymentMeans": means}
    return shop.call("Transaction/AuthorizeDirect", body, RequestId=request)


def payment(currency: str = "CHF", **more: Any) -> dict[str, Any]:
    return {"Amount": {"Value": "12000", "CurrencyCode": currency}, "OrderId": "A-1"} | more


def a_series(shop: Program) -> Call:
    """The first payment is made; what is called is the next one."""
    means = {"Card": {"Number": GOOD_VISA, "ExpYear": 2034, "ExpMonth": 12}}
    first = {
        "TerminalId": "17000011",
        "Payment": payment(Recurring={"Initial": True}),
        "PaymentMeans": means,
    }
    made = shop.call("Transaction/AuthorizeDirect", first).body["Transaction"]["Id"]
    next_one = {
        "TerminalId": "17000011",
        "Payment": payment(),
        "TransactionReference": {"TransactionId": made},
    }
    return lambda request: shop.call("Transaction/AuthorizeReferenced", next_one, RequestId=request)


def an_app(shop: Program) -> Call:
    """The payer confirms in an app of theirs."""
    contract = Contract.objects.filter(terminal__number="17000011")[0]
    Contract.objects.create(
        merchant=contract.merchant,
        terminal=contract.terminal,
        method="BANCONTACT",
        currencies=["EUR"],
        connector="simulator",
        acquirer_merchant_id="MID-BC",
    )
    body = {
        "TerminalId": "17000011",
        "Payment": payment("EUR"),
        "PaymentMethod": "BANCONTACT",
        "Notification": {"StateNotificationUrl": "http://127.0.0.1:9/state"},
    }
    return lambda request: shop.call("Transaction/AlternativePayment", body, RequestId=request)


CALLS: dict[str, Callable[[Program], Call]] = {
    "AuthorizeDirect": lambda shop: partial(direct, shop),
    "AuthorizeReferenced": a_series,
    "AlternativePayment": an_app,
}


@pytest.mark.parametrize("name", CALLS)
class TestWhatBeginsAPayment:
    def test_the_same_request_many_times_at_once_is_one_payment(self, shop, alpenblick, name):
        call = CALLS[name](shop)
        before = [len(listed()), Movement.objects.count(), Session.objects.count()]

        outcomes = at_once(*[partial(call, "same")] * MANY)

        assert {one.status for one in outcomes} == {200}
        assert all(one == outcomes[0] for one in outcomes)
        after = [len(listed()), Movement.objects.count(), Session.objects.count()]
        assert [now - then for then, now in zip(before, after, strict=True)] == [1, 1, 1]

    def test_requests_of_their_own_are_payments_of_their_own(self, shop, alpenblick, name):
        """Nothing limits how often a card may be charged. Each wish is asked for once, and each is told its own."""
        call = CALLS[name](shop)
        before = len(listed())

        outcomes = at_once(*[partial(call, f"r{number}") for number in range(MANY)])

        assert {one.status for one in outcomes} == {200}
        assert len({named(one) for one in outcomes}) == MANY
        asked = [row["request_id"] for row in listed()[before:]]
        assert len(asked) == len(set(asked)) == MANY
        assert all(row["count"] == 1 for row in listed())

    def test_both_kinds_at_once(self, shop, alpenblick, name):
        """Two servers of a shop send one wish each, and each sends it twice."""
        call = CALLS[name](shop)
        before = len(listed())

        outcomes = at_once(*[partial(call, request) for request in ("a", "b", "a", "b")])

        assert outcomes[0] == outcomes[2]
        assert outcomes[1] == outcomes[3]
        assert named(outcomes[0]) != named(outcomes[1])
        assert len(listed()) - before == 2


class TestWhatFollows:
    """Of a payment there is one booking, one release, and of a refund one booking, however often it is asked for."""

    def paid(self, shop: Program) -> str:
        return str(direct(shop, "paid").body["Transaction"]["Id"])

    @pytest.mark.parametrize("ids", [["r1", "r2", "r3", "r4"], ["same"] * 4])
    def test_a_payment_is_released_once(self, shop, alpenblick, ids):
        body = {"TransactionReference": {"TransactionId": self.paid(shop)}}

        outcomes = at_once(
            *[partial(shop.call, "Transaction/Cancel", body, RequestId=request) for request in ids]
        )

        assert Movement.objects.filter(kind="CANCEL").count() == 1
        assert [row["op"] for row in listed()] == ["AUTH", "CANCEL"]
        won = [one for one in outcomes if one.status == 200]
        assert len(won) == (4 if ids[0] == ids[1] else 1)

    def test_booked_or_released_but_never_both(self, shop, alpenblick):
        made = self.paid(shop)
        body = {"TransactionReference": {"TransactionId": made}}

        outcomes = at_once(
            partial(shop.call, "Transaction/Capture", body, RequestId="c"),
            partial(shop.call, "Transaction/Cancel", body, RequestId="x"),
            partial(shop.call, "Transaction/Capture", body, RequestId="c"),
        )

        entry = Entry.objects.get()
        assert entry.state in ("CAPTURED", "CANCELED")
        assert outcomes[0] == outcomes[2]
        released = outcomes[1].status == 200
        assert (entry.state == "CANCELED") is released

    def test_an_order_of_the_payer_is_begun_once(self, shop, alpenblick):
        """`PaymentPage/Initialize` moves no money: each call is a page of its own, and each page is paid by itself."""
        body = {
            "TerminalId": "17000011",
            "Payment": payment(Description="Three books"),
            "ReturnUrl": {"Url": "https://shop.example/back"},
        }

        outcomes = at_once(*[partial(shop.call, "PaymentPage/Initialize", body, RequestId="p")] * MANY)

        assert len({one.body["Token"] for one in outcomes}) == MANY
        assert not Attempt.objects.exists()
        assert listed() == []


def named(answer: Answer) -> str:
    """What tells one payment from another."""
    return str(answer.body.get("Token") or answer.body["Transaction"]["Id"])
