"""Payers who left or took too long; authorizations that became known later."""

from datetime import datetime, timedelta
from typing import Final

from paygate.checkout.conclude import conclude
from paygate.checkout.ending import give_up
from paygate.checkout.models import Attempt, Session
from paygate.checkout.states import BEFORE_MONEY, LIVE, MONEY_ASKED, SESSION_LIFE, SessionState
from paygate.journal import unanswered
from paygate.journal.models import Kind, Movement
from paygate.journal.states import MovementState
from paygate.offers.payable import CLAIM_LASTS

SESSION_LASTS: Final = timedelta(hours=1)  # behaviour.md D-2
AT_ONCE: Final = 200


def find_out(attempt_id: int, *, now: datetime) -> datetime | None:
    """Ask what became of this attempt's reservation, and conclude it. When to ask again, or None when it is known."""
    attempt = Attempt.objects.select_related("entry").get(pk=attempt_id)
    if attempt.state not in MONEY_ASKED or attempt.entry is None:
        return None
    movement = attempt.entry.movements.get(kind=Kind.AUTHORIZE)
    if movement.settled_at is None:
        answer = unanswered.find_out(movement.pk, now=now)
        if answer is not None:
            conclude(attempt_id, answer, unanswered=_not_yet, now=now)
    movement.refresh_from_db()
    if movement.settled_at or movement.review_since:
        return None
    if movement.state == MovementState.ASKED:
        return max(movement.next_inquiry_at or movement.lease_until, movement.lease_until)
    return movement.next_inquiry_at


def come_back(attempt: Attempt, *, now: datetime) -> None:
    """The payer is back from the wallet: ask at once. What the browser brought along is not believed."""
    assert attempt.entry is not None, "who went to a wallet has an entry"
    movement = attempt.entry.movements.get(kind=Kind.AUTHORIZE)
    answer = unanswered.find_out(movement.pk, now=now, out_of_turn=True)
    if answer is not None:
        conclude(attempt.pk, answer, unanswered=_not_yet, now=now)


def _not_yet(attempt: Attempt, movement: Movement) -> None:
    """The job that asked comes again by itself."""


def give_up_left_behind(*, now: datetime) -> int:
    """End attempts whose payers did not come back from the issuer in time; the offer is free again."""
    left = Attempt.objects.filter(state__in=BEFORE_MONEY, begun_at__lte=now - CLAIM_LASTS)
    return sum(give_up(attempt, cause="took too long", now=now) for attempt in list(left[:AT_ONCE]))


def expire_sessions(*, now: datetime) -> int:
    """End visits of payers who just left."""
    old = Session.objects.filter(state=SessionState.OPEN, opened_at__lte=now - SESSION_LASTS)
    sessions = list(old.exclude(attempts__state__in=LIVE)[:AT_ONCE])
    for session in sessions:
        SESSION_LIFE.move(session, SessionState.EXPIRED, by="system", cause="left", now=now, ended_at=now)
    return len(sessions)
