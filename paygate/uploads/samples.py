"""Files to begin with: every column once, and rows that upload as they are (SPG-UPL-07)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from paygate.spreadsheets import Cell
from paygate.uploads.columns import Column, columns_for

# What the rows of a sample hold beyond the examples of the table; what is not named is empty.
_ROWS: Final[Sequence[Mapping[str, str]]] = (
    {},
    {
        "amount": "1234.50", "description": "Seminar, two days", "reference": "2026-0413", "by_email": "no",
        "payer_email": "", "language": "fr", "booking": "AUTOMATIC", "condition": "LIABILITY_SHIFT",
        "address_company": "Muster SA", "address_first_name": "", "address_last_name": "",
        "address_street": "Rue du Lac 3", "address_zip": "1003", "address_city": "Lausanne", "address_phone": "",
        "max_attempts": "10", "ask_email": "MANDATORY", "address_editable": "yes",
    },
    {
        "amount": "15.00", "description": "Gift voucher", "reference": "2026-0414", "language": "en",
        "by_email": "no", "payer_email": "john@example.com", "address_street": "", "address_zip": "",
        "address_city": "", "address_country": "GB", "address_first_name": "John", "address_last_name": "Example",
        "address_phone": "", "confirm": "no", "notify_emails": "reception@example.ch, books@example.ch",
    },
)  # fmt: skip
_DAYS_AHEAD: Final = (14, 30, 60)


def sample_header(language: str, *, stores_cards: bool) -> list[str]:
    """The names of all columns but those that need something of the merchant's own, in a language."""
    return [column.header(language) for column in _shown(stores_cards)]


def sample_rows(
    currency: str, *, now: datetime, zone: ZoneInfo, real: bool, stores_cards: bool
) -> Iterator[list[Cell]]:
    """Rows in one of the terminal's currencies; `real` dates and amounts for a workbook, else as people type them."""
    shown = _shown(stores_cards)
    for row, days in zip(_ROWS, _DAYS_AHEAD, strict=True):
        values: dict[str, Cell] = {column.key: row.get(column.key, column.example) for column in shown}
        values["currency"] = currency
        values["expires_at"] = _day(now.astimezone(zone).date() + timedelta(days=days), real=real)
        if real:
            values["amount"] = Decimal(str(values["amount"]))
        yield [values[column.key] for column in shown]


def _shown(stores_cards: bool) -> list[Column]:
    known = columns_for(stores_cards=stores_cards)
    return [column for column in known if column.key not in ("template", "design")]


def _day(on: date, *, real: bool) -> Cell:
    return datetime.combine(on, time(18)) if real else f"{on:%d.%m.%Y} 18:00"  # of the sheet
