"""Ask again about movements whose answer never came (safety.md OC-1, OC-5, OC-6).

No answer is not a no. A movement that was provably never sent is settled as such. Every other one is inquired about
under its own request id, on a schedule that is stored before each step, and in the end a person decides.
"""

from datetime import datetime
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from paygate.acquiring.causes import Doubt
from paygate.acquiring.choose import terminal_ref
from paygate.acquiring.connector import (
    Declined,
    InquireRequest,
    InquiryAnswer,
    NotFound,
    NotSent,
    Operation,
    Unknown,
)
from paygate.acquiring.declines import DeclineReason
from paygate.acquiring.registry import connector_for
from paygate.journal.models import Kind, Movement
from paygate.journal.movements import original_of
from paygate.journal.schedules import (
    BETWEEN_NOT_FOUND,
    INQUIRIES,
    PATIENCE_WITH_CARDS,
    READ_TIMEOUT,
    SHORTEST,
    before_giving_up,
    moment,
)
from paygate.journal.settling import settle
from paygate.journal.states import MovementState
from paygate.merchants.reach import SYSTEM
from paygate.methods import METHODS

log = structlog.get_logger("paygate.journal")

OPERATIONS: Final = {
    Kind.AUTHORIZE: Operation.AUTHORIZE,
    Kind.CAPTURE: Operation.CAPTURE,
    Kind.CANCEL: Operation.CANCEL,
    Kind.RELEASE: Operation.CANCEL,  # of less than the whole
    Kind.REFUND: Operation.REFUND,
}


def due(*kinds: Kind, now: datetime) -> QuerySet[Movement]:
    """Movements of these kinds that somebody should ask about now."""
    return Movement.objects.filter(kind__in=kinds, review_since=None).filter(
        Q(state__in=[MovementState.UNKNOWN, MovementState.ELSEWHERE], next_inquiry_at__lte=now)
        | Q(state=MovementState.ASKED, lease_until__lte=now)
    )


def find_out(movement_id: int, *, now: datetime, out_of_turn: bool = False) -> InquiryAnswer | None:
    """What became of it, asked outside any transaction. None: not due, somebody else asks, or still nothing known.

    Out of turn, because a payer is back, it is asked at once and uses nothing of the schedule up. The caller settles
    what comes back, together with everything that follows from it.
    """
    movement = _out_of_turn(movement_id, now=now) if out_of_turn else _take_up(movement_id, now=now)
    if movement is None:
        return None
    if movement.sent_at is None:
        return NotSent(Doubt.NEVER_LEFT)
    answer = inquire(movement)
    match answer:
        case NotFound():
            return _proven_not_found(movement, now=now)
        case NotSent():
            # The inquiry did not leave the house. The question it is about did.
            return Unknown(answer.cause)
        case _:
            return answer


def inquire(movement: Movement) -> InquiryAnswer:
    """What the acquirer says of it now, by our own request id (safety.md OC-3)."""
    entry, original = movement.entry, original_of(movement)
    return connector_for(entry.contract).inquire(
        InquireRequest(
            request_id=movement.request_id,
            operation=OPERATIONS[Kind(movement.kind)],
            amount=movement.amount,
            terminal=terminal_ref(entry.contract),
            original_request_id=original.request_id if original else "",
        )
    )


def is_overdue(movement: Movement, *, now: datetime) -> bool:
    """Did a card's acquirer stay silent for so long that the payer has gone? Then it is given back (safety.md OC-7)."""
    if movement.kind != Kind.AUTHORIZE or not METHODS[movement.entry.method].is_card:
        return False
    silent = movement.state == MovementState.UNKNOWN or (
        movement.state == MovementState.ASKED and movement.lease_until <= now
    )
    return silent and movement.sent_at is not None and now >= movement.sent_at + PATIENCE_WITH_CARDS


def ask_again(movement_id: int, *, now: datetime) -> None:
    """Find out about a booking, a cancellation or a refund, and settle it."""
    answer = find_out(movement_id, now=now)
    if answer is not None:
        with transaction.atomic(durable=True):
            settle(Movement.objects.get(pk=movement_id), answer, now=now, by=SYSTEM)


def _out_of_turn(movement_id: int, *, now: datetime) -> Movement | None:
    """The movement, unless it is settled or was asked about a moment ago."""
    waiting = Movement.objects.select_related("entry__contract__terminal").filter(
        pk=movement_id, state__in=[MovementState.UNKNOWN, MovementState.ELSEWHERE], settled_at=None
    )
    mine = waiting.filter(Q(asked_about_at=None) | Q(asked_about_at__lte=now - SHORTEST))
    if not Movement.objects.filter(pk__in=mine.values("pk")).update(asked_about_at=now):
        return None
    return waiting.first()


def _take_up(movement_id: int, *, now: datetime) -> Movement | None:
    """Store the next step before this one runs, so that a crash asks again and two processes never ask at once."""
    with transaction.atomic(durable=True):
        movement = Movement.objects.select_for_update().filter(pk=movement_id).first()
        if movement is None or not due(Kind(movement.kind), now=now).filter(pk=movement.pk).exists():
            return None
        sent_at = movement.sent_at or movement.asked_at
        if movement.inquiries >= len(INQUIRIES):
            Movement.objects.filter(pk=movement.pk).update(review_since=now, next_inquiry_at=None)
            log.error("a person must decide", movement=movement.request_id, kind=movement.kind)
            return None
        # The first inquiry is at the first step, so this is the time of the next one.
        step = min(movement.inquiries + 1, len(INQUIRIES) - 1)
        next_inquiry_at = moment(movement.counted_from, INQUIRIES, step, now=now)
        if movement.kind == Kind.AUTHORIZE and METHODS[movement.entry.method].is_card:
            next_inquiry_at = before_giving_up(sent_at, next_inquiry_at, now=now)
        Movement.objects.filter(pk=movement.pk).update(
            inquiries=movement.inquiries + 1,
            next_inquiry_at=next_inquiry_at,
            lease_until=now + READ_TIMEOUT * 2,
        )
    return Movement.objects.select_related("entry__contract__terminal").get(pk=movement_id)


def _proven_not_found(movement: Movement, *, now: datetime) -> Declined | None:
    """ "Never heard of it" counts when it is said twice, 60 s apart, and long enough after sending (OC-6)."""
    sent_at = movement.sent_at
    assert sent_at is not None, "what was never sent is not inquired about"
    if now < sent_at + 2 * READ_TIMEOUT:
        return None
    if movement.not_found_at is None:
        Movement.objects.filter(pk=movement.pk).update(
            not_found_at=now, next_inquiry_at=now + BETWEEN_NOT_FOUND + SHORTEST
        )
        return None
    if now < movement.not_found_at + BETWEEN_NOT_FOUND:
        return None
    return Declined(DeclineReason.NEVER_ARRIVED)
