"""Give back what must not be kept, and make sure that it stays given back (safety.md OC-8).

The question is written by `give_back` of movements.py and put here, under one request id, until it is acknowledged.
After that the original is asked about once more: the acknowledgement may have overtaken it.
"""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from paygate.acquiring.choose import terminal_ref
from paygate.acquiring.connector import (
    Answer,
    Approved,
    Declined,
    Elsewhere,
    InquiryAnswer,
    NotFound,
    NotSent,
    ReverseRequest,
    Unknown,
)
from paygate.acquiring.declines import DeclineReason
from paygate.acquiring.registry import connector_for
from paygate.checkpoints import reached
from paygate.journal.models import Kind, Movement
from paygate.journal.movements import LEASE, WAITING, give_back, lock, settle
from paygate.journal.schedules import GIVE_BACKS, moment
from paygate.journal.states import MOVEMENT_LIFE, MovementState
from paygate.journal.unanswered import inquire
from paygate.merchants.reach import SYSTEM

log = structlog.get_logger("paygate.journal")

UNACKNOWLEDGED = (MovementState.ASKED, MovementState.UNKNOWN, MovementState.NOT_SENT)


def due(*, now: datetime) -> QuerySet[Movement]:
    """Give-backs to be put (again), and acknowledged ones to be looked after."""
    return Movement.objects.filter(kind=Kind.REVERSE, review_since=None).filter(
        Q(state__in=UNACKNOWLEDGED, next_inquiry_at__lte=now) | Q(look_again_at__lte=now)
    )


def put(movement_id: int, *, now: datetime) -> Answer | None:
    """Ask the acquirer to give it back, outside any transaction; None when it is not due or somebody else asks.

    The caller settles the answer, together with everything that follows from it.
    """
    movement = _take_up(movement_id, now=now)
    if movement is None:
        return None
    reached("reversal.marked_sent")
    about = movement.about
    assert about is not None
    entry = movement.entry
    answer = connector_for(entry.contract).reverse(
        ReverseRequest(
            request_id=movement.request_id,
            original_request_id=about.request_id,
            amount=about.amount,
            terminal=terminal_ref(entry.contract),
        )
    )
    reached("reversal.reply_read")
    return answer


def look_again(movement_id: int, *, now: datetime) -> None:
    """Is it still given back? If the original was approved after all, it is given back once more."""
    movement = _take_up_look(movement_id, now=now)
    if movement is None:
        return
    about = movement.about
    assert about is not None
    answer = inquire(about)
    with transaction.atomic(durable=True):
        lock(movement.entry_id)
        about.refresh_from_db()
        if not _is_over(about, answer, now=now):
            return
        Movement.objects.filter(pk=movement.pk).update(look_again_at=None)


def _is_over(about: Movement, answer: InquiryAnswer, *, now: datetime) -> bool:
    """Write down what the look has shown; False: nothing, so look again later."""
    match answer:
        case Approved() | Elsewhere():
            if about.state in WAITING and isinstance(answer, Approved):
                settle(about, answer, now=now, by=SYSTEM)
            give_back(about, because="still approved", by=SYSTEM, now=now)
        case Unknown(to_be_given_back=True):
            give_back(about, because="still approved for less", by=SYSTEM, now=now)
        case Declined():
            if about.state in WAITING:
                settle(about, answer, now=now, by=SYSTEM)
        case NotFound():
            if about.state in WAITING:
                settle(about, Declined(DeclineReason.NEVER_ARRIVED), now=now, by=SYSTEM)
        case Unknown() | NotSent():
            return False
    return True


def _take_up(movement_id: int, *, now: datetime) -> Movement | None:
    """Store the next try before this one leaves, so that a crash repeats it and two processes never ask at once."""
    with transaction.atomic(durable=True):
        movement = Movement.objects.select_for_update().filter(pk=movement_id).first()
        if (
            movement is None
            or movement.state not in UNACKNOWLEDGED
            or movement.review_since is not None
            or movement.next_inquiry_at is None
            or movement.next_inquiry_at > now
        ):
            return None
        if movement.inquiries > len(GIVE_BACKS):  # one try for each step, and one before the first
            Movement.objects.filter(pk=movement.pk).update(review_since=now, next_inquiry_at=None)
            if movement.state != MovementState.UNKNOWN:
                _as_unknown(movement, now=now)
            log.error("a person must decide", movement=movement.request_id, kind=movement.kind)
            return None
        if movement.state == MovementState.NOT_SENT:
            MOVEMENT_LIFE.move(movement, MovementState.ASKED, by=SYSTEM, cause="tried again", now=now)
        Movement.objects.filter(pk=movement.pk).update(
            inquiries=movement.inquiries + 1,
            next_inquiry_at=now + LEASE,
            lease_until=now + LEASE,
            sent_at=movement.sent_at or now,
        )
    return Movement.objects.select_related("entry__contract__terminal", "about").get(pk=movement_id)


def _as_unknown(movement: Movement, *, now: datetime) -> None:
    """Under review is what nobody knows; something that never left is asked for once more by the one who decides."""
    if movement.state == MovementState.NOT_SENT:
        MOVEMENT_LIFE.move(movement, MovementState.ASKED, by=SYSTEM, cause="given up", now=now)
    MOVEMENT_LIFE.move(movement, MovementState.UNKNOWN, by=SYSTEM, cause="given up", now=now)


def _take_up_look(movement_id: int, *, now: datetime) -> Movement | None:
    """Store the time of the next look before this one."""
    with transaction.atomic(durable=True):
        movement = Movement.objects.select_for_update().filter(pk=movement_id).first()
        if movement is None or movement.look_again_at is None or movement.look_again_at > now:
            return None
        Movement.objects.filter(pk=movement.pk).update(
            inquiries=movement.inquiries + 1,
            look_again_at=moment(movement.look_again_at, GIVE_BACKS, movement.inquiries, now=now + LEASE),
        )
    return Movement.objects.select_related(
        "entry__contract__terminal", "about__entry__contract__terminal"
    ).get(pk=movement_id)
