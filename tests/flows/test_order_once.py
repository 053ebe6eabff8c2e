"""The money of an order is taken once, and by its own merchant, whatever is lost and however often it is asked for."""

from datetime import timedelta
from functools import partial

import pytest

from paygate import clock
from paygate.acquiring.simulator.faults import set_fault
from paygate.checkout import authorize as walk
from paygate.checkout.loose_ends import find_out
from paygate.checkout.models import Attempt, Session
from paygate.journal.models import Entry
from tests.api.program import program_of
from tests.at_once import at_once
from tests.cast import a_merchant
from tests.flows.buyer import MASTERCARD, VISA
from tests.flows.orders import Order, asked_for, opened, order
from tests.invariants import assert_invariants_hold
from tests.make.desks import Desk

pytestmark = pytest.mark.django_db


class TestOnceOnly:
    def ready(self, shop: Desk) -> Order:
        asked = order(shop)
        opened(asked).pay_by_card(MASTERCARD)
        return asked

    def test_the_same_request_and_another_one(self, shop):
        asked = self.ready(shop)

        first, again, other = asked.authorize("a"), asked.authorize("a"), asked.authorize("b")

        assert first == again
        assert other.error == "TRANSACTION_IN_WRONG_STATE"
        assert asked_for() == ["AUTH"]

    @pytest.mark.parametrize("lost", ["refuse_connect", "drop_before_read"])
    def test_what_never_reached_the_acquirer_needs_a_new_order(self, shop, lost):
        """The card is gone: told `RETRY`, a program sent the same again and was told `RETRY` for ever."""
        asked = self.ready(shop)
        set_fault("AUTH", lost)
        asked.authorize("a")
        for seconds in (100, 200):
            find_out(Attempt.objects.get().pk, now=clock.now() + timedelta(seconds=seconds))

        again = asked.authorize("a")

        assert (again.error, again.body["Behavior"]) == ("COMMUNICATION_FAILED", "RETRY_LATER")
        assert asked.authorize("a") == again

    def test_no_answer_is_not_a_no(self, shop):
        asked = self.ready(shop)
        set_fault("AUTH", "drop_after_commit")
        lost = asked.authorize("a")
        assert (lost.error, lost.body["Behavior"]) == ("COMMUNICATION_TIMEOUT", "RETRY")
        assert asked.authorize("b").error == "TRANSACTION_IN_WRONG_STATE"

        find_out(Attempt.objects.get().pk, now=clock.now() + timedelta(seconds=10))

        assert asked.authorize("a").body["Transaction"]["Status"] == "AUTHORIZED"
        assert asked_for() == ["AUTH"]

    @pytest.mark.parametrize("place", ["_prepare", "conclude"])
    def test_whoever_died_is_followed_by_the_repeat(self, shop, monkeypatch, place):
        class Killed(BaseException): ...

        def dying(*_: object, **__: object) -> None:
            raise Killed

        asked = self.ready(shop)
        with monkeypatch.context() as dies, pytest.raises(Killed):
            dies.setattr(walk, place, dying)
            asked.authorize("a")
        moment = clock.now() + timedelta(seconds=101)
        monkeypatch.setattr(clock, "now", lambda: moment)
        for attempt in Attempt.objects.filter(state="AUTHORIZING"):
            find_out(attempt.pk, now=moment)

        assert asked.authorize("a").body["Transaction"]["Status"] == "AUTHORIZED"
        assert asked_for() == ["AUTH"]
        assert Session.objects.get().state == "PAID"


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    """Real threads, on both databases (safety.md ID-5)."""

    def ready(self, shop: Desk) -> Order:
        asked = order(shop)
        opened(asked).pay_by_card(VISA)
        return asked

    def test_of_several_requests_one_takes_the_money(self, shop):
        asked = self.ready(shop)

        outcomes = at_once(*[partial(asked.authorize, f"r{number}") for number in range(4)])

        assert asked_for() == ["AUTH"]
        entry = Entry.objects.get()
        assert entry.state == "AUTHORIZED"
        taken = [one for one in outcomes if one.status == 200]
        assert {one.body["Transaction"]["Id"] for one in taken} == {entry.transaction_id}
        assert all(one.status < 500 for one in outcomes)
        assert_invariants_hold()

    def test_the_same_request_is_answered_alike(self, shop):
        asked = self.ready(shop)

        outcomes = at_once(*[partial(asked.authorize, "same")] * 4)

        assert asked_for() == ["AUTH"]
        assert {one.body["Transaction"]["Id"] for one in outcomes} == {Entry.objects.get().transaction_id}


def test_foreign_tokens_are_unknown(shop):
    asked = order(shop)
    opened(asked).pay_by_card(VISA)
    stranger = program_of(a_merchant("200002", "Another", "17000099").merchant)

    foreign = stranger.call("Transaction/Authorize", {"Token": asked.body["Token"]}, RequestId="a")
    unknown = stranger.call("Transaction/Authorize", {"Token": "nothing"}, RequestId="a")

    assert foreign == unknown
    assert foreign.error == "TOKEN_INVALID"
    assert asked_for() == []
