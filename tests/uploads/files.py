"""Files as people have them."""

import io
from collections.abc import Sequence

from paygate import clock
from paygate.merchants.models import Terminal
from paygate.merchants.reach import Actor, system
from paygate.spreadsheets import Cell, xlsx_file
from paygate.uploads.models import Upload
from paygate.uploads.take import take_file

HEADER = "Amount,Currency,Description,Reference,E-mail"


def csv(*rows: str, header: str = HEADER) -> bytes:
    """A CSV file with these lines."""
    return "\r\n".join((header, *rows, "")).encode()


def good(count: int, *, first: int = 1) -> bytes:
    """So many rows that are right, each with a reference of its own."""
    return csv(
        *(f"{10 + n % 90}.50,CHF,Room {n},R-{n:06},guest{n}@example.org" for n in range(first, first + count))
    )


def workbook(header: Sequence[str], *rows: Sequence[Cell]) -> bytes:
    """A workbook with real numbers and dates."""
    with xlsx_file(header, rows) as file:
        return file.read()


def uploaded(
    terminal: Terminal, content: bytes, filename: str = "links.csv", *, by: Actor | None = None
) -> Upload:
    """The file, taken."""
    by = by or system(terminal.merchant_id)
    return take_file(filename, io.BytesIO(content), terminal=terminal, by=by, now=clock.now())[0]
