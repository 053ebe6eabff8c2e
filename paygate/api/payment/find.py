"""The transaction a program means. Unknown and foreign ones answer the same."""

from django.db.models import QuerySet

from paygate.addresses import Address
from paygate.api.error_names import WireError
from paygate.api.wire.common import CaptureReference, TransactionReference
from paygate.checkout.models import Attempt, Session
from paygate.journal.models import Entry

_CAPTURED = "_c"  # behind a transaction's id it names its booking


def entry_meant(reference: TransactionReference) -> Entry:
    """By its id, or by the shop's own number: then the newest payment that succeeded, before any refund.

    Raises `TRANSACTION_NOT_FOUND`.
    """
    named = reference.transaction_id
    found = (
        _entries().filter(transaction_id=named)
        if named
        else _entries().filter(reference=reference.order_id, succeeded=True)
    )
    return _one(found)


def entry_captured(reference: CaptureReference) -> Entry:
    """By the id of its booking; older programs name the transaction or their own number."""
    if reference.capture_id:
        return _one(_entries().filter(transaction_id=reference.capture_id.removesuffix(_CAPTURED)))
    if reference.transaction_id:
        return _one(_entries().filter(transaction_id=reference.transaction_id.removesuffix(_CAPTURED)))
    if reference.order_id:
        return _one(_entries().filter(reference=reference.order_id, succeeded=True))
    raise WireError("VALIDATION_FAILED", "CaptureReference: The field CaptureId is missing.")


def addresses_behind(entry: Entry) -> tuple[Address, Address]:
    """The payer's postal address and that of the delivery, as the offer or the page knew them."""
    attempt = Attempt.objects.select_related("session").filter(entry=entry).first()
    return addresses_of(attempt.session) if attempt else (Address(), Address())


def addresses_of(session: Session) -> tuple[Address, Address]:
    """The same of a session."""
    return Address.of_row(session.address), Address.of_row(session.delivery)


def _entries() -> QuerySet[Entry]:
    found = Entry.objects.select_related("contract", "authentication")
    return found.order_by("type", "-created_at", "-pk")  # PAYMENT before REFUND


def _one(found: QuerySet[Entry]) -> Entry:
    entry = found.first()
    if entry is None:
        raise WireError("TRANSACTION_NOT_FOUND")
    return entry
