"""`ask` before a question leaves the house, `mark_sent` when it leaves, `settle` when its answer is in.

The three steps of safety.md 2.1. `ask` and `settle` are called inside the caller's transaction; between them nothing
is locked, and the row says exactly what was on its way. `give_back` asks for what must not be kept to be given back.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from paygate import tokens
from paygate.journal.models import Decision, Entry, Kind, Movement
from paygate.journal.schedules import ALARM_AFTER, GIVE_BACKS, moment
from paygate.journal.states import MOVEMENT_LIFE, MovementState, Verdict
from paygate.money.amount import Money
from paygate.money.model_fields import columns
from paygate.refusals import Kind as RefusalKind
from paygate.refusals import Refusal
from paygate.tenants.kept import Given, Kept, KeptChange

log = structlog.get_logger("paygate.journal")

INSTANCE: Final = 1  # raised by a restore (safety.md BR-4, ID-8)
LEASE: Final = timedelta(seconds=60)  # longer than the longest call (OC-4)
FIRST_INQUIRY: Final = timedelta(seconds=2)  # while the payer waits (OC-4)

WAITING: Final = (MovementState.ASKED, MovementState.UNKNOWN, MovementState.ELSEWHERE)
BY_PAYER: Final = "canceled by the payer"  # the cause, in a history, of a no that was the payer's own
MONEY_IS_MOVED: Final = (Kind.AUTHORIZE, Kind.CAPTURE, Kind.REFUND)  # by an approval of these
STEPS: Final = (Kind.CAPTURE, Kind.CANCEL, Kind.RELEASE)  # of a reservation: one at a time
ON_ITS_WAY: Final = (MovementState.ASKED, MovementState.UNKNOWN)
BEGINNINGS: Final = (Kind.AUTHORIZE, Kind.REFUND)  # what an entry begins with, once


_LOCKED: Final = Kept(
    lambda: (
        Entry.objects.select_for_update(of=("self",))
        .select_related("contract__terminal", "contract__merchant")
        .filter(pk=Given("entry_id", Entry._meta.pk))
        .order_by()
    )
)
_BEGINNING: Final = Kept(
    lambda: Movement.objects.filter(entry=Given("entry_id", Entry._meta.pk), kind__in=BEGINNINGS).order_by()
)
_STEP_ON_ITS_WAY: Final = Kept(
    lambda: Movement.objects.filter(
        entry=Given("entry_id", Entry._meta.pk), kind__in=STEPS, state__in=ON_ITS_WAY
    ).order_by()
)


def lock(entry_id: int) -> Entry:
    """The entry, locked until the transaction ends, with the contract that its steps are asked under."""
    return _LOCKED.get(entry_id=entry_id)


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


_COUNTED: Final = KeptChange(
    lambda: Entry.objects.filter(pk=Given("entry_id", Entry._meta.pk)),
    booked_minor=F("booked_minor") + Given("minor", Entry._meta.get_field("booked_minor")),
)


def count_as_booked(entry: Entry, amount: Money) -> None:
    """Of its reservation, this much is booked, or is on its way to be. The entry is locked."""
    _COUNTED.run({}, entry_id=entry.pk, minor=amount.minor)


def mark_sent(movement: Movement, *, now: datetime) -> None:
    """Committed before the first byte leaves (safety.md 2.1). Raises `TakenOver` when the lease is no longer ours."""
    with transaction.atomic(durable=True):
        # Whoever takes a question up moves the end of its lease, so a late asker finds another one (LK-5).
        if not _SENT.run({"sent_at": now}, movement_id=movement.pk, lease_until=movement.lease_until):
            raise TakenOver
    movement.sent_at = now


def question_of(entry: Entry) -> Movement:
    """What the entry began with: its authorization, or the question of a refund."""
    return _BEGINNING.get(entry_id=entry.pk)


def step_on_its_way(entry: Entry) -> Movement | None:
    """The booking, cancellation or release of it that has no answer yet."""
    return _STEP_ON_ITS_WAY.first(entry_id=entry.pk)


def booking_of(entry: Entry, **where: object) -> Movement | None:
    """What a batch has of an entry: its approved booking, or the approved refund (if it fits `where`)."""
    return entry.movements.filter(
        kind__in=[Kind.CAPTURE, Kind.REFUND], state=MovementState.APPROVED, **where
    ).first()


def original_of(movement: Movement) -> Movement | None:
    """The movement that this one names to the acquirer as its original; None for what begins with nothing before."""
    entry = movement.entry
    if movement.kind not in BEGINNINGS:
        return question_of(entry)
    payment = entry.pays_back
    return (entry.pays_back_part or booking_of(payment) or question_of(payment)) if payment else None
