"""Refunds of what was captured, and credits to a card that paid nothing (behaviour.md I)."""

from paygate import tokens
from paygate.acquiring.choose import contract_for_brand
from paygate.api.authentication import Caller
from paygate.api.error_names import RETRY, WireError
from paygate.api.payment.call import Task
from paygate.api.payment.containers import declined, means_of, money_of, transaction_of, wire_time
from paygate.api.payment.find import Captured, booking_meant, entry_meant
from paygate.api.payment.means_told import card_told
from paygate.api.told import refuse_unserved
from paygate.api.validation import invalid
from paygate.api.wire.follow_up import (
    TransactionAssertRefundRequest,
    TransactionAssertRefundResponse,
    TransactionRefundDirectRequest,
    TransactionRefundDirectResponse,
    TransactionRefundRequest,
    TransactionRefundResponse,
)
from paygate.api.wire.results import P2PEnabledPaymentMeansInfo, RefundTransaction
from paygate.cards.free_text import LooksLikeCardNumber
from paygate.checkout.credit import send_money
from paygate.journal import refund as refunding
from paygate.journal.capture import HeldBack
from paygate.journal.credit import Credit, NotCreditable
from paygate.journal.models import Entry, Origin
from paygate.journal.states import EntryState
from paygate.merchants.models import Terminal
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
    if entry.state == EntryState.FAILED:
        raise _never_left(entry)
    if entry.state == EntryState.DECLINED:
        raise declined(entry)
    if entry.state not in (EntryState.CAPTURED, EntryState.PENDING):
        raise WireError("TRANSACTION_IN_WRONG_STATE", transaction_id=entry.transaction_id)
    is_captured = entry.state == EntryState.CAPTURED
    return TransactionAssertRefundResponse(
        response_header=task.header,
        transaction_id=entry.transaction_id,
        order_id=entry.reference or None,
        status="CAPTURED" if is_captured else "PENDING",
        date=wire_time(entry.authorized_at or entry.created_at) if is_captured else None,
    )


def refund_direct(
    caller: Caller, asked: TransactionRefundDirectRequest, task: Task
) -> TransactionRefundDirectResponse:
    """Send money to a card or an alias that paid nothing before (behaviour.md I-7). `Capture` books it."""
    refuse_unserved({"OriginalCreditTransfer": asked.original_credit_transfer})
    terminal = caller.terminal(asked.terminal_id)
    made = _made_before(task)
    if made is None:
        made = _send(caller, asked, terminal, task)
    told = _told(made, task)
    return TransactionRefundDirectResponse(
        response_header=task.header,
        transaction=told.transaction,
        payment_means=P2PEnabledPaymentMeansInfo.model_validate(told.payment_means.as_wire()),
    )


def _send(caller: Caller, asked: TransactionRefundDirectRequest, terminal: Terminal, task: Task) -> Entry:
    card = card_told(caller, asked.payment_means, now=task.now)
    amount = money_of(asked.refund.amount, "Refund.Amount")
    contract = contract_for_brand(terminal, card.number.brand.name, amount.currency)
    name = _name(task)
    wish = Credit(
        contract,
        card,
        amount,
        reference=asked.refund.order_id or "",
        description=asked.refund.description or "",
        transaction_id=name,
    )
    task.errand.note(f"refund:{name}")
    try:
        return send_money(wish, by=caller.actor, now=task.now).entry
    except NotCreditable as refusal:
        raise WireError("PAYMENTMEANS_NOT_SUPPORTED", str(refusal)) from refusal
    except refunding.NeedsSecondPerson as refusal:
        raise WireError("PERMISSION_DENIED", str(refusal)) from refusal
    except LooksLikeCardNumber as refusal:
        raise invalid(
            "Refund.OrderId" if refusal.field == "reference" else "Refund.Description", str(refusal)
        ) from refusal


def _made_before(task: Task) -> Entry | None:
    """By a run of this request that was interrupted. What moved nothing, and is told to be sent again, is made anew."""
    _what, _colon, name = task.errand.about.partition(":")
    made = Entry.objects.select_related("contract").filter(transaction_id=name).first() if name else None
    if made is None or made.state == EntryState.FAILED:
        return None
    return None if made.state == EntryState.DECLINED and declined(made).behavior == RETRY else made


def _name(task: Task) -> str:
    """Drawn by a run that was interrupted before it made anything; else a new one."""
    _what, _colon, name = task.errand.about.partition(":")
    is_free = name and not Entry.objects.filter(transaction_id=name).exists()
    return name if is_free else tokens.transaction_id()


def _make(caller: Caller, asked: TransactionRefundRequest, booking: Captured, task: Task) -> Entry:
    payment, part = booking
    amount = money_of(asked.refund.amount, "Refund.Amount")
    if amount.currency != payment.currency:
        raise WireError("CURRENCY_INVALID", transaction_id=payment.transaction_id)
    if not METHODS[payment.method].refundable:
        raise WireError("ACTION_NOT_SUPPORTED", transaction_id=payment.transaction_id)
    name = _name(task)
    task.errand.note(f"refund:{name}")
    wish = refunding.RefundWish(
        amount,
        part=part.pk if part else None,
        beyond=not asked.refund.restrict_refund_amount_to_captured_amount,
        booked_at_once=False,
        reference=asked.refund.order_id,
        description=asked.refund.description,
        transaction_id=name,
        origin=Origin.PROGRAM,
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
    if made.state == EntryState.FAILED:
        raise _never_left(made)
    return TransactionRefundResponse(
        response_header=task.header,
        transaction=RefundTransaction.model_validate(transaction_of(made).as_wire()),
        payment_means=means_of(made),
    )


def _never_left(made: Entry) -> WireError:
    """Nobody could be reached, which is no decline: the same request tries again."""
    return WireError("COMMUNICATION_FAILED", behavior=RETRY, transaction_id=made.transaction_id)
