"""Carry out what two people decided about something that nobody could find out (safety.md 2.1 REVIEW, AU-5)."""

from datetime import datetime

from django.db import transaction

from paygate.acquiring.connector import Answer, Approved, Declined, Echo
from paygate.acquiring.declines import DeclineReason
from paygate.checkout import giving_back
from paygate.checkout.conclude import follow
from paygate.checkout.ending import locked
from paygate.checkout.models import Attempt
from paygate.checkout.states import MONEY_ASKED
from paygate.journal import review
from paygate.journal.batch_close import accept_as_filed, file_again
from paygate.journal.models import Decision, Kind, Movement
from paygate.journal.movements import give_back
from paygate.journal.reversal import note_look
from paygate.journal.settling import settle
from paygate.journal.states import Verdict
from paygate.journal.unanswered import OPERATIONS
from paygate.merchants.reach import Actor


def confirm(decision_id: int, *, by: Actor, now: datetime) -> Decision:
    """The second person agrees: it is settled as decided, with everything that follows from it.

    Raises `OnlyByAnother`, `NotUnderReview`, `NotFound`.
    """
    decision = Decision.objects.select_related("movement", "period").filter(pk=decision_id).first()
    attempt = None
    if decision and decision.movement:
        attempt = Attempt.objects.select_related("session").filter(entry=decision.movement.entry_id).first()
    if decision and decision.period_id is not None:
        return _about_period(decision_id, by=by, now=now)
    if attempt is None:
        with transaction.atomic(durable=True):
            return _about_movement(review.confirm(decision_id, by=by, now=now), by=by, now=now)
    with locked(attempt) as (attempt, offer):
        decision = review.confirm(decision_id, by=by, now=now)
        movement = decision.movement
        assert movement is not None
        if movement.kind != Kind.AUTHORIZE or attempt.state not in MONEY_ASKED:
            with giving_back.following(attempt, offer, now=now, by=by.name):
                return _about_movement(decision, by=by, now=now)
        if decision.verdict == Verdict.ASK_AGAIN:
            _ask_again(movement, now=now)
        else:
            answer = _as_answer(decision, movement)
            follow(attempt, offer, answer, unanswered=_still_unknown, now=now, by=by.name)
        return decision


def _about_movement(decision: Decision, *, by: Actor, now: datetime) -> Decision:
    movement = decision.movement
    assert movement is not None
    if decision.verdict == Verdict.ASK_AGAIN:
        _ask_again(movement, now=now)
        return decision
    if movement.kind == Kind.REVERSE and movement.settled_at:
        note_look(movement, Declined(DeclineReason.DECIDED), now=now, by=by.name)
        return decision
    keep = decision.verdict != Verdict.GIVE_BACK
    settle(movement, _as_answer(decision, movement), now=now, by=by.name, keep=keep)
    if not keep:
        giving_back.soon(give_back(movement, because="an orphan", by=by.name, now=now))
    return decision


def _ask_again(movement: Movement, *, now: datetime) -> None:
    """Begin the schedule anew, counted from now (`Movement.counted_from`)."""
    when = {"look_again_at": now} if movement.settled_at else {"next_inquiry_at": now}
    Movement.objects.filter(pk=movement.pk).update(review_since=None, inquiries=0, not_found_at=None, **when)
    if movement.kind == Kind.REVERSE:
        giving_back.soon(movement)


def _about_period(decision_id: int, *, by: Actor, now: datetime) -> Decision:
    with transaction.atomic(durable=True):
        decision = review.confirm(decision_id, by=by, now=now)
        assert decision.period_id is not None
        accept_as_filed(decision.period_id, happened=decision.verdict == Verdict.HAPPENED, by=by, now=now)
    if decision.verdict == Verdict.ASK_AGAIN:
        file_again(decision.period_id, by=by, now=now)
    return decision


def _as_answer(decision: Decision, movement: Movement) -> Answer:
    """What the acquirer would have said. Where a person only knows that it happened, the reference is ours."""
    if decision.verdict == Verdict.DID_NOT_HAPPEN:
        return Declined(DeclineReason.DECIDED)
    echo = Echo(
        movement.request_id,
        movement.entry.terminal.number,
        movement.amount,
        OPERATIONS.get(Kind(movement.kind), OPERATIONS[Kind.AUTHORIZE]),
    )
    return Approved(decision.acquirer_reference or movement.acquirer_reference, movement.amount, echo)


def _still_unknown(attempt: Attempt, movement: Movement) -> None:
    raise AssertionError("people decided, so it is known")
