"""What the pretend acquirer decides about bookings, cancellations, refunds and give-backs: by what its ledger says.

Each gives the result code of the operation, and notes in the ledger what it changes of others.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from paygate.acquiring.connector import Operation
from paygate.acquiring.reply import APPROVED
from paygate.acquiring.simulator.ledger import Ledger, Record
from paygate.acquiring.simulator.scenarios import verdict
from paygate.methods import METHODS

# Result codes of declines.py.
DONE_BEFORE: Final = "12"  # an operation that the original's state forbids
TOO_MUCH: Final = "13"
NO_ORIGINAL: Final = "25"

ANYBODY: Final = "05"  # the ECI of a full authentication: nobody has to prove anything to be given money

Message = Mapping[str, Any]  # what JSON gives


def _capture(ledger: Ledger, message: Message) -> str:
    original = _original(ledger, message, Operation.AUTHORIZE)
    if original is None:
        return NO_ORIGINAL
    before = ledger.about(original.request_id, Operation.CAPTURE)
    if not original.stands or _is_closed(original, before):
        return DONE_BEFORE
    left = original.approved - sum(row.approved for row in before)
    return APPROVED if 0 < message["amount"] <= left else TOO_MUCH


def _cancel(ledger: Ledger, message: Message) -> str:
    original = _original(ledger, message, Operation.AUTHORIZE, Operation.CAPTURE, Operation.REFUND)
    if original is None:
        return NO_ORIGINAL
    if original.op == Operation.AUTHORIZE and 0 < message["amount"] < original.approved:
        return _release(ledger, original, message["amount"])
    holds = original.stands or original.is_open
    return _undo(ledger, original, Operation.CANCEL) if holds else DONE_BEFORE


def _release(ledger: Ledger, original: Record, rest: int) -> str:
    """What is left of a reservation after some of it was booked: all of it, and no other booking is taken."""
    before = ledger.about(original.request_id, Operation.CAPTURE)
    if not original.stands or _is_closed(original, before):
        return DONE_BEFORE
    if not before or rest != original.approved - sum(row.approved for row in before):
        return TOO_MUCH
    ledger.write(replace(original, final=True))
    return APPROVED


def _is_closed(original: Record, bookings: Iterable[Record]) -> bool:
    return original.final or any(row.final for row in bookings)


def _reverse(ledger: Ledger, message: Message) -> str:
    original = _original(ledger, message, Operation.AUTHORIZE, Operation.CAPTURE, Operation.REFUND)
    if original is None and ledger.find(message["original_request_id"]) is not None:
        return NO_ORIGINAL
    if original is not None and (original.stands or original.is_open):
        return _undo(ledger, original, Operation.REVERSE)
    # Declined, given back before, or not here yet: in each case nothing is held.
    return APPROVED


def _refund(ledger: Ledger, message: Message) -> str:
    if message.get("card"):
        code = verdict(message["card"]["number"], message["amount"], eci=ANYBODY).code
        return code if message["amount"] > 0 else TOO_MUCH
    original = _original(ledger, message, Operation.AUTHORIZE, Operation.CAPTURE)
    if original is None:
        return NO_ORIGINAL
    booked = (
        original.op == Operation.CAPTURE
        or not METHODS[original.method].needs_capture
        or bool(ledger.about(original.request_id, Operation.CAPTURE))
    )
    if not original.stands or not booked:
        return DONE_BEFORE
    return APPROVED if message["amount"] > 0 else TOO_MUCH


def _original(ledger: Ledger, message: Message, *ops: Operation) -> Record | None:
    """What the message is about, if this terminal did it in this currency."""
    found = ledger.find(message["original_request_id"])
    if found is None or found.op not in ops:
        return None
    same = (found.terminal, found.currency) == (message["terminal"], message["currency"])
    return found if same else None


def _undo(ledger: Ledger, original: Record, by: Operation) -> str:
    """Take back an operation with all its captures, unless a batch or a refund builds on one of them."""
    rows = [original, *ledger.about(original.request_id, Operation.CAPTURE)]
    if any(row.batch or ledger.about(row.request_id, Operation.REFUND) for row in rows):
        return DONE_BEFORE
    for row in rows:
        ledger.write(replace(row, undone=by))
    return APPROVED


FOLLOW_UPS: Final[Mapping[Operation, Callable[[Ledger, Message], str]]] = {
    Operation.CAPTURE: _capture,
    Operation.CANCEL: _cancel,
    Operation.REFUND: _refund,
    Operation.REVERSE: _reverse,
}
