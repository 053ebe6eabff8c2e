"""Release a reservation, or a booking or refund whose period is still open."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paygate.acquiring.choose import terminal_ref
from paygate.acquiring.connector import CancelRequest
from paygate.acquiring.registry import connector_for
from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.checkpoints import reached
from paygate.journal.models import BookingPeriod, Entry, Kind, Movement
from paygate.journal.movements import ask, booking_of, lock, mark_sent, question_of, step_on_its_way
from paygate.journal.settling import settle
from paygate.journal.states import EntryState, PeriodState
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.money.display import money_text
from paygate.refusals import Kind as RefusalKind
from paygate.refusals import Refusal


class NotCancelable(Refusal):
    """It is no reservation, its booking is on its way, or the acquirer has the batch (behaviour.md I-2)."""

    code = "TRANSACTION_IN_WRONG_STATE"
    kind = RefusalKind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("Only a reservation, or a booking whose batch is still open, can be canceled."))


def cancel(entry_id: int, *, by: Actor, now: datetime) -> Movement:
    """Give the money back before it moves. Raises `NotCancelable`; the movement may also be unanswered."""
    by.require(Permission.CANCEL)
    with transaction.atomic(durable=True):
        entry = lock(entry_id)
        if not may_cancel(entry):
            raise NotCancelable
        _take_out_of_period(entry)
        movement = ask(entry, Kind.CANCEL, entry.amount, by=by.name, now=now)
        record(
            Action.CANCELED,
            merchant_id=entry.merchant_id,
            by=by.name,
            subject=f"entry:{entry.transaction_id}",
            detail={"amount": money_text(entry.amount, "en"), "movement": movement.request_id},
            now=now,
        )
    return put_cancel(movement, now=now)


def put_cancel(movement: Movement, *, now: datetime) -> Movement:
    """Ask the acquirer, outside any transaction, and write the answer down."""
    reached("cancel.prepared")
    entry = movement.entry
    original = question_of(entry)
    mark_sent(movement, now=now)
    reached("cancel.marked_sent")
    answer = connector_for(entry.contract).cancel(
        CancelRequest(
            request_id=movement.request_id,
            original_request_id=original.request_id,
            original_reference=original.acquirer_reference,
            amount=movement.amount,
            terminal=terminal_ref(entry.contract),
        )
    )
    reached("cancel.reply_read")
    with transaction.atomic(durable=True):
        settled = settle(movement, answer, now=now)
    reached("cancel.committed")
    return settled


def may_cancel(entry: Entry) -> bool:
    """Is there something to release, nothing on its way, and nothing booked in parts (behaviour.md I-3)?"""
    if entry.refunded_minor or entry.is_in_parts or step_on_its_way(entry):
        return False
    if entry.state == EntryState.AUTHORIZED:
        return True
    return (
        entry.state == EntryState.CAPTURED and booking_of(entry, period__state=PeriodState.OPEN) is not None
    )


def _take_out_of_period(entry: Entry) -> None:
    """A booking that is being canceled is in no batch; a refused cancellation puts it back (movements.py)."""
    if entry.state != EntryState.CAPTURED:
        return
    booking = booking_of(entry)
    assert booking is not None, "what is booked has a booking"
    assert booking.period_id is not None, "and it stands in a period"
    period = BookingPeriod.objects.select_for_update().get(pk=booking.period_id)
    if period.state != PeriodState.OPEN:
        raise NotCancelable
    Movement.objects.filter(pk=booking.pk).update(period=None)
