"""Journal and period as CSV, with the merchant's reference in each line (SPG-FRM-15)."""

from collections.abc import Iterable, Iterator
from typing import Final
from zoneinfo import ZoneInfo

from paygate.journal.models import BookingPeriod, Entry
from paygate.journal.states import EntryState
from paygate.money.amount import Money
from paygate.spreadsheets import Cell, csv_lines

COLUMNS: Final = (
    "Date", "TransactionId", "Reference", "Description", "Terminal", "Method", "Means", "State", "Amount", "Booked",
    "Currency", "ApprovalCode", "LiabilityShift", "Origin", "Period", "Type",
)  # fmt: skip


def journal_csv(entries: Iterable[Entry], zone: str) -> Iterator[str]:
    """Line by line, in the order given; dates in the merchant's zone."""
    return csv_lines(COLUMNS, (_row(entry, ZoneInfo(zone), "") for entry in entries))


def period_csv(period: BookingPeriod, zone: str) -> Iterator[str]:
    """The bookings of one period."""
    lines = period.lines.select_related("entry__terminal").order_by("pk").iterator(chunk_size=1000)
    return csv_lines(COLUMNS, (_row(line.entry, ZoneInfo(zone), str(period.number)) for line in lines))


def _row(entry: Entry, zone: ZoneInfo, period: str) -> list[Cell]:
    moment = entry.authorized_at or entry.created_at
    return [
        moment.astimezone(zone),
        entry.transaction_id,
        entry.reference,
        entry.description,
        entry.terminal.number,
        entry.method,
        entry.means,
        entry.state,
        entry.earned.decimal,
        # What is on its way to the acquirer is not booked before the answer.
        _booked(entry).decimal,
        entry.currency,
        entry.approval_code,
        "yes" if entry.liability_shift else "no",
        entry.origin,
        period,
        entry.type,
    ]


def _booked(entry: Entry) -> Money:
    """With a minus where the money goes back to the payer."""
    booked = entry.booked_minor if entry.state == EntryState.CAPTURED else 0
    return Money(-booked if entry.is_refund else booked, entry.currency)
