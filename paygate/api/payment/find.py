"""The transaction a program means, and which of its bookings. Unknown and foreign ones answer the same."""

import re
from typing import Final, NamedTuple, TypeVar

from django.db.models import QuerySet

from paygate.addresses import Address
from paygate.api.error_names import WireError
from paygate.api.wire.common import CaptureReference, TransactionReference
from paygate.checkout.models import Attempt, Session
from paygate.journal.models import Entry, Movement
from paygate.journal.parts import booked_parts, part_named
from paygate.tenants.kept import Given, Kept

# Behind a transaction's id "_c" names its booking, and "_2_c" the second of several (behaviour.md H-3, H-14).
_CAPTURE_ID: Final = re.compile(r"(?P<transaction>.*?)(_(?P<number>[1-9]\d{0,8}))?(_c)?")


Found = TypeVar("Found", Entry, Movement)


class Captured(NamedTuple):
    """A transaction and, where it was booked in parts, the part."""

    entry: Entry
    part: Movement | None = None


def entry_meant(reference: TransactionReference) -> Entry:
    """By its id, or by the shop's own number: then the newest payment that succeeded, before any refund.

    Raises `TRANSACTION_NOT_FOUND`.
    """
    named = reference.transaction_id
    return _named(named) if named else _of_order(reference.order_id)


def booking_meant(reference: CaptureReference) -> Captured:
    """By the id of the booking; older programs name the transaction or their own number, and their name of the part.

    Raises `TRANSACTION_NOT_FOUND`, and `VALIDATION_FAILED` where one of several parts has to be named.
    """
    named = reference.capture_id or reference.transaction_id
    if not named and not reference.order_id:
        raise WireError("VALIDATION_FAILED", "CaptureReference: The field CaptureId is missing.")
    spelled = _CAPTURE_ID.fullmatch(named or "")
    assert spelled, "every text is one"
    entry = _named(spelled["transaction"]) if named else _of_order(reference.order_id)
    if spelled["number"]:
        return Captured(entry, _there(entry.movements.filter(part_number=spelled["number"]).first()))
    if reference.order_part_id:
        return Captured(entry, _there(part_named(entry, reference.order_part_id)))
    parts = booked_parts(entry)
    if len(parts) > 1:
        raise WireError(
            "VALIDATION_FAILED",
            "CaptureReference.CaptureId: This transaction was captured in parts; name the capture of one of them.",
            transaction_id=entry.transaction_id,
        )
    return Captured(entry, parts[0] if parts else None)


def _there(found: Found | None) -> Found:
    if found is None:
        raise WireError("TRANSACTION_NOT_FOUND")
    return found


def addresses_behind(entry: Entry) -> tuple[Address, Address]:
    """The payer's postal address and that of the delivery, as the offer or the page knew them."""
    attempt = Attempt.objects.select_related("session").filter(entry=entry).first()
    return addresses_of(attempt.session) if attempt else (Address(), Address())


def addresses_of(session: Session) -> tuple[Address, Address]:
    """The same of a session."""
    return Address.of_row(session.address), Address.of_row(session.delivery)


def _entries() -> QuerySet[Entry]:
    return Entry.objects.select_related("contract", "authentication")


_NAMED: Final = Kept(
    lambda: (
        _entries()
        .filter(transaction_id=Given("transaction_id", Entry._meta.get_field("transaction_id")))
        .order_by()
    )
)


def _named(transaction_id: str) -> Entry:
    return _there(_NAMED.first(transaction_id=transaction_id))


def _of_order(order_id: str | None) -> Entry:
    payments_first = (
        _entries().filter(reference=order_id, succeeded=True).order_by("type", "-created_at", "-pk")
    )
    return _there(payments_first.first())
