"""What becomes of a reservation: capture, cancel and their assert (behaviour.md H, I)."""

from datetime import datetime

from paygate.api.authentication import Caller
from paygate.api.error_names import RETRY, WireError
from paygate.api.payment.call import Task
from paygate.api.payment.containers import capture_id_of, money_of, wire_time
from paygate.api.payment.find import booking_meant, entry_meant
from paygate.api.told import refuse_unserved
from paygate.api.wire.follow_up import (
    TransactionAssertCaptureRequest,
    TransactionAssertCaptureResponse,
    TransactionCancelRequest,
    TransactionCancelResponse,
    TransactionCaptureRequest,
    TransactionCaptureResponse,
)
from paygate.journal import cancel as canceling
from paygate.journal import capture as capturing
from paygate.journal.models import Entry, Kind, Movement
from paygate.journal.movements import booking_of
from paygate.journal.states import EntryState, MovementState
from paygate.lifecycle.moves import history
from paygate.money.amount import Money

_ON_ITS_WAY = (MovementState.ASKED, MovementState.UNKNOWN, MovementState.NOT_SENT)


def capture(caller: Caller, asked: TransactionCaptureRequest, task: Task) -> TransactionCaptureResponse:
    """Book a reservation, whole or lowered; once. Of two at the same time one wins (behaviour.md H-3, H-4).

    No acquirer here splits money between a marketplace and its sellers, so that nothing is booked where that is wished.
    """
    refuse_unserved({"Marketplace": asked.marketplace})
    entry = entry_meant(asked.transaction_reference)
    wish = money_of(asked.amount, "Amount") if asked.amount else entry.amount
    is_repeat = bool(task.errand.about)
    if not is_repeat:
        _require_capturable(entry, wish)
        task.errand.note(f"capture:{entry.pk}")
    elif _is_captured_so(entry, wish):  # by a run of this request that was interrupted
        return _captured(entry, booking_of(entry), task)
    try:
        booking = capturing.capture(entry.pk, amount=wish, by=caller.actor, now=task.now)
    except capturing.NotWithinReservation as refusal:  # a refund is captured whole
        raise WireError("AMOUNT_INVALID", transaction_id=entry.transaction_id) from refusal
    except capturing.NotCapturable as refusal:
        entry.refresh_from_db()
        if is_repeat and last_asked(entry, Kind.CAPTURE, *_ON_ITS_WAY):
            raise _unanswered(entry) from refusal
        raise why_not_capturable(entry) from refusal
    require_approved(booking, entry)
    return _captured(entry, booking, task)


def assert_capture(
    caller: Caller, asked: TransactionAssertCaptureRequest, task: Task
) -> TransactionAssertCaptureResponse:
    """How a booking stands (behaviour.md H-7)."""
    entry, part = booking_meant(asked.capture_reference)
    if part is not None:
        is_captured, captured_at = part.state == MovementState.APPROVED, part.settled_at
        is_waiting = part.state in _ON_ITS_WAY
    else:
        is_captured, captured_at = entry.state == EntryState.CAPTURED, _captured_at(entry, booking_of(entry))
        is_waiting = last_asked(entry, Kind.CAPTURE, *_ON_ITS_WAY) is not None
    if not is_captured and not is_waiting:
        raise WireError("TRANSACTION_NOT_FOUND")
    return TransactionAssertCaptureResponse(
        response_header=task.header,
        transaction_id=entry.transaction_id,
        order_id=entry.reference or None,
        status="CAPTURED" if is_captured else "PENDING",
        date=wire_time(captured_at or task.now) if is_captured else None,
    )


def cancel(caller: Caller, asked: TransactionCancelRequest, task: Task) -> TransactionCancelResponse:
    """Release a reservation, or a booking whose batch is still open (behaviour.md I-2)."""
    entry = entry_meant(asked.transaction_reference)
    if not task.errand.about:
        task.errand.note(f"cancel:{entry.pk}")
    elif entry.state == EntryState.CANCELED:  # by a run of this request that was interrupted
        return _canceled(entry, task)
    try:
        release = canceling.cancel(entry.pk, by=caller.actor, now=task.now)
    except canceling.NotCancelable as refusal:
        entry.refresh_from_db()
        if last_asked(entry, Kind.CANCEL, *_ON_ITS_WAY):
            raise _unanswered(entry) from refusal
        name = (
            "TRANSACTION_ALREADY_CAPTURED"
            if entry.state == EntryState.CAPTURED or entry.is_in_parts
            else "TRANSACTION_IN_WRONG_STATE"
        )
        raise WireError(name, transaction_id=entry.transaction_id) from refusal
    require_approved(release, entry)
    entry.refresh_from_db()
    return _canceled(entry, task)


def _require_capturable(entry: Entry, wish: Money) -> None:
    if wish.currency != entry.currency:
        raise WireError("CURRENCY_INVALID", transaction_id=entry.transaction_id)
    if entry.state != EntryState.AUTHORIZED:
        raise why_not_capturable(entry)
    if not 0 < wish.minor <= entry.amount.minor:
        raise WireError("AMOUNT_INVALID", transaction_id=entry.transaction_id)


def why_not_capturable(entry: Entry) -> WireError:
    """It is booked, or its booking is on its way; or there was never anything to book."""
    is_booked = entry.state == EntryState.CAPTURED or entry.booked_minor > 0
    name = "TRANSACTION_ALREADY_CAPTURED" if is_booked else "TRANSACTION_IN_WRONG_STATE"
    return WireError(name, transaction_id=entry.transaction_id)


def _is_captured_so(entry: Entry, wish: Money) -> bool:
    is_whole = entry.state == EntryState.CAPTURED and not entry.is_in_parts
    return is_whole and entry.booked_minor == wish.minor


def _captured(entry: Entry, booking: Movement | None, task: Task) -> TransactionCaptureResponse:
    return TransactionCaptureResponse(
        response_header=task.header,
        capture_id=capture_id_of(entry),
        status="CAPTURED",
        date=wire_time(_captured_at(entry, booking) or task.now),
    )


def _canceled(entry: Entry, task: Task) -> TransactionCancelResponse:
    moment = _settled_at(last_asked(entry, Kind.CANCEL, MovementState.APPROVED)) or task.now
    return TransactionCancelResponse(
        response_header=task.header,
        transaction_id=entry.transaction_id,
        order_id=entry.reference or None,
        date=wire_time(moment),
    )


def _captured_at(entry: Entry, booking: Movement | None) -> datetime | None:
    if entry.is_refund:  # booked later than it was sent, with no word to the acquirer (behaviour.md H-5)
        booked = history(entry).filter(new=EntryState.CAPTURED).last()
        return booked.at if booked else None
    return _settled_at(booking)


def _settled_at(movement: Movement | None) -> datetime | None:
    return movement.settled_at if movement else None


def last_asked(entry: Entry, kind: Kind, *states: MovementState) -> Movement | None:
    """The last question of this kind, in one of these states."""
    return entry.movements.filter(kind=kind, state__in=states).order_by("pk").last()


def require_approved(movement: Movement, entry: Entry) -> None:
    """Raises what the acquirer's no, or its silence, is called on the wire. No answer is not a no."""
    if movement.state == MovementState.APPROVED:
        return
    if movement.state == MovementState.DECLINED:
        raise WireError("TRANSACTION_DECLINED", movement.decline_reason, transaction_id=entry.transaction_id)
    raise _unanswered(entry)


def _unanswered(entry: Entry) -> WireError:
    """We ask on by ourselves; the same request finds out how it ended."""
    return WireError("COMMUNICATION_TIMEOUT", behavior=RETRY, transaction_id=entry.transaction_id)
