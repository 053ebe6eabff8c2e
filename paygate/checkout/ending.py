"""The ways an attempt ends without a payment: refused, failed, or given up."""

from datetime import datetime

from django.db import transaction

from paygate.cards.holding import destroy_key
from paygate.checkout.models import Attempt
from paygate.checkout.states import ATTEMPT_LIFE, BEFORE_MONEY, SESSION_LIFE, AttemptState, SessionState
from paygate.offers import payable
from paygate.offers.models import Offer
from paygate.offers.states import OfferState
from paygate.threeds.dialogue import close_authentication


def refuse(
    attempt: Attempt, offer: Offer | None, *, because: str, now: datetime, do_not_retry: bool = False
) -> None:
    """A certain no, by the issuer, the acquirer or 3-D Secure (safety.md 2.2 DECLINED)."""
    _end(attempt, AttemptState.DECLINED, offer, because=because, now=now, do_not_retry=do_not_retry)


def fail(attempt: Attempt, offer: Offer | None, *, because: str, now: datetime) -> None:
    """Technical, and provably nothing was reserved (safety.md 2.2 FAILED)."""
    _end(attempt, AttemptState.FAILED, offer, because=because, now=now)


def abandon(attempt: Attempt, offer: Offer | None, *, cause: str, now: datetime) -> None:
    """The payer left, pressed cancel, or began again (safety.md 2.2 ABORTED). It counts as a try (CT-2)."""
    _end(attempt, AttemptState.ABANDONED, offer, because=cause, now=now)


def give_up(attempt: Attempt, *, cause: str, now: datetime) -> bool:
    """The payer leaves. Only while no money was asked for; True when the attempt was given up."""
    with transaction.atomic(durable=True):
        offer = payable.lock(attempt.offer_id) if attempt.offer_id else None
        attempt = Attempt.objects.select_for_update().get(pk=attempt.pk)
        if attempt.state not in BEFORE_MONEY:
            return False
        abandon(attempt, offer, cause=cause, now=now)
    return True


def _end(
    attempt: Attempt,
    state: AttemptState,
    offer: Offer | None,
    *,
    because: str,
    now: datetime,
    do_not_retry: bool = False,
) -> None:
    """Free the offer, destroy the card's key, close the authentication; end the session when no try is left."""
    ATTEMPT_LIFE.move(
        attempt,
        state,
        by="payer",
        cause=because,
        now=now,
        ended_at=now,
        locks_offer=False,
        refused_because=because[:40],
        do_not_retry=do_not_retry,
    )
    if attempt.held_card:
        destroy_key(attempt.held_card)
    if attempt.authentication:
        close_authentication(attempt.authentication, now=now)
    if offer is None:
        return
    payable.release(offer, attempt.claim, by="payer", now=now)
    session = attempt.session
    session.refresh_from_db()
    if offer.state == OfferState.DISABLED and session.state == SessionState.OPEN:
        SESSION_LIFE.move(
            session, SessionState.FAILED, by="payer", cause="no tries left", now=now, ended_at=now
        )
