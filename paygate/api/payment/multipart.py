"""Booking in parts, and closing what is left of a reservation (behaviour.md H-9 to 14)."""

from paygate.api.authentication import Caller
from paygate.api.error_names import WireError
from paygate.api.payment.call import Task
from paygate.api.payment.containers import capture_id_of, money_of, wire_time
from paygate.api.payment.find import entry_meant
from paygate.api.payment.follow_up import last_asked, require_approved, why_not_capturable
from paygate.api.told import refuse_unserved
from paygate.api.validation import invalid
from paygate.api.wire.follow_up import (
    TransactionMultipartCaptureRequest,
    TransactionMultipartCaptureResponse,
    TransactionMultipartFinalizeRequest,
    TransactionMultipartFinalizeResponse,
)
from paygate.cards.free_text import LooksLikeCardNumber
from paygate.journal import parts
from paygate.journal.capture import NotWithinReservation
from paygate.journal.models import Entry, Kind, Movement
from paygate.journal.movements import ON_ITS_WAY
from paygate.journal.states import EntryState, MovementState
from paygate.refusals import Refusal


def capture(
    caller: Caller, asked: TransactionMultipartCaptureRequest, task: Task
) -> TransactionMultipartCaptureResponse:
    """Book a part. A name that was used is not booked again; of two calls at once one is told to wait (H-10)."""
    refuse_unserved({"Marketplace": asked.marketplace})
    entry = entry_meant(asked.transaction_reference)
    wish = parts.PartWish(money_of(asked.amount, "Amount"), asked.order_part_id, final=asked.type == "FINAL")
    if wish.amount.currency != entry.currency:
        raise WireError("CURRENCY_INVALID", transaction_id=entry.transaction_id)
    is_repeat = bool(task.errand.about)
    if is_repeat and (made := _made_before(entry, wish)):  # by a run of this request that was interrupted
        require_approved(made, entry)
        return _captured(made, entry, task)
    task.errand.note(f"part:{entry.pk}")
    try:
        part = parts.capture_part(entry.pk, wish, by=caller.actor, now=task.now)
    except Refusal as refusal:
        if not is_repeat:
            task.errand.note("")  # nothing was begun, so it may be sent again
        raise _why_not(entry, refusal) from refusal
    require_approved(part, entry)
    return _captured(part, entry, task)


def finalize(
    caller: Caller, asked: TransactionMultipartFinalizeRequest, task: Task
) -> TransactionMultipartFinalizeResponse:
    """No part follows: what is left of the reservation is released (H-13)."""
    entry = entry_meant(asked.transaction_reference)
    done = TransactionMultipartFinalizeResponse(response_header=task.header)
    is_repeat = bool(task.errand.about)
    made = last_asked(entry, Kind.RELEASE, *ON_ITS_WAY, MovementState.APPROVED) if is_repeat else None
    if made:  # by a run of this request that was interrupted
        require_approved(made, entry)
        return done
    task.errand.note(f"finalize:{entry.pk}")
    try:
        release = parts.release_rest(entry.pk, by=caller.actor, now=task.now)
    except parts.NothingLeft as refusal:
        if not is_repeat:
            task.errand.note("")
        raise _why_not(entry, refusal) from refusal
    require_approved(release, entry)
    return done


def _why_not(entry: Entry, refusal: Refusal) -> WireError:
    """What the wire calls it. Closed, never reserved, and another call on its way are not told apart by the refusal."""
    entry.refresh_from_db()
    named = entry.transaction_id
    match refusal:
        case parts.NotInParts():
            return WireError("ACTION_NOT_SUPPORTED", transaction_id=named)
        case parts.PartTaken():
            return WireError("TRANSACTION_ALREADY_CAPTURED", transaction_id=named)
        case LooksLikeCardNumber():
            return invalid("OrderPartId", "This looks like a card number.")
        case NotWithinReservation():
            return WireError("AMOUNT_INVALID", transaction_id=named)
        case _ if entry.state != EntryState.AUTHORIZED:
            return why_not_capturable(entry)
        case _:
            return WireError("TRANSACTION_IN_WRONG_STATE", transaction_id=named)


def _made_before(entry: Entry, wish: parts.PartWish) -> Movement | None:
    part = parts.part_named(entry, wish.name)
    return part if part is not None and part.amount == wish.amount else None


def _captured(part: Movement, entry: Entry, task: Task) -> TransactionMultipartCaptureResponse:
    return TransactionMultipartCaptureResponse(
        response_header=task.header,
        capture_id=capture_id_of(entry, part),
        status="CAPTURED",
        date=wire_time(part.settled_at or task.now),
    )
