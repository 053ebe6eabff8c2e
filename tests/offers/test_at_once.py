"""Two at the same moment: real threads, real connections, on both databases (safety.md LK-2, LK-4, INV-02)."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from paygate.checkout.models import Attempt
from paygate.checkout.take_means import take_card
from paygate.journal.models import Entry
from paygate.lifecycle.moves import MoveRefused, history
from paygate.mail.models import Mail
from paygate.offers import payable
from paygate.offers.change import BeingPaid, NotOpen, change_offer, disable, terms_of
from paygate.offers.models import Offer
from paygate.offers.payable import NotPayable, expire_due
from paygate.offers.send import send_offer
from paygate.offers.states import OfferState
from tests.at_once import at_once, refused
from tests.make.books import NOON
from tests.make.claims import claimed, latest
from tests.make.journal import reservation
from tests.make.offers import offer as an_offer
from tests.make.walk import card, pay, press

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def really_committed(transactional_db):
    """What one thread wrote, the others see."""


@pytest.fixture
def offer(anna) -> Offer:
    return an_offer(anna.terminal, now=NOON)


def test_of_many_claims_one_gets_the_offer(offer):
    outcomes = at_once(*[lambda: claimed(offer)] * 5)

    assert refused(outcomes, NotPayable) == 4
    assert latest(offer).attempts == 1
    assert latest(offer).claim in outcomes


def test_of_many_browsers_one_gets_to_pay(offer):
    outcomes = at_once(
        *[partial(take_card, offer.pk, card(), press(offer, name), now=NOON) for name in ("a", "b", "c")]
    )

    assert refused(outcomes, NotPayable) == 2
    assert Attempt.objects.filter(locks_offer=True).count() == 1


def test_a_form_sent_twice_is_one_attempt(offer):
    pressed = press(offer)

    outcomes = at_once(*[lambda: take_card(offer.pk, card(), pressed, now=NOON)] * 3)

    assert refused(outcomes, NotPayable) == 0
    assert sorted(outcome.again for outcome in outcomes) == [False, True, True]
    assert Attempt.objects.count() == 1


def test_an_offer_is_paid_once(offer):
    refused(at_once(*[lambda: pay(offer, now=NOON)] * 3), NotPayable)

    assert latest(offer).state == OfferState.PAID
    assert Entry.objects.filter(single_use_of=str(offer.pk), succeeded=True).count() == 1


def test_expiring_beside_a_claim_leaves_one_of_them(anna):
    for _ in range(3):
        offer = an_offer(anna.terminal, now=NOON)

        claim, _expired = at_once(
            partial(claimed, offer, now=offer.expires_at - SECOND),
            partial(expire_due, now=offer.expires_at),
        )

        if isinstance(claim, NotPayable):
            assert (latest(offer).state, latest(offer).claim) == (OfferState.EXPIRED, "")
        else:
            assert (latest(offer).state, latest(offer).claim) == (OfferState.OPEN, claim)
            expire_due(now=offer.expires_at + payable.CLAIM_LASTS)


def test_many_expiring_at_once_expire_each_offer_once(anna):
    offers = [an_offer(anna.terminal, now=NOON) for _ in range(5)]

    outcomes = at_once(*[lambda: expire_due(now=offers[0].expires_at)] * 4)

    assert sum(outcomes) == 5
    assert {len(history(offer)) for offer in offers} == {2}


def test_expiring_beside_a_payment_stops_for_none_of_the_others(anna):
    """One of the offers is taken back at the same moment; the rest still expire."""
    offers = [an_offer(anna.terminal, now=NOON) for _ in range(6)]
    moment = offers[0].expires_at

    outcomes = at_once(
        lambda: expire_due(now=moment),
        *[partial(disable, offer.pk, by=anna.actor, now=moment) for offer in offers[::2]],
    )

    refused(outcomes, MoveRefused)
    assert not Offer.objects.filter(state=OfferState.OPEN).exists()


def test_a_change_beside_a_claim_is_seen_by_the_payer_or_refused(anna, offer):
    terms = terms_of(offer, now=NOON)

    changed, begun = at_once(
        lambda: change_offer(offer.pk, terms, seen=1, by=anna.actor, now=NOON),
        lambda: take_card(offer.pk, card(), press(offer), now=NOON),
    )

    # Either the offer was changed first and the payer is asked again, or the payer was first.
    assert isinstance(changed, BeingPaid) != isinstance(begun, Exception), (changed, begun)
    assert not isinstance(changed, NotOpen)


def test_taking_back_beside_a_claim_is_first_or_refused(anna, offer):
    taken_back, begun = at_once(
        lambda: disable(offer.pk, by=anna.actor, now=NOON),
        lambda: take_card(offer.pk, card(), press(offer), now=NOON),
    )

    assert isinstance(taken_back, BeingPaid) != isinstance(begun, NotPayable), (taken_back, begun)


def test_one_live_attempt_per_offer_is_kept_by_the_database_too(offer):
    attempt = take_card(offer.pk, card(), press(offer), now=NOON).attempt

    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(
            **{
                field.attname: getattr(attempt, field.attname)
                for field in Attempt._meta.concrete_fields
                if not field.primary_key
            }
            | {"form_id": uuid4(), "held_card_id": None, "authentication_id": None}
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(locks_offer=False)


def test_one_success_per_offer_is_kept_by_the_database_too(anna, offer):
    pay(offer, now=NOON)

    with pytest.raises(IntegrityError):
        reservation(anna.terminal, now=NOON, single_use_of=str(offer.pk))


def test_one_form_submitted_twice_at_once_sends_one_letter(anna):
    """safety.md ID-6."""
    sold = an_offer(anna.terminal, now=NOON, payer_email="guest@example.org")

    outcomes = at_once(*[partial(send_offer, sold.pk, seen="", by=anna.actor, now=NOON)] * 2)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "SentMeanwhile"]
    assert Mail.objects.count() == 1
