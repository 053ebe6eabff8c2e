"""Edit, disable, restore, and the terms for another one (safety.md MO-8, ST-7, ST-8)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from paygate.lifecycle.moves import MoveRefused, history
from paygate.merchants.reach import NotPermitted
from paygate.offers import payable
from paygate.offers.change import BeingPaid, NotOpen, change_offer, disable, restore, terms_of
from paygate.offers.create import create_offer
from paygate.offers.models import Offer, Source
from paygate.offers.states import OfferState
from paygate.offers.terms import OfferTerms
from paygate.refusals import TermsRefused
from tests.make.books import NOON
from tests.make.claims import claimed, ended, latest, paid
from tests.make.money import chf
from tests.make.offers import offer as an_offer

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def offer(anna) -> Offer:
    return an_offer(anna.terminal, now=NOON)


def other_terms(**changes: Any) -> OfferTerms:
    """Good terms, and others than the offer has."""
    good: dict[str, Any] = {"amount": chf(60), "description": "Suite", "expires_at": NOON + 10 * DAY}
    return OfferTerms(**good | {"max_attempts": 3} | changes)


class TestAChange:
    def test_of_an_open_offer_is_written_with_a_new_revision(self, anna, offer):
        change_offer(offer.pk, other_terms(), seen=latest(offer).revision, by=anna.actor, now=NOON + MINUTE)

        changed = latest(offer)
        assert (changed.amount, changed.description, changed.revision) == (
            chf(60),
            "Suite",
            offer.revision + 1,
        )
        assert (changed.changed_by, changed.changed_at) == (anna.actor.name, NOON + MINUTE)
        assert changed.created_at == offer.created_at

    def test_is_refused_while_somebody_pays(self, anna, offer):
        claimed(offer)

        with pytest.raises(BeingPaid):
            change_offer(
                offer.pk, other_terms(), seen=latest(offer).revision, by=anna.actor, now=NOON + MINUTE
            )

        assert latest(offer).amount == offer.amount

    def test_is_refused_while_the_acquirers_answer_is_not_known_however_long(self, anna, offer):
        attempt = claimed(offer)
        with transaction.atomic():
            payable.hold_until_known(payable.lock(offer.pk), attempt, now=NOON)

        with pytest.raises(BeingPaid):
            change_offer(
                offer.pk, other_terms(), seen=latest(offer).revision, by=anna.actor, now=NOON + 5 * DAY
            )

    def test_is_possible_again_when_the_attempt_has_ended(self, anna, offer):
        ended(offer, claimed(offer))

        change_offer(offer.pk, other_terms(), seen=latest(offer).revision, by=anna.actor, now=NOON)

        assert latest(offer).amount == chf(60)

    @pytest.mark.parametrize("end", ["paid", "disabled", "expired"])
    def test_of_what_is_no_longer_open_is_refused(self, anna, offer, end):
        now = NOON
        if end == "paid":
            paid(offer)
        elif end == "disabled":
            disable(offer.pk, by=anna.actor, now=NOON)
        else:
            now = offer.expires_at

        with pytest.raises(NotOpen):
            change_offer(offer.pk, other_terms(), seen=latest(offer).revision, by=anna.actor, now=now)

    def test_to_wrong_terms_is_refused(self, anna, offer):
        with pytest.raises(TermsRefused):
            change_offer(
                offer.pk, other_terms(description=""), seen=latest(offer).revision, by=anna.actor, now=NOON
            )

        assert latest(offer).revision == offer.revision

    def test_to_fewer_attempts_than_were_made_is_refused(self, anna, offer):
        for _ in range(3):
            ended(offer, claimed(offer))

        with pytest.raises(TermsRefused) as refusal:
            change_offer(
                offer.pk, other_terms(max_attempts=3), seen=latest(offer).revision, by=anna.actor, now=NOON
            )
        assert [problem.field for problem in refusal.value.problems] == ["max_attempts"]

        change_offer(
            offer.pk, other_terms(max_attempts=10), seen=latest(offer).revision, by=anna.actor, now=NOON
        )
        change_offer(
            offer.pk, other_terms(max_attempts=0), seen=latest(offer).revision, by=anna.actor, now=NOON
        )

    def test_is_for_those_who_may(self, anna, offer):
        from paygate.merchants.models import Role
        from tests.cast import somebody

        cashier = somebody(anna.terminal, "Dario", Role.CASHIER).actor

        for action in (
            lambda: change_offer(offer.pk, other_terms(), seen=latest(offer).revision, by=cashier, now=NOON),
            lambda: disable(offer.pk, by=cashier, now=NOON),
            lambda: restore(offer.pk, by=cashier, now=NOON),
        ):
            with pytest.raises(NotPermitted):
                action()


class TestTakingBack:
    def test_an_open_offer_ends_the_link(self, anna, offer):
        disable(offer.pk, by=anna.actor, now=NOON)

        assert latest(offer).state == OfferState.DISABLED
        assert list(history(offer))[-1].cause == "taken back"

    def test_is_refused_while_somebody_pays(self, anna, offer):
        claimed(offer)

        with pytest.raises(BeingPaid):
            disable(offer.pk, by=anna.actor, now=NOON)

        assert latest(offer).state == OfferState.OPEN

    def test_a_paid_offer_is_refused(self, anna, offer):
        paid(offer)

        with pytest.raises(MoveRefused):
            disable(offer.pk, by=anna.actor, now=NOON)


class TestOfferingAgain:
    def test_opens_what_was_taken_back(self, anna, offer):
        disable(offer.pk, by=anna.actor, now=NOON)

        restore(offer.pk, by=anna.actor, now=NOON + DAY)

        assert latest(offer).state == OfferState.OPEN

    def test_is_refused_after_the_deadline(self, anna, offer):
        disable(offer.pk, by=anna.actor, now=NOON)

        with pytest.raises(NotOpen):
            restore(offer.pk, by=anna.actor, now=offer.expires_at)

    def test_is_refused_when_the_attempts_are_used_up(self, anna):
        offer = an_offer(anna.terminal, now=NOON, max_attempts=1)
        ended(offer, claimed(offer))
        assert latest(offer).state == OfferState.DISABLED

        with pytest.raises(NotOpen):
            restore(offer.pk, by=anna.actor, now=NOON)

    def test_what_is_paid_is_refused(self, anna, offer):
        paid(offer)

        with pytest.raises(MoveRefused):
            restore(offer.pk, by=anna.actor, now=NOON)


def test_to_sell_again_the_terms_are_copied_with_a_deadline_as_far_ahead(anna):
    offer = an_offer(
        anna.terminal, now=NOON, reference="2026-1", max_attempts=3, payer_email="max@example.org"
    )
    paid(offer)
    later = NOON + 30 * DAY

    terms = terms_of(latest(offer), now=later)
    copy = create_offer(anna.terminal, terms, source=Source.BACKOFFICE, by=anna.actor, now=later)

    assert copy.expires_at - later == offer.expires_at - offer.created_at
    assert (copy.amount, copy.reference, copy.max_attempts) == (offer.amount, "2026-1", 3)
    assert (copy.state, copy.attempts, copy.payer_email) == (OfferState.OPEN, 0, "max@example.org")
    assert copy.pk != offer.pk
