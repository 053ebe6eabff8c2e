"""`settle` writes an answer of the acquirer down, and moves the entry with it (safety.md 2.1).

Called inside the caller's transaction and under the entry's lock; what has to be given back is asked for with it.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db.models import F, QuerySet

from paygate.acquiring.causes import Doubt
from paygate.acquiring.connector import (
    Approved,
    Declined,
    Elsewhere,
    InquiryAnswer,
    NotFound,
    NotSent,
    Unknown,
)
from paygate.acquiring.declines import DeclineReason
from paygate.alarms.kinds import AlarmKind
from paygate.alarms.raising import raise_alarm
from paygate.journal.models import Entry, Kind, Movement
from paygate.journal.movements import (
    BY_PAYER,
    FIRST_INQUIRY,
    MONEY_IS_MOVED,
    WAITING,
    booking_of,
    give_back,
    is_given_back,
)
from paygate.journal.periods import open_period
from paygate.journal.schedules import ALARM_AFTER, GIVE_BACKS, READ_TIMEOUT, moment
from paygate.journal.states import ENTRY_LIFE, MOVEMENT_LIFE, EntryState, MovementState
from paygate.merchants.models import Booking
from paygate.methods import METHODS
from paygate.tenants.kept import Given, Kept
from paygate.threeds.liability import Liability

log = structlog.get_logger("paygate.journal")


def settle(
    movement: Movement, answer: InquiryAnswer, *, now: datetime, by: str = "", keep: bool = True
) -> Movement:
    """Write the answer down and move the entry, inside the caller's transaction and under the entry's lock.

    `by` is who brought the answer, if not who asked. A reservation that is not to be kept stays PENDING: the caller
    asks for its giving back. A repeated answer changes nothing. An answer that contradicts a settled movement changes
    no state, is logged as an alarm, and is given back where money is held against our books (safety.md OC-9). An
    inquiry that found nothing is no answer: the movement stays as it is.
    """
    return _settled(_MOVEMENT.get(movement_id=movement.pk), answer, now=now, by=by, keep=keep)


def settle_payment(
    entry: Entry,
    answer: InquiryAnswer,
    *,
    now: datetime,
    by: str = "",
    keep: bool = True,
    liability: Liability | None = None,
) -> Movement:
    """The same for the question that the entry began with; who is liable is written with the reservation."""
    question = _QUESTION.get(entry_id=entry.pk)
    return _settled(question, answer, now=now, by=by, keep=keep, liability=liability)


def _locked() -> QuerySet[Movement]:
    """Movements and their entries as they are now, locked in this order: the entry first (safety.md LK-2)."""
    return Movement.objects.select_related("entry__terminal").select_for_update(of=("entry", "self"))


_MOVEMENT: Final = Kept(lambda: _locked().filter(pk=Given("movement_id", Movement._meta.pk)).order_by())
_QUESTION: Final = Kept(
    lambda: _locked().filter(entry=Given("entry_id", Entry._meta.pk), kind=Kind.AUTHORIZE).order_by()
)


def _settled(
    movement: Movement,
    answer: InquiryAnswer,
    *,
    now: datetime,
    by: str,
    keep: bool,
    liability: Liability | None = None,
) -> Movement:
    entry = movement.entry
    movement.by, asked_by = by or movement.by, movement.by
    if movement.state not in WAITING:
        _look_at_contradiction(movement, answer, now=now)
    elif movement.kind == Kind.REVERSE:
        _settle_give_back(entry, movement, answer, now=now)
    else:
        _settle(entry, movement, answer, keep=keep, liability=liability, now=now)
    movement.by = asked_by
    return movement


def _settle(
    entry: Entry,
    movement: Movement,
    answer: InquiryAnswer,
    *,
    keep: bool,
    liability: Liability | None,
    now: datetime,
) -> None:
    match answer:
        case Approved():
            _approved(entry, movement, answer, keep=keep, liability=liability, now=now)
        case Declined():
            _declined(entry, movement, answer, now=now)
        case NotSent():
            _not_sent(entry, movement, answer, now=now)
        case Elsewhere():
            if movement.state != MovementState.ELSEWHERE:
                _move(movement, MovementState.ELSEWHERE, "payer sent on", now, next_inquiry_at=now + FIRST_INQUIRY,
                      acquirer_reference=answer.reference)  # fmt: skip
        case Unknown():
            # At the wallet, an inquiry that failed changes nothing: the payer is still there.
            if movement.state == MovementState.ASKED:
                _no_answer(movement, answer, next_inquiry_at=now + FIRST_INQUIRY, now=now)
            if answer.to_be_given_back and movement.kind in (Kind.CAPTURE, Kind.REFUND):
                # Done for less than was asked: nobody wants that (OC-2). Given back, it counts as not done.
                give_back(movement, because="done for less than asked", by=movement.by, now=now)
        case NotFound():
            pass


def _settle_give_back(entry: Entry, movement: Movement, answer: InquiryAnswer, *, now: datetime) -> None:
    """Acknowledged; or refused, which a look at the original has to explain; or tried again (safety.md OC-8)."""
    about = movement.about
    assert about is not None, "a give-back is about something"
    step = min(movement.inquiries, len(GIVE_BACKS)) - 1  # the first try is before the first step
    next_try = moment(movement.counted_from, GIVE_BACKS, step, now=now)
    # The answer may have overtaken the question it is about: one more look, late enough.
    late_enough = max(now, (about.sent_at or now) + 2 * READ_TIMEOUT)
    answered: dict[str, object] = {"settled_at": now, "next_inquiry_at": None, "look_again_at": late_enough,
                                   "inquiries": 0, "review_since": None}  # fmt: skip
    if movement.inquiries >= ALARM_AFTER and not isinstance(answer, Approved):
        log.error("not given back yet", movement=movement.request_id, tries=movement.inquiries)
    match answer:
        case Approved():
            _move(
                movement,
                MovementState.APPROVED,
                "given back",
                now,
                acquirer_reference=answer.reference,
                **answered,
            )
            if about.kind == Kind.AUTHORIZE and entry.state == EntryState.PENDING:
                ENTRY_LIFE.move(entry, EntryState.CANCELED, by=movement.by, cause="given back", now=now)
        case Declined():
            # Under this name the answer stays the same, so it is not asked again; and it is no proof that nothing is
            # held there.
            _move(movement, MovementState.DECLINED, "refused", now, decline_reason=answer.reason.value,
                  acquirer_code=answer.acquirer_code[:12], **answered)  # fmt: skip
        case NotSent():
            if movement.state == MovementState.ASKED:
                _move(movement, MovementState.NOT_SENT, answer.cause, now, next_inquiry_at=next_try,
                      no_answer_because=answer.cause[:40])  # fmt: skip
            else:
                Movement.objects.filter(pk=movement.pk).update(next_inquiry_at=next_try)
        case _:
            unknown = answer if isinstance(answer, Unknown) else Unknown(Doubt.NOT_ACKNOWLEDGED)
            if movement.state == MovementState.ASKED:
                _no_answer(movement, unknown, next_inquiry_at=next_try, now=now)
            else:
                Movement.objects.filter(pk=movement.pk).update(
                    next_inquiry_at=next_try, no_answer_because=unknown.cause[:40]
                )


def _no_answer(movement: Movement, answer: Unknown, *, next_inquiry_at: datetime, now: datetime) -> None:
    _move(movement, MovementState.UNKNOWN, answer.cause, now, next_inquiry_at=next_inquiry_at,
          no_answer_because=answer.cause[:40], raw_answer=answer.raw[:2000])  # fmt: skip
    log.warning("no usable answer", movement=movement.request_id, cause=answer.cause, kind=movement.kind)


def _look_at_contradiction(movement: Movement, answer: InquiryAnswer, *, now: datetime) -> None:
    """Another answer than the one we settled with: an alarm. Money held against our books is given back (OC-9)."""
    match answer:
        case Approved() if movement.state != MovementState.APPROVED:
            _contradicted(movement, answer, now=now)
            if movement.kind in MONEY_IS_MOVED:
                give_back(movement, because="approved after all", by=movement.by, now=now)
        case Declined() if movement.state != MovementState.DECLINED:
            _contradicted(movement, answer, now=now)
        case _:
            pass


def _contradicted(movement: Movement, answer: InquiryAnswer, *, now: datetime) -> None:
    log.error("contradicting answer", movement=movement.request_id, state=movement.state)
    raise_alarm(
        AlarmKind.CONTRADICTION,
        movement.request_id,
        merchant_id=movement.merchant_id,
        now=now,
        detail=f"{movement.kind} {movement.state}, and now {type(answer).__name__}",
    )


def _move(movement: Movement, state: MovementState, why: str, now: datetime, **changes: object) -> None:
    MOVEMENT_LIFE.move(movement, state, by=movement.by, cause=why[:80], now=now, **changes)


def _approved(
    entry: Entry,
    movement: Movement,
    answer: Approved,
    *,
    keep: bool,
    liability: Liability | None,
    now: datetime,
) -> None:
    was_doubted = movement.state != MovementState.ASKED  # before that nobody asks for a giving back
    batch = (
        {"period": open_period(entry.terminal, now=now)}
        if movement.kind == Kind.CAPTURE and METHODS[entry.method].in_batch
        else {}
    )
    _move(movement, MovementState.APPROVED, "approved", now, settled_at=now, acquirer_reference=answer.reference,
          approval_code=answer.approval_code, **batch)  # fmt: skip
    match movement.kind:
        case Kind.AUTHORIZE | Kind.REFUND:
            if not keep:
                return
            if entry.state != EntryState.PENDING or (was_doubted and is_given_back(movement)):
                # We gave it up. It is in the books now, and never kept (OC-7, OC-8).
                give_back(movement, because="approved too late", by=movement.by, now=now)
            elif movement.kind == Kind.REFUND:
                _paid_back(entry, movement, answer, now=now)
            else:
                _reserved(entry, movement, answer, liability=liability, now=now)
        case Kind.CAPTURE:
            _book(entry, movement, now=now)
        case Kind.CANCEL:
            ENTRY_LIFE.move(
                entry, EntryState.CANCELED, by=movement.by, cause="canceled", now=now, booked_minor=0
            )
            if entry.is_refund:
                _counts_no_longer(entry)
        case Kind.RELEASE:
            ENTRY_LIFE.move(entry, EntryState.CAPTURED, by=movement.by, cause="the rest released", now=now)


def _reserved(
    entry: Entry, movement: Movement, answer: Approved, *, liability: Liability | None, now: datetime
) -> None:
    shift = (
        {"liability_shift": liability.shift, "liable_entity": liability.liable_entity} if liability else {}
    )
    method = METHODS[entry.method]
    days = method.days_guaranteed(pre_authorization=entry.booking == "PRE_AUTHORIZATION")
    ENTRY_LIFE.move(
        entry,
        EntryState.AUTHORIZED,
        by=movement.by,
        cause="authorized",
        now=now,
        succeeded=True,
        approval_code=answer.approval_code,
        acquirer_reference=answer.reference,
        authorized_at=now,
        guaranteed_until=now + timedelta(days=days),
        **shift,
    )
    if not method.needs_capture:
        # The money moves with the authorization itself: through AUTHORIZED in one transaction (safety.md ST-4).
        ENTRY_LIFE.move(
            entry,
            EntryState.CAPTURED,
            by=movement.by,
            cause="single message",
            now=now,
            booked_minor=entry.amount_minor,
        )


def _paid_back(entry: Entry, movement: Movement, answer: Approved, *, now: datetime) -> None:
    """The acquirer pays back. What goes with a batch waits for its booking, unless it is booked by itself (I-4)."""
    ENTRY_LIFE.move(
        entry,
        EntryState.AUTHORIZED,
        by=movement.by,
        cause="refund approved",
        now=now,
        succeeded=True,
        approval_code=answer.approval_code,
        acquirer_reference=answer.reference,
        authorized_at=now,
    )
    if entry.booking == Booking.AUTOMATIC or not METHODS[entry.method].in_batch:
        book_refund(entry, movement, by=movement.by, now=now)


def book_refund(entry: Entry, movement: Movement, *, by: str, now: datetime) -> None:
    """Into the open period, where the method has batches; the acquirer is asked nothing. The entry is locked."""
    if METHODS[entry.method].in_batch:
        movement.period = open_period(entry.terminal, now=now)
        movement.save(update_fields=["period"])
    ENTRY_LIFE.move(
        entry, EntryState.CAPTURED, by=by, cause="refund booked", now=now, booked_minor=entry.amount_minor
    )


def _counts_no_longer(refund: Entry) -> None:
    """Nothing is paid back by it, so that the payment may be paid back again."""
    for model, pk in ((Entry, refund.pays_back_id), (Movement, refund.pays_back_part_id)):
        if pk is not None:
            model.objects.filter(pk=pk).update(refunded_minor=F("refunded_minor") - refund.amount_minor)


def _book(entry: Entry, movement: Movement, *, now: datetime) -> None:
    if movement.part:
        entry.parts_minor += movement.amount_minor
        entry.save(update_fields=["parts_minor"])
    if movement.final:
        ENTRY_LIFE.move(entry, EntryState.CAPTURED, by=movement.by, cause="booked", now=now)


def _declined(entry: Entry, movement: Movement, answer: Declined, *, now: datetime) -> None:
    _move(movement, MovementState.DECLINED, "declined", now, settled_at=now, decline_reason=answer.reason.value,
          acquirer_code=answer.acquirer_code[:12])  # fmt: skip
    by_payer = answer.reason is DeclineReason.PAYER_CANCELED
    _nothing_moved(entry, movement, EntryState.DECLINED, why=BY_PAYER if by_payer else "declined", now=now)
    if answer.reason is DeclineReason.NEVER_ARRIVED and movement.kind in MONEY_IS_MOVED:
        # Proof enough to go on, but it may still be under way: whoever asks late finds it given back (OC-6).
        give_back(movement, because="never arrived", by=movement.by, now=now)


def _not_sent(entry: Entry, movement: Movement, answer: NotSent, *, now: datetime) -> None:
    if movement.state != MovementState.ASKED:
        return  # an inquiry that could not be sent says nothing about what it asks about
    _move(
        movement,
        MovementState.NOT_SENT,
        answer.cause,
        now,
        settled_at=now,
        no_answer_because=answer.cause[:40],
    )
    _nothing_moved(entry, movement, EntryState.FAILED, why="failed", now=now)


def _nothing_moved(entry: Entry, movement: Movement, end: EntryState, *, why: str, now: datetime) -> None:
    match movement.kind:
        case Kind.AUTHORIZE:
            if entry.state == EntryState.PENDING and not is_given_back(movement):
                ENTRY_LIFE.move(entry, end, by=movement.by, cause=why, now=now)
        case Kind.CAPTURE:
            Entry.objects.filter(pk=entry.pk).update(booked_minor=F("booked_minor") - movement.amount_minor)
        case Kind.REFUND:
            if entry.state == EntryState.PENDING:
                ENTRY_LIFE.move(entry, end, by=movement.by, cause=why, now=now)
                _counts_no_longer(entry)
        case Kind.CANCEL:
            booking = booking_of(entry) if entry.state == EntryState.CAPTURED else None
            if booking and METHODS[entry.method].in_batch:
                booking.period = open_period(entry.terminal, now=now)
                booking.save(update_fields=["period"])
