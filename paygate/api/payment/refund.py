"""Refunds of what was captured (behaviour.md I)."""

from paygate import tokens
from paygate.api.authentication import Caller
from paygate.api.error_names import RETRY, WireError
from paygate.api.payment.call import Task
from paygate.api.payment.containers import declined, means_of, money_of, transaction_of, wire_time
from paygate.api.payment.find import Captured, booking_meant, entry_meant
from paygate.api.wire.follow_up import (
    TransactionAssertRefundRequest,
    TransactionAssertRefundResponse,
    TransactionRefundRequest,
    TransactionRefundResponse,
)
from paygate.api.wire.results import RefundTransaction
from paygate.journal import refund as refunding
from paygate.journal.capture import HeldBack
from paygate.journal.models import Entry
from paygate.journal.states import EntryState
from paygate.methods import METHODS


def refund(caller: Caller, asked: TransactionRefundRequest, task: Task) -> TransactionRefundResponse:
    """Pay back a capture, whole or a part of it; several times, if there is money for it (behaviour.md I-4, I-5).

    The id of the refund is drawn and noted before it exists, so that a repeat of a call that was interrupted finds it.
    """
    booking = booking_meant(asked.capture_reference)
    made = _made_before(task)
    if made is None:
        made = _make(caller, asked, booking, task)
    return _told(made, task)


def assert_refund(
    caller: Caller, asked: TransactionAssertRefundRequest, task: Task
) -> TransactionAssertRefundResponse:
    """How a refund stands whose answer was late (behaviour.md I-9)."""
    entry = entry_meant(asked.transaction_reference)
    if not entry.is_refund:
        raise WireError("TRANSACTION_NOT_FOUND")
    if entry.state in (EntryState.DECLINED, EntryState.FAILED):
        raise declined(entry)
    if entry.state not in (EntryState.CAPTURED, EntryState.PENDING):
        raise WireError("TRANSACTION_IN_WRONG_STATE", transaction_id=entry.transaction_id)
    return TransactionAssertRefundResponse(
        response_header=task.header,
        transaction_id=entry.transaction_id,
        order_id=entry.reference or None,
        status="CAPTURED" if entry.state == EntryState.CAPTURED else "PENDING",
        date=wire_time(entry.authorized_at or entry.created_at),
    )


def _made_before(task: Task) -> Entry | None:
    """By a run of this request that was interrupted."""
    _what, _colon, name = task.errand.about.partition(":")
    return Entry.objects.select_related("contract").filter(transaction_id=name).first() if name else None


def _make(caller: Caller, asked: TransactionRefundRequest, booking: Captured, task: Task) -> Entry:
    payment, part = booking
    amount = money_of(asked.refund.amount, "Refund.Amount")
    if amount.currency != payment.currency:
        raise WireError("CURRENCY_INVALID", transaction_id=payment.transaction_id)
    if not METHODS[payment.method].refundable:
        raise WireError("ACTION_NOT_SUPPORTED", transaction_id=payment.transaction_id)
    name = task.errand.about.partition(":")[2] or tokens.transaction_id()
    task.errand.note(f"refund:{name}")
    wish = refunding.RefundWish(
        amount,
        part=part.pk if part else None,
        beyond=not asked.refund.restrict_refund_amount_to_captured_amount,
        booked_at_once=False,
        reference=asked.refund.order_id,
        description=asked.refund.description,
        transaction_id=name,
    )
    try:
        movement = refunding.refund(payment.pk, wish, by=caller.actor, now=task.now)
    except refunding.NotWithinBooking as refusal:
        raise WireError("AMOUNT_INVALID", transaction_id=payment.transaction_id) from refusal
    except refunding.NeedsSecondPerson as refusal:
        raise WireError("PERMISSION_DENIED", str(refusal), transaction_id=payment.transaction_id) from refusal
    except (refunding.NotRefundable, refunding.WhichPart, HeldBack) as refusal:
        raise WireError("TRANSACTION_IN_WRONG_STATE", transaction_id=payment.transaction_id) from refusal
    return movement.entry


def _told(made: Entry, task: Task) -> TransactionRefundResponse:
    if made.state == EntryState.PENDING:  # we ask on by ourselves; the same request finds out how it ended
        raise WireError("COMMUNICATION_TIMEOUT", behavior=RETRY, transaction_id=made.transaction_id)
    return TransactionRefundResponse(
        response_header=task.header,
        transaction=RefundTransaction.model_validate(transaction_of(made).as_wire()),
        payment_means=means_of(made),
    )
