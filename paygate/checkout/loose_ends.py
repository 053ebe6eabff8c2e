"""Payers who left or took too long; authorizations that became known later."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from paygate.acquiring.causes import Doubt
from paygate.acquiring.connector import Unknown
from paygate.checkout import giving_back
from paygate.checkout.conclude import conclude
from paygate.checkout.ending import TOOK_TOO_LONG, give_up, locked, void
from paygate.checkout.models import Attempt, Session
from paygate.checkout.shop_pages import tell_failure
from paygate.checkout.states import BEFORE_MONEY, LIVE, MONEY_ASKED, READY_FOR, SESSION_LIFE, SessionState
from paygate.journal import unanswered
from paygate.journal.models import Kind, Movement
from paygate.journal.settling import settle
from paygate.journal.states import MovementState
from paygate.merchants.reach import SYSTEM
from paygate.offers import payable
from paygate.offers.payable import CLAIM_LASTS
from paygate.tenants.sweeping import each_within
from paygate.threeds.server import CHALLENGE_SECONDS

SESSION_LASTS: Final = timedelta(hours=1)  # behaviour.md D-2
AT_ONCE: Final = 200


def find_out(attempt_id: int, *, now: datetime) -> datetime | None:
    """Ask what became of this attempt's reservation, and conclude it. When to ask again, or None when it is known.

    A card payment that nobody could find out about in 5 minutes is given up, and given back (safety.md OC-7).
    """
    attempt = Attempt.objects.select_related("entry", "session").get(pk=attempt_id)
    if attempt.state not in MONEY_ASKED or attempt.entry is None:
        return None
    movement = attempt.entry.movements.get(kind=Kind.AUTHORIZE)
    if unanswered.is_overdue(movement, now=now):
        _give_up_waiting(attempt, now=now)
    elif movement.settled_at is None:
        answer = unanswered.find_out(movement.pk, now=now)
        if answer is not None:
            conclude(attempt, answer, unanswered=_not_yet, now=now, by=SYSTEM)
    movement.refresh_from_db()
    if movement.settled_at or movement.review_since:
        return None
    if movement.state == MovementState.ASKED:
        return max(movement.next_inquiry_at or movement.lease_until, movement.lease_until)
    return movement.next_inquiry_at


def _give_up_waiting(attempt: Attempt, *, now: datetime) -> None:
    """The payer has gone. From now on an approval is given back, never kept."""
    with locked(attempt) as (attempt, offer):
        if attempt.state not in MONEY_ASKED or attempt.entry is None:
            return
        movement = attempt.entry.movements.select_for_update().get(kind=Kind.AUTHORIZE)
        if not unanswered.is_overdue(movement, now=now):
            return
        movement = settle(movement, Unknown(Doubt.NOBODY_ANSWERED), now=now, by=SYSTEM)
        question = void(attempt, offer, movement, because="no answer in time", now=now, by=SYSTEM)
        giving_back.soon(question)


def come_back(attempt: Attempt, *, now: datetime) -> None:
    """The payer is back from the wallet: ask at once. What the browser brought along is not believed."""
    assert attempt.entry is not None, "who went to a wallet has an entry"
    movement = attempt.entry.movements.get(kind=Kind.AUTHORIZE)
    answer = unanswered.find_out(movement.pk, now=now, out_of_turn=True)
    if answer is not None:
        conclude(attempt, answer, unanswered=_not_yet, now=now)


def _not_yet(attempt: Attempt, movement: Movement) -> None:
    """The job that asked comes again by itself."""


def give_up_left_behind(*, now: datetime) -> int:
    """End attempts whose payers did not come back from the issuer in time; the offer is free again (safety.md 3D-1)."""
    asked = now - timedelta(seconds=CHALLENGE_SECONDS)
    at_the_bank = Q(
        authentication__trans_status="C", authentication__final_status="", authentication__result_at=None
    )
    left = Attempt.objects.filter(
        Q(begun_at__lte=now - CLAIM_LASTS, ready_at=None)
        | Q(ready_at__lte=now - READY_FOR)
        | at_the_bank & Q(authentication__answered_at__lt=asked),
        state__in=BEFORE_MONEY,
    )
    rows = [(attempt.merchant_id, attempt) for attempt in left[:AT_ONCE]]
    return each_within(
        rows, lambda attempt: give_up(attempt, cause=TOOK_TOO_LONG, now=now, by=SYSTEM), what="give up"
    )


def expire_sessions(*, now: datetime) -> int:
    """End visits of payers who just left."""
    old = Session.objects.filter(state=SessionState.OPEN, opened_at__lte=now - SESSION_LASTS)
    rows = [(session.merchant_id, session.pk) for session in old.exclude(attempts__state__in=LIVE)[:AT_ONCE]]
    return each_within(rows, lambda session_id: _expire(session_id, now=now), what="expire session")


def _expire(session_id: int, *, now: datetime) -> bool:
    """Under the offer's lock, as a press of the payer is: meanwhile an attempt may have begun."""
    with transaction.atomic():
        session = Session.objects.get(pk=session_id)
        if session.offer_id:
            payable.lock(session.offer_id)
        session = Session.objects.select_for_update(of=("self",)).get(pk=session_id)
        if session.state != SessionState.OPEN or session.attempts.filter(state__in=LIVE).exists():
            return False
        SESSION_LIFE.move(session, SessionState.EXPIRED, by=SYSTEM, cause="left", now=now, ended_at=now)
        tell_failure(session, now=now)
    return True
