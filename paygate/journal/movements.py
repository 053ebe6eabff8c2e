"""`ask` before a question leaves the house, `mark_sent` when it leaves, `settle` when its answer is in.

The three steps of safety.md 2.1. `ask` and `settle` are called inside the caller's transaction; between them nothing
is locked, and the row says exactly what was on its way. `give_back` asks for what must not be kept to be given back.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from paygate import tokens
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
from paygate.journal.models import Decision, Entry, Kind, Movement, Verdict
from paygate.journal.periods import open_period
from paygate.journal.schedules import ALARM_AFTER, GIVE_BACKS, READ_TIMEOUT, moment
from paygate.journal.states import ENTRY_LIFE, MOVEMENT_LIFE, EntryState, MovementState
from paygate.methods import METHODS
from paygate.money.amount import Money
from paygate.money.model_fields import columns
from paygate.refusals import Kind as RefusalKind
from paygate.refusals import Refusal
from paygate.tenants.kept import Given, Kept, KeptChange
from paygate.threeds.liability import Liability

log = structlog.get_logger("paygate.journal")

INSTANCE: Final = 1  # raised by a restore (safety.md BR-4, ID-8)
LEASE: Final = timedelta(seconds=60)  # longer than the longest call (OC-4)
FIRST_INQUIRY: Final = timedelta(seconds=2)  # while the payer waits (OC-4)

WAITING: Final = (MovementState.ASKED, MovementState.UNKNOWN, MovementState.ELSEWHERE)
BY_PAYER: Final = "canceled by the payer"  # the cause, in a history, of a no that was the payer's own
MONEY_IS_HELD: Final = (Kind.AUTHORIZE, Kind.CAPTURE)  # by an approval of these


def lock(entry_id: int) -> Entry:
    """The entry, locked until the transaction ends."""
    return Entry.objects.select_for_update().get(pk=entry_id)


def ask(entry: Entry, kind: Kind, amount: Money, *, by: str, now: datetime, **more: object) -> Movement:
    """Write a question down, with the request id that every retry will carry."""
    assert transaction.get_connection().in_atomic_block, "a question is written with what it is about"
    movement = Movement.objects.create(
        merchant_id=entry.merchant_id,
        entry=entry,
        kind=kind,
        by=by,
        asked_at=now,
        lease_until=now + LEASE,
        **columns(amount),
        **{"request_id": tokens.own_reference(INSTANCE), **more},
    )
    MOVEMENT_LIFE.begin(movement, by=by, cause="asked", now=now)
    return movement


def give_back(movement: Movement, *, because: str, by: str, now: datetime) -> Movement:
    """Ask for the giving back of something that must not be kept, inside the caller's transaction (safety.md OC-8).

    It is addressed by our own request id, so it may be asked whether or not the question ever arrived. One that is
    under way stands for it. A further one, after a refusal or an acknowledgement that did not hold, is the next try of
    one schedule, under a name of its own: under the old one the answer would be the old one.
    """
    assert movement.state != MovementState.ASKED, "nothing is given back while its answer may still come"
    earlier = list(Movement.objects.filter(about=movement))
    for one in earlier:
        if one.settled_at is None:
            return one
    if len(earlier) >= ALARM_AFTER:
        log.error("not given back yet", movement=movement.request_id, tries=len(earlier))
    log.warning("to be given back", movement=movement.request_id, cause=because, kind=movement.kind)
    begun, tries = _tried_before(earlier) if earlier else (now, 0)
    first_try = moment(begun, GIVE_BACKS, tries - 1, now=now) if earlier else now
    return ask(
        movement.entry,
        Kind.REVERSE,
        movement.amount,
        by=by,
        now=now,
        about=movement,
        inquiries=tries,
        next_inquiry_at=first_try,
    )


def _tried_before(earlier: list[Movement]) -> tuple[datetime, int]:
    """When the schedule of these give-backs began, and how many belong to it: all, or those since people decided."""
    anew = Decision.objects.filter(movement__in=earlier, verdict=Verdict.ASK_AGAIN, confirmed=True)
    decided = anew.order_by("pk").last()
    if decided is None or decided.ended_at is None:
        return earlier[0].asked_at, len(earlier)
    return decided.ended_at, sum(one.pk >= (decided.movement_id or 0) for one in earlier)


def is_given_back(movement: Movement) -> bool:
    """Was its giving back asked for? Then it is never kept, whatever is answered (safety.md OC-7)."""
    return Movement.objects.filter(about=movement).exists()


class TakenOver(Refusal):
    """Whoever wanted to ask was thought dead, and somebody else settles the question: nothing is sent."""

    code = "TAKEN_OVER"
    kind = RefusalKind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("This took too long. Nothing was sent. Please try again."))


_SENT: Final = KeptChange(
    lambda: Movement.objects.filter(
        pk=Given("movement_id", Movement._meta.pk),
        state=MovementState.ASKED,
        sent_at=None,
        lease_until=Given("lease_until", Movement._meta.get_field("lease_until")),
    ),
    "sent_at",
)


def mark_sent(movement: Movement, *, now: datetime) -> None:
    """Committed before the first byte leaves (safety.md 2.1). Raises `TakenOver` when the lease is no longer ours."""
    with transaction.atomic(durable=True):
        # Whoever takes a question up moves the end of its lease, so a late asker finds another one (LK-5).
        if not _SENT.run({"sent_at": now}, movement_id=movement.pk, lease_until=movement.lease_until):
            raise TakenOver
    movement.sent_at = now


def settle(
    movement: Movement, answer: InquiryAnswer, *, now: datetime, by: str = "", keep: bool = True
) -> Movement:
    """Write the answer down and move the entry, inside the caller's transaction and under the entry's lock.

    `by` is who brought the answer, if not who asked. A reservation that is not to be kept stays PENDING: the caller
    asks for its giving back. A repeated answer changes nothing. An answer that contradicts a settled movement changes
    no state, is logged as an alarm, and is given back where money is held against our books (safety.md OC-9). An
    inquiry that found nothing is no answer: the movement stays as it is.
    """
    return _settled(_locked().get(pk=movement.pk), answer, now=now, by=by, keep=keep)


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
    return Movement.objects.select_related("entry").select_for_update(of=("entry", "self"))


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
            if answer.to_be_given_back and movement.kind == Kind.CAPTURE:
                # Booked for less than was asked: nobody wants that (OC-2). Given back, it counts as not booked.
                give_back(movement, because="booked for less than asked", by=movement.by, now=now)
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
            if movement.kind in MONEY_IS_HELD:
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
    _move(movement, MovementState.APPROVED, "approved", now, settled_at=now, acquirer_reference=answer.reference,
          approval_code=answer.approval_code)  # fmt: skip
    match movement.kind:
        case Kind.AUTHORIZE:
            if not keep:
                return
            if entry.state != EntryState.PENDING or (was_doubted and is_given_back(movement)):
                # We gave it up. It is in the books now, and never kept (OC-7, OC-8).
                give_back(movement, because="approved too late", by=movement.by, now=now)
                return
            _reserved(entry, movement, answer, liability=liability, now=now)
        case Kind.CAPTURE:
            _book(entry, movement, now=now)
        case Kind.CANCEL:
            ENTRY_LIFE.move(
                entry, EntryState.CANCELED, by=movement.by, cause="canceled", now=now, booked_minor=0
            )


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


def _book(entry: Entry, movement: Movement, *, now: datetime) -> None:
    if METHODS[entry.method].in_batch:
        movement.period = open_period(entry.terminal, now=now)
        movement.save(update_fields=["period"])
    ENTRY_LIFE.move(entry, EntryState.CAPTURED, by=movement.by, cause="booked", now=now)


def _declined(entry: Entry, movement: Movement, answer: Declined, *, now: datetime) -> None:
    _move(movement, MovementState.DECLINED, "declined", now, settled_at=now, decline_reason=answer.reason.value,
          acquirer_code=answer.acquirer_code[:12])  # fmt: skip
    by_payer = answer.reason is DeclineReason.PAYER_CANCELED
    _nothing_moved(entry, movement, EntryState.DECLINED, why=BY_PAYER if by_payer else "declined", now=now)
    if answer.reason is DeclineReason.NEVER_ARRIVED and movement.kind in MONEY_IS_HELD:
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
        case Kind.CANCEL:
            booking = booking_of(entry)
            if booking and METHODS[entry.method].in_batch:
                booking.period = open_period(entry.terminal, now=now)
                booking.save(update_fields=["period"])


def booking_of(entry: Entry, **where: object) -> Movement | None:
    """The approved booking of an entry, if there is one (and it fits `where`)."""
    return entry.movements.filter(kind=Kind.CAPTURE, state=MovementState.APPROVED, **where).first()
