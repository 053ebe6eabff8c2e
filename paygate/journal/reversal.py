"""Give back what must not be kept, and make sure that it stays given back (safety.md OC-8).

The question is written by `give_back` of movements.py and put here, under one request id, until it is answered. After
that the original is asked about once more: an acknowledgement may have overtaken it, and a refusal has to be explained.
What is held all the same is given back under a new request id.
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
from paygate.journal.models import Entry, Kind, Movement
from paygate.journal.movements import LEASE, WAITING, give_back, lock
from paygate.journal.schedules import BETWEEN_NOT_FOUND, GIVE_BACKS, moment
from paygate.journal.settling import settle
from paygate.journal.states import ENTRY_LIFE, MOVEMENT_LIFE, EntryState, MovementState
from paygate.journal.unanswered import inquire
from paygate.merchants.reach import SYSTEM

log = structlog.get_logger("paygate.journal")

UNACKNOWLEDGED = (MovementState.ASKED, MovementState.UNKNOWN, MovementState.NOT_SENT)


def due(*, now: datetime) -> QuerySet[Movement]:
    """Give-backs to be put (again), and answered ones to be looked after."""
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


def look(movement_id: int, *, now: datetime) -> InquiryAnswer | None:
    """What the acquirer says now of what was to be given back, asked outside any transaction; None: it is not due.

    The caller writes it down with `note_look`, together with everything that follows from it.
    """
    movement = _take_up_look(movement_id, now=now)
    if movement is None:
        return None
    assert movement.about is not None
    return inquire(movement.about)


def note_look(movement: Movement, answer: InquiryAnswer, *, now: datetime, by: str = SYSTEM) -> None:
    """Write down what the look has shown, inside the caller's transaction.

    What is still held is given back once more, under a new name. Where nothing is held the payment is over. What shows
    nothing is followed by another look.
    """
    entry = lock(movement.entry_id)
    movement = Movement.objects.select_for_update(of=("self",)).select_related("about").get(pk=movement.pk)
    about = movement.about
    assert about is not None
    if movement.look_again_at is None and movement.review_since is None:
        return  # somebody else has looked
    match answer:
        case Approved() | Elsewhere():
            if about.state in WAITING and isinstance(answer, Approved):
                settle(about, answer, now=now, by=by)
            give_back(about, because="still approved", by=by, now=now)
        case Unknown(to_be_given_back=True):
            give_back(about, because="still approved for less", by=by, now=now)
        case Declined():
            _nothing_is_held(entry, about, answer, by=by, now=now)
        case NotFound() if _is_proof(movement, about, now=now):
            _nothing_is_held(entry, about, Declined(DeclineReason.NEVER_ARRIVED), by=by, now=now)
        case Unknown() | NotSent() | NotFound():
            return
    Movement.objects.filter(pk=movement.pk).update(look_again_at=None, review_since=None)


def _is_proof(movement: Movement, about: Movement, *, now: datetime) -> bool:
    """Does "never heard of it" mean that it never arrives? After a refusal it has to be said twice (safety.md OC-6)."""
    if movement.state == MovementState.APPROVED:
        return True
    if about.not_found_at is None:
        Movement.objects.filter(pk=about.pk).update(not_found_at=now)
        return False
    return now >= about.not_found_at + BETWEEN_NOT_FOUND


def _nothing_is_held(entry: Entry, about: Movement, answer: Declined, *, by: str, now: datetime) -> None:
    if about.state in WAITING:
        settle(about, answer, now=now, by=by)
    if about.kind == Kind.AUTHORIZE and entry.state == EntryState.PENDING:
        ENTRY_LIFE.move(entry, EntryState.CANCELED, by=by, cause="nothing is held", now=now)


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
    """Store the time of the next look before this one; when all are used up, a person must decide."""
    with transaction.atomic(durable=True):
        movement = Movement.objects.select_for_update().filter(pk=movement_id).first()
        if movement is None or movement.look_again_at is None or movement.look_again_at > now:
            return None
        if movement.inquiries > len(GIVE_BACKS):  # one look for each step, and one before the first
            Movement.objects.filter(pk=movement.pk).update(review_since=now, look_again_at=None)
            log.error("a person must decide", movement=movement.request_id, kind=movement.kind)
            return None
        step = min(movement.inquiries, len(GIVE_BACKS) - 1)
        Movement.objects.filter(pk=movement.pk).update(
            inquiries=movement.inquiries + 1,
            look_again_at=moment(movement.counted_from, GIVE_BACKS, step, now=now + LEASE),
        )
    return Movement.objects.select_related(
        "entry__contract__terminal", "about__entry__contract__terminal"
    ).get(pk=movement_id)
