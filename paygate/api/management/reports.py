"""The transaction list (behaviour.md S-2 to S-6)."""

from datetime import datetime, time
from typing import Final, Literal
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from paygate.api.management.call import Asked
from paygate.api.payment.containers import amount_of, amount_with_zero_of, wire_time
from paygate.api.validation import invalid
from paygate.api.wire.management import (
    AuthorizationDetails,
    FailedDetails,
    PendingDetails,
    ReportedTransaction,
)
from paygate.api.wire.management_calls import GetTransactionsQuery, GetTransactionsResponse
from paygate.journal.models import Entry, Kind, Movement, Origin
from paygate.journal.states import EntryState, MovementState
from paygate.lifecycle.models import Step
from paygate.methods import METHODS

USUAL_PAGE: Final = 1000
LARGEST_PAGE: Final = 2000
_NOBODY_PAID_BEFORE: Final = 1970  # a program asks for all there is by the first of all dates
_STATES: Final = {
    "SUCCESSFUL": Q(succeeded=True),
    "FAILED": Q(succeeded=False, state__in=[EntryState.DECLINED, EntryState.FAILED, EntryState.CANCELED]),
    "PENDING": Q(state=EntryState.PENDING),
}


def transactions(asked: Asked) -> GetTransactionsResponse:
    """One page of what was paid, failed or is pending between two moments; the end lies before today."""
    query: GetTransactionsQuery = asked.query
    size = min(max(query.page_size or USUAL_PAGE, 1), LARGEST_PAGE)
    number = max(query.page_number or 1, 1)
    found = _found(asked, query)
    total = found.count()
    first = min((number - 1) * size, total)
    page = found.select_related("terminal", "contract", "merchant")[first : first + size]
    entries = list(page)
    moves, bookings = _last_moves(entries), _bookings_of_refunds(entries)
    return GetTransactionsResponse(
        page_number=number - 1,  # asked for from 1, told from 0 (behaviour.md S-3)
        page_size=size,
        total_transactions=total,
        transactions=[
            _told(entry, moves.get(entry.pk, {}), bookings.get(str(entry.pk))) for entry in entries
        ],
    )


def _found(asked: Asked, query: GetTransactionsQuery) -> QuerySet[Entry]:
    merchant = asked.caller.merchant
    zone = ZoneInfo(merchant.zone)
    begin, end = _moment(query.start_date, "StartDate", zone), _moment(query.end_date, "EndDate", zone)
    midnight = datetime.combine(asked.now.astimezone(zone).date(), time(), zone)
    if end >= midnight:
        raise invalid("EndDate", "The end must lie before today.")
    if begin >= end:
        raise invalid("StartDate", "The start must lie before the end.")
    entries = Entry.objects.filter(merchant=merchant, created_at__gt=begin, created_at__lt=end)
    entries = entries.filter(_STATES[query.transaction_state or "SUCCESSFUL"])
    if query.terminal_id is not None:
        entries = entries.filter(terminal=asked.caller.terminal(str(query.terminal_id)))
    return entries.order_by("created_at", "pk")


def _moment(text: str, name: str, zone: ZoneInfo) -> datetime:
    for pattern in ("%Y-%m-%d", "%Y-%m-%dT%H:%M"):
        try:
            told = datetime.strptime(text, pattern).replace(tzinfo=zone)
        except ValueError:
            continue
        return max(told, datetime(_NOBODY_PAID_BEFORE, 1, 1, tzinfo=zone))
    raise invalid(name)


def _last_moves(entries: list[Entry]) -> dict[int, dict[str, Movement]]:
    """Of each entry the last approved movement of each kind, read together."""
    moves: dict[int, dict[str, Movement]] = {}
    settled = Movement.objects.filter(entry__in=entries).exclude(state=MovementState.NOT_SENT).order_by("pk")
    for move in settled:
        moves.setdefault(move.entry_id, {})[move.kind] = move
    return moves


def _bookings_of_refunds(entries: list[Entry]) -> dict[str, Step]:
    """A refund is booked later than it was sent, with no word to the acquirer (behaviour.md H-5); by its key."""
    refunds = [str(entry.pk) for entry in entries if entry.is_refund and entry.state == EntryState.CAPTURED]
    steps = Step.objects.filter(subject=Entry._meta.label, subject_id__in=refunds, new=EntryState.CAPTURED)
    return {step.subject_id: step for step in steps.order_by("pk")}


def _told(entry: Entry, moves: dict[str, Movement], booking: Step | None) -> ReportedTransaction:
    return ReportedTransaction(
        application="Saferpay Payment Page" if entry.origin == Origin.SECURE_PAYGATE else "Json Api",
        customer_id=int(entry.merchant.customer_id),
        merchant_amount=amount_of(entry.amount),
        payment_method=METHODS[entry.method].wire_name,
        provider=entry.contract.connector,
        terminal_id=int(entry.terminal.number),
        terminal_type="ECOM" if entry.terminal.kind == "ECOM" else "SPG",
        transaction_id=entry.transaction_id,
        description=entry.description or None,
        order_id=entry.reference or None,
        authorization_details=_authorized(entry, moves, booking) if entry.succeeded else None,
        failed_details=_failed(entry, moves) if _is_failed(entry) else None,
        pending_details=PendingDetails(pending_since_date=wire_time(entry.created_at))
        if entry.state == EntryState.PENDING
        else None,
    )


def _is_failed(entry: Entry) -> bool:
    return not entry.succeeded and entry.state != EntryState.PENDING


def _authorized(entry: Entry, moves: dict[str, Movement], booking: Step | None) -> AuthorizationDetails:
    asked = moves.get(Kind.REFUND if entry.is_refund else Kind.AUTHORIZE)
    capture, cancel = moves.get(Kind.CAPTURE), moves.get(Kind.CANCEL)
    is_captured = entry.state == EntryState.CAPTURED
    captured_at = booking.at if booking else capture.settled_at if capture else None
    captured_by = booking.by if booking else capture.by if capture else None
    is_canceled = entry.state == EntryState.CANCELED
    month, _slash, year = entry.means_expiry.partition("/")
    begun = entry.authorized_at or entry.created_at
    moments = [move.settled_at for move in moves.values()] + [captured_at]
    last = max([begun, *filter(None, moments)])
    state: Literal["AUTHORIZED", "CAPTURED", "CANCELED"] = (
        "CAPTURED" if is_captured else "CANCELED" if is_canceled else "AUTHORIZED"
    )
    return AuthorizationDetails(
        authorization_date=wire_time(begun),
        authorized_by=asked.by if asked else "system",
        captured_merchant_amount=amount_with_zero_of(entry.booked),
        payer_amount=amount_with_zero_of(entry.amount),
        has_currency_conversion=False,
        has_cvc=METHODS[entry.method].is_card
        and entry.origin == Origin.SECURE_PAYGATE
        and not entry.is_refund,
        has_liability_shift=entry.liability_shift,
        has_partial_captures=entry.is_in_parts,
        is_cancelled=is_canceled,
        is_captured=is_captured,
        is_omni_channel=False,
        is_refunded=entry.refunded_minor > 0,
        last_action_date=wire_time(last),
        state=state,
        type="REFUND" if entry.is_refund else "PAYMENT",
        cancellation_date=wire_time(cancel.settled_at)
        if is_canceled and cancel and cancel.settled_at
        else None,
        cancelled_by=cancel.by if is_canceled and cancel else None,
        capture_date=wire_time(captured_at) if is_captured and captured_at else None,
        captured_by=captured_by if is_captured else None,
        expiry_month=int(month) if month else None,
        expiry_year=int(year) if year else None,
        masked_card_number=entry.means or None,
        processing_auth_code=entry.approval_code or None,
    )


def _failed(entry: Entry, moves: dict[str, Movement]) -> FailedDetails:
    asked = moves.get(Kind.REFUND if entry.is_refund else Kind.AUTHORIZE)
    return FailedDetails(
        declined_by="ACQUIRER" if asked and asked.state == MovementState.DECLINED else "SAFERPAY",
        failed_date=wire_time((asked.settled_at if asked else None) or entry.created_at),
        masked_payment_method=entry.means or None,
        processor_error_code=(asked.acquirer_code if asked else "") or None,
        saferpay_error_text=(asked.decline_reason if asked else "") or None,
    )
