"""Book a reservation in parts, each by a name of the program's own, and release what is left (behaviour.md H-9 to 14).

Each part is a booking of its own: it stands in the batch by itself, and is refunded by itself. The last one, or the
release of the rest, closes the reservation for good.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.cards.free_text import refuse_card_numbers
from paygate.journal.cancel import put_cancel
from paygate.journal.capture import (
    HeldBack,
    NotCapturable,
    NotWithinReservation,
    put_capture,
    put_down,
)
from paygate.journal.models import Entry, Kind, Movement
from paygate.journal.movements import ON_ITS_WAY, ask, count_as_booked, lock, step_on_its_way
from paygate.journal.states import EntryState, MovementState
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.methods import METHODS
from paygate.money.amount import Money
from paygate.money.display import money_text
from paygate.refusals import Kind as RefusalKind
from paygate.refusals import Refusal


class NotInParts(Refusal):
    """The method is booked at once, or it is a refund (behaviour.md H-9, I-6)."""

    code = "NOT_IN_PARTS"
    kind = RefusalKind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("This is booked whole: its method of payment knows no parts."))


class PartTaken(Refusal):
    """A part of this name is booked already, or is on its way (behaviour.md H-10)."""

    code = "ALREADY_CAPTURED"
    kind = RefusalKind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("A part of this name is booked already."))


class NothingLeft(Refusal):
    """Nothing was booked in parts, or nothing is left open (behaviour.md H-13)."""

    code = "TRANSACTION_IN_WRONG_STATE"
    kind = RefusalKind.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _("There is no rest to release: nothing was booked in parts, or nothing is left open.")
        )


@dataclass(frozen=True, slots=True)
class PartWish:
    """One part of a reservation that is to be booked."""

    amount: Money
    name: str  # the program's own: no two parts of a reservation have the same
    final: bool = False  # none follows


def capture_part(entry_id: int, wish: PartWish, *, by: Actor, now: datetime) -> Movement:
    """Book one part. What takes all that is left is the last one, whether or not it says so.

    The reservation is locked while its parts are added up, so that of two at once the second sees the first, and waits
    for its answer. Raises `NotInParts`, `NotCapturable`, `HeldBack`, `PartTaken`, `NotWithinReservation`,
    `LooksLikeCardNumber`. The movement that comes back may be approved, declined or unanswered.
    """
    by.require(Permission.CAPTURE)
    refuse_card_numbers(wish.name, "part")
    with transaction.atomic(durable=True):
        entry = lock(entry_id)
        if entry.is_refund or not METHODS[entry.method].multipart:
            raise NotInParts
        if part_named(entry, wish.name):
            raise PartTaken
        if entry.state != EntryState.AUTHORIZED or step_on_its_way(entry):
            raise NotCapturable
        if entry.held_back_since is not None:
            raise HeldBack
        left = left_open(entry)
        if wish.amount.currency != entry.currency or not 0 < wish.amount.minor <= left.minor:
            raise NotWithinReservation(left)
        count_as_booked(entry, wish.amount)
        movement = ask(
            entry,
            Kind.CAPTURE,
            wish.amount,
            by=by.name,
            now=now,
            part=wish.name,
            part_number=(entry.movements.aggregate(last=Max("part_number"))["last"] or 0) + 1,
            final=wish.final or wish.amount == left,
        )
        put_down(movement, by=by, now=now)
    return put_capture(movement, now=now)


def release_rest(entry_id: int, *, by: Actor, now: datetime) -> Movement:
    """No part follows: give the payer back what is left of the reservation. Raises `NothingLeft`.

    The movement that comes back may be approved, declined or unanswered.
    """
    by.require(Permission.CAPTURE)
    with transaction.atomic(durable=True):
        entry = lock(entry_id)
        if not may_release(entry):
            raise NothingLeft
        movement = ask(entry, Kind.RELEASE, left_open(entry), by=by.name, now=now)
        record(
            Action.RELEASED,
            merchant_id=entry.merchant_id,
            by=by.name,
            subject=f"entry:{entry.transaction_id}",
            detail={"amount": money_text(movement.amount, "en"), "movement": movement.request_id},
            now=now,
        )
    return put_cancel(movement, now=now)


def may_release(entry: Entry) -> bool:
    """Is it booked in parts and open, with nothing on its way?"""
    is_open = entry.is_in_parts and entry.state == EntryState.AUTHORIZED
    return is_open and step_on_its_way(entry) is None


def left_open(entry: Entry) -> Money:
    """What may still be booked: neither booked nor on its way to be."""
    return Money(entry.amount_minor - entry.booked_minor, entry.currency)


def part_named(entry: Entry, name: str) -> Movement | None:
    """The part of this name that is booked, or on its way to be."""
    live = (*ON_ITS_WAY, MovementState.APPROVED)
    return entry.movements.filter(part=name, state__in=live).exclude(part="").first()


def booked_parts(entry: Entry) -> list[Movement]:
    """The parts that the acquirer has booked, in the order they were asked for; none where it is booked whole."""
    if not entry.is_in_parts:
        return []
    return list(
        entry.movements.filter(kind=Kind.CAPTURE, state=MovementState.APPROVED).order_by("part_number")
    )
