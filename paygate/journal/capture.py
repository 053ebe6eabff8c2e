"""Book a reservation, whole or lowered, or a refund."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from paygate.acquiring.choose import terminal_ref
from paygate.acquiring.connector import CaptureRequest
from paygate.acquiring.registry import connector_for
from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.checkpoints import reached
from paygate.journal.models import Entry, Kind, Movement
from paygate.journal.movements import ask, count_as_booked, lock, mark_sent, question_of, step_on_its_way
from paygate.journal.settling import book_refund, settle
from paygate.journal.states import EntryState
from paygate.lifecycle.moves import together
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.money.amount import Money
from paygate.money.display import money_text
from paygate.refusals import Kind as RefusalKind
from paygate.refusals import Refusal


class NotWithinReservation(Refusal):
    """The amount is not positive, is of another currency, or is more than what is left (safety.md MO-5)."""

    code = "AMOUNT_INVALID"
    kind = RefusalKind.INVALID

    def __init__(self, left: Money) -> None:
        super().__init__(
            _("Book more than nothing and at most what is reserved: %(left)s.")
            % {"left": money_text(left, get_language() or "en")},
            field="amount",
        )
        self.left = left


class NotCapturable(Refusal):
    """There is no reservation to book, or its booking is on its way."""

    code = "TRANSACTION_IN_WRONG_STATE"
    kind = RefusalKind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("There is no reservation to book, or its booking is already on its way."))


class HeldBack(Refusal):
    """The acquirer's list of that day lacks this payment (safety.md OC-12)."""

    code = "TRANSACTION_IN_WRONG_STATE"
    kind = RefusalKind.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _("The acquirer's list does not have this payment. It can be booked once the acquirer knows it.")
        )


def capture(entry_id: int, *, amount: Money | None = None, by: Actor, now: datetime) -> Movement:
    """Book a reservation, whole or lowered (SPG-SET-07, 08). Without an amount, book all that is left.

    A reservation is booked once: what a lowered booking leaves is released. A refund is booked whole, and the acquirer
    hears of it with the batch (behaviour.md H-5). Raises `NotWithinReservation`, `NotCapturable`, `HeldBack`. The
    movement that comes back may be approved, declined or unanswered.
    """
    by.require(Permission.CAPTURE)
    with transaction.atomic(durable=True):
        entry = lock(entry_id)
        if entry.state != EntryState.AUTHORIZED or entry.booked_minor or step_on_its_way(entry):
            raise NotCapturable
        if entry.held_back_since is not None:
            raise HeldBack
        left = entry.amount
        amount = left if amount is None else amount
        if amount.currency != entry.currency or not 0 < amount.minor <= left.minor:
            raise NotWithinReservation(left)
        if entry.is_refund:
            return _book_refund(entry, amount, by=by, now=now)
        count_as_booked(entry, amount)
        movement = ask(entry, Kind.CAPTURE, amount, by=by.name, now=now)
        put_down(movement, by=by, now=now)
    return put_capture(movement, now=now)


def _book_refund(entry: Entry, amount: Money, *, by: Actor, now: datetime) -> Movement:
    if amount != entry.amount:
        raise NotWithinReservation(entry.amount)
    movement = question_of(entry)
    book_refund(entry, movement, by=by.name, now=now)
    put_down(movement, by=by, now=now)
    return movement


def put_down(movement: Movement, *, by: Actor, now: datetime) -> None:
    """Into the audit log: who booked what."""
    record(
        Action.CAPTURED,
        merchant_id=movement.merchant_id,
        by=by.name,
        subject=f"entry:{movement.entry.transaction_id}",
        detail={"amount": money_text(movement.amount, "en"), "movement": movement.request_id},
        now=now,
    )


def put_capture(movement: Movement, *, now: datetime) -> Movement:
    """Ask the acquirer, outside any transaction, and write the answer down."""
    reached("capture.prepared")
    entry = movement.entry
    original = question_of(entry)
    mark_sent(movement, now=now)
    reached("capture.marked_sent")
    answer = connector_for(entry.contract).capture(
        CaptureRequest(
            request_id=movement.request_id,
            original_request_id=original.request_id,
            original_reference=original.acquirer_reference,
            amount=movement.amount,
            terminal=terminal_ref(entry.contract),
            final=movement.final,
        )
    )
    reached("capture.reply_read")
    with together(durable=True):
        settled = settle(movement, answer, now=now)
    reached("capture.committed")
    return settled
