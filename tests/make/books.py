"""What stands in the books: bookings, wallet payments, and what the pretend acquirer knows of them."""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from paygate.acquiring.choose import terminal_ref
from paygate.acquiring.connector import BatchLine, CaptureRequest, Operation, batch_request
from paygate.acquiring.registry import connector_for
from paygate.acquiring.simulator import acquirer, ledger
from paygate.journal.capture import capture
from paygate.journal.models import BookingPeriod, Entry, Kind, Movement
from paygate.journal.refund import RefundWish, refund
from paygate.journal.settling import settle
from paygate.journal.states import PeriodState
from paygate.journal.unanswered import find_out
from paygate.merchants.models import Terminal
from paygate.merchants.reach import system
from paygate.money.amount import Money
from tests.make.journal import reservation

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def booking(terminal: Terminal, amount: Money | None = None, *, now: datetime = NOON, **other: Any) -> Entry:
    """A payment that was reserved and booked."""
    entry = reservation(terminal, amount, now=now, **other)
    capture(entry.pk, by=system(terminal.merchant_id), now=now)
    return again(entry)


def wallet_reservation(
    terminal: Terminal,
    method: str,
    amount: Money | None = None,
    *,
    now: datetime = NOON,
    choice: str = "approve",
) -> Entry:
    """A payment by a wallet, whose page the payer has answered and which we have asked about."""
    entry = reservation(terminal, amount, method=method, now=now)
    movement = the_movement(entry, Kind.AUTHORIZE)
    acquirer.choose(movement.acquirer_reference, choice)
    Movement.objects.filter(pk=movement.pk).update(next_inquiry_at=now)
    answer = find_out(movement.pk, now=now)
    assert answer is not None
    with transaction.atomic():
        settle(movement, answer, now=now)
    return again(entry)


def again(entry: Entry) -> Entry:
    """The same entry as it stands now."""
    return Entry.objects.get(pk=entry.pk)


def asked_again(movement: Movement) -> Movement:
    """The same movement as it stands now."""
    return Movement.objects.get(pk=movement.pk)


def the_movement(entry: Entry, kind: Kind) -> Movement:
    """The last movement of this kind."""
    movement = entry.movements.filter(kind=kind).last()
    assert movement is not None, f"nothing of kind {kind} was asked"
    return movement


def period_now(period: BookingPeriod) -> BookingPeriod:
    """The same period as it stands now."""
    return BookingPeriod.objects.get(pk=period.pk)


def the_open_period(terminal: Terminal) -> BookingPeriod:
    """The period that takes bookings now."""
    return BookingPeriod.objects.get(terminal=terminal, state=PeriodState.OPEN)


def asked_of_acquirer(op: str) -> list[dict[str, Any]]:
    """What the pretend acquirer did of this kind, oldest first."""
    return [row for row in ledger.listed() if row["op"] == op]


def book_behind_our_back(entry: Entry) -> None:
    """The acquirer has a booking of this reservation that we know nothing of, so it refuses ours."""
    original = the_movement(entry, Kind.AUTHORIZE)
    connector_for(entry.contract).capture(
        CaptureRequest("elsewhere", original.request_id, "", entry.amount, terminal_ref(entry.contract))
    )


def file_behind_our_back(entry: Entry, *, number: int = 99) -> None:
    """The acquirer has taken this booking into a batch that we know nothing of."""
    line = BatchLine(the_movement(entry, Kind.CAPTURE).request_id, Operation.CAPTURE, entry.amount)
    terminal = terminal_ref(entry.contract)
    connector_for(entry.contract).submit_batch(
        batch_request(request_id=f"other-{number}", terminal=terminal, number=number, lines=[line])
    )


def refunded(entry: Entry, amount: Money | None = None, *, now: datetime = NOON, **wish: Any) -> Entry:
    """The refund of a booked payment, as far as the simulator's answer brings it."""
    movement = refund(entry.pk, RefundWish(amount, **wish), by=system(entry.merchant_id), now=now)
    return Entry.objects.get(pk=movement.entry_id)
