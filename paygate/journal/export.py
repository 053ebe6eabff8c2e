"""Journal and period as CSV, with the merchant's reference in each line (SPG-FRM-15)."""

from collections.abc import Iterable, Iterator
from typing import Final
from zoneinfo import ZoneInfo

from paygate.journal.models import BookingPeriod, Entry
from paygate.money.amount import Money
from paygate.spreadsheets import Cell, csv_lines

COLUMNS: Final = (
    "Date", "TransactionId", "Reference", "Description", "Terminal", "Method", "Means", "State", "Amount", "Booked",
    "Currency", "ApprovalCode", "LiabilityShift", "Origin", "Period", "Type", "Part",
)  # fmt: skip


def journal_csv(entries: Iterable[Entry], zone: str) -> Iterator[str]:
    """Line by line, in the order given; dates in the merchant's zone."""
    return csv_lines(COLUMNS, (_row(entry, ZoneInfo(zone), _booked(entry)) for entry in entries))


def period_csv(period: BookingPeriod, zone: str) -> Iterator[str]:
    """The bookings of one period: of a payment that is booked in parts, each part by itself, with its name."""
    lines = period.lines.select_related("entry__terminal").order_by("pk").iterator(chunk_size=1000)
    return csv_lines(
        COLUMNS,
        (_row(line.entry, ZoneInfo(zone), line.earned, str(period.number), line.part) for line in lines),
    )


def _row(entry: Entry, zone: ZoneInfo, booked: Money, period: str = "", part: str = "") -> list[Cell]:
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
        booked.decimal,
        entry.currency,
        entry.approval_code,
        "yes" if entry.liability_shift else "no",
        entry.origin,
        period,
        entry.type,
        part,
    ]


def _booked(entry: Entry) -> Money:
    """With a minus where the money goes back to the payer."""
    return Money(-entry.booked.minor if entry.is_refund else entry.booked.minor, entry.currency)
