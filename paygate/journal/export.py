"""Journal and period as CSV, with the merchant's reference in each line (SPG-FRM-15)."""

import csv
from collections.abc import Iterable, Iterator
from typing import Final
from zoneinfo import ZoneInfo

from paygate.journal.models import BookingPeriod, Entry
from paygate.journal.states import EntryState
from paygate.money.amount import Money
from paygate.money.display import plain

COLUMNS: Final = (
    "Date", "TransactionId", "Reference", "Description", "Terminal", "Method", "Means", "State", "Amount", "Booked",
    "Currency", "ApprovalCode", "LiabilityShift", "Origin", "Period",
)  # fmt: skip

# A spreadsheet takes a cell that begins like this for a formula (safety.md UP-7).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class _Line:
    """What `csv` writes to: it hands back each finished line."""

    def write(self, line: str) -> str:
        return line


def journal_csv(entries: Iterable[Entry], zone: str) -> Iterator[str]:
    """Line by line, in the order given; dates in the merchant's zone."""
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for entry in entries:
        yield writer.writerow(_row(entry, ZoneInfo(zone), ""))


def period_csv(period: BookingPeriod, zone: str) -> Iterator[str]:
    """The bookings of one period."""
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for line in period.lines.select_related("entry__terminal").order_by("pk").iterator(chunk_size=1000):
        yield writer.writerow(_row(line.entry, ZoneInfo(zone), str(period.number)))


def _row(entry: Entry, zone: ZoneInfo, period: str) -> list[str]:
    moment = entry.authorized_at or entry.created_at
    cells = [
        moment.astimezone(zone).isoformat(timespec="seconds"),
        entry.transaction_id,
        entry.reference,
        entry.description,
        entry.terminal.number,
        entry.method,
        entry.means,
        entry.state,
        plain(entry.amount),
        # What is on its way to the acquirer is not booked before the answer.
        plain(Money(entry.booked_minor if entry.state == EntryState.CAPTURED else 0, entry.currency)),
        entry.currency,
        entry.approval_code,
        "yes" if entry.liability_shift else "no",
        entry.origin,
        period,
    ]
    return [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells]
