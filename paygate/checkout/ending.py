"""The ways an attempt ends without a payment: refused, failed, given up, or given back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from uuid import uuid4

from paygate.cards.holding import destroy_key
from paygate.checkout import keep_card, waiting_card
from paygate.checkout.models import Attempt, Session
from paygate.checkout.shop_pages import is_asked_by_program, tell_failure
from paygate.checkout.states import (
    ATTEMPT_LIFE,
    BEFORE_MONEY,
    MONEY_ASKED,
    SESSION_LIFE,
    AttemptState,
    SessionState,
)
from paygate.journal.models import Movement
from paygate.journal.movements import give_back
from paygate.lifecycle.moves import together
from paygate.links import payable as links
from paygate.methods import METHODS
from paygate.money.model_fields import columns
from paygate.offers import payable
from paygate.offers.models import Offer
from paygate.offers.states import OfferState
from paygate.tenants.kept import Given, Kept
from paygate.threeds.spending import close_authentication

RELATED = ("merchant", "session__terminal", "contract", "authentication", "held_card", "entry")
_LOCKED: Final = Kept(
    lambda: (
        Attempt.objects.select_related(*RELATED)
        .select_for_update(of=("self",))
        .filter(pk=Given("attempt_id", Attempt._meta.pk))
        .order_by()
    )
)
# Nobody counts tries for a link that many pay, so each visit ends after as many as an offer usually has (CT-1).
MOST_TRIES: Final = 5
TOOK_TOO_LONG: Final = "took too long"
PAYER = "payer"  # whose deed a move is, unless a job makes it (safety.md ST-1)


def lock_session(session_id: int) -> Session:
    """The session, locked until the transaction ends: where there is no offer, first in the order of locks."""
    related = ("terminal", "merchant", "link")
    return Session.objects.select_related(*related).select_for_update(of=("self",)).get(pk=session_id)


@contextmanager
def locked(attempt: Attempt) -> Iterator[tuple[Attempt, Offer | None]]:
    """The attempt as it is now, and its offer, locked in the fixed order (safety.md LK-2) in a transaction.

    Whoever changes an attempt holds its offer's lock, so what is read along with the attempt is as it is now, too.
    An attempt without an offer is changed under the lock of its session.
    """
    with together(durable=True):
        offer = payable.lock(attempt.offer_id) if attempt.offer_id else None
        if offer is None:
            lock_session(attempt.session_id)
        attempt = _LOCKED.get(attempt_id=attempt.pk)
        attempt.introduce(offer)
        yield attempt, offer


def refuse(
    attempt: Attempt,
    offer: Offer | None,
    *,
    because: str,
    now: datetime,
    do_not_retry: bool = False,
    by: str = PAYER,
) -> None:
    """A certain no, by the issuer, the acquirer or 3-D Secure (safety.md 2.2 DECLINED)."""
    _end(attempt, AttemptState.DECLINED, because=because, now=now, by=by, do_not_retry=do_not_retry)
    _free(attempt, offer, now=now, by=by)


def refuse_but_once_more(attempt: Attempt, offer: Offer | None, *, because: str, now: datetime) -> Attempt:
    """The issuer wants the payer authenticated first: one more try, that the payer need not begin (safety.md OC-13)."""
    _end(attempt, AttemptState.DECLINED, because=because, now=now, by=PAYER)
    successor: Attempt = Attempt.objects.create(
        merchant_id=attempt.merchant_id,
        session=attempt.session,
        offer=offer,
        form_id=uuid4(),
        contract=attempt.contract,
        browser_data=attempt.browser_data,
        second_try_of=attempt,
        begun_at=now,
        **columns(attempt.amount),
    )
    ATTEMPT_LIFE.begin(successor, by=PAYER, cause="once more, with a challenge", now=now)
    if offer:
        payable.hand_over(offer, attempt.claim, successor.claim, now=now)
    return successor


def fail(attempt: Attempt, offer: Offer | None, *, because: str, now: datetime, by: str = PAYER) -> None:
    """Technical, and provably nothing was reserved (safety.md 2.2 FAILED)."""
    _end(attempt, AttemptState.FAILED, because=because, now=now, by=by)
    _free(attempt, offer, now=now, by=by)


def abandon(attempt: Attempt, offer: Offer | None, *, cause: str, now: datetime, by: str = PAYER) -> None:
    """The payer left, pressed cancel, or began again (safety.md 2.2 ABORTED). It counts as a try (CT-2)."""
    _end(attempt, AttemptState.ABANDONED, because=cause, now=now, by=by)
    _free(attempt, offer, now=now, by=by)


def void(
    attempt: Attempt,
    offer: Offer | None,
    movement: Movement,
    *,
    because: str,
    now: datetime,
    by: str = PAYER,
) -> Movement:
    """What was reserved, or may be, must not be kept (safety.md 2.2 VOIDING): ask for its giving back.

    The offer is free at once where nothing moves without a booking; else once the giving back is acknowledged (OC-8).
    """
    question = give_back(movement, because=because, by=by, now=now)
    Movement.objects.filter(pk=movement.pk).update(next_inquiry_at=None)  # the give-back looks after it
    if METHODS[attempt.contract.method].needs_capture:
        free_voided(attempt, offer, because=because, now=now, by=by)
    elif attempt.state == AttemptState.AUTHORIZING:
        ATTEMPT_LIFE.move(attempt, AttemptState.UNKNOWN, by=by, cause=because, now=now)
    return question


def free_voided(attempt: Attempt, offer: Offer | None, *, because: str, now: datetime, by: str) -> None:
    """The attempt no longer holds the offer."""
    _end(attempt, AttemptState.VOIDED, because=because, now=now, by=by)
    _free(attempt, offer, now=now, by=by)


def give_up(attempt: Attempt, *, cause: str, now: datetime, by: str = PAYER) -> bool:
    """The payer leaves. Only while no money was asked for; True when the attempt was given up."""
    with locked(attempt) as (attempt, offer):
        if attempt.state not in BEFORE_MONEY:
            return False
        abandon(attempt, offer, cause=cause, now=now, by=by)
    return True


def _end(
    attempt: Attempt,
    state: AttemptState,
    *,
    because: str,
    now: datetime,
    by: str,
    do_not_retry: bool = False,
) -> None:
    """Destroy the card's key, close the authentication, and free the place that was taken in the limits of a link."""
    asked_for_money = attempt.state in MONEY_ASKED
    ATTEMPT_LIFE.move(
        attempt,
        state,
        by=by,
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
    if is_asked_by_program(attempt.session) and state is not AttemptState.ABANDONED:
        waiting_card.drop(attempt.session)
    if asked_for_money and attempt.session.keeps:
        keep_card.drop(attempt.session)
    if asked_for_money and attempt.session.link_id:
        links.let_go(attempt.session.link_id, attempt.amount)


def _free(attempt: Attempt, offer: Offer | None, *, now: datetime, by: str) -> None:
    """Free the offer; end the session when no try is left."""
    session = attempt.session
    if offer:
        payable.release(offer, attempt.claim, by=by, now=now)
        no_tries_left = offer.state == OfferState.DISABLED
    else:
        no_tries_left = _was_last_try(attempt) or tries_in(session) >= MOST_TRIES
    session.refresh_from_db()
    if no_tries_left and session.state == SessionState.OPEN:
        canceled = attempt.was_canceled and not was_refused(session)
        end = SessionState.ABORTED if canceled else SessionState.FAILED
        SESSION_LIFE.move(session, end, by=by, cause="no tries left", now=now, ended_at=now)
        tell_failure(session, now=now)


def _was_last_try(attempt: Attempt) -> bool:
    """A program asks once. Its payer may begin anew on the page, but not with a refused card (behaviour.md D-12)."""
    began_anew = attempt.state == AttemptState.ABANDONED and not attempt.ready_at
    return is_asked_by_program(attempt.session) and not began_anew


def tries_in(session: Session) -> int:
    """How often this payer tried; a second try that the issuer asked for is the same one (OC-13)."""
    return session.attempts.filter(second_try_of=None).count()


def was_refused(session: Session) -> bool:
    """Did anybody but the payer say no in this visit?"""
    declined = session.attempts.filter(state=AttemptState.DECLINED)
    return any(not attempt.was_canceled for attempt in declined)
