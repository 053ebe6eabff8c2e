"""Files as people have them."""

import io
from collections.abc import Sequence

from paygate import clock
from paygate.jobs.interface import run_due
from paygate.merchants.models import Terminal
from paygate.merchants.reach import Actor, system
from paygate.spreadsheets import Cell, xlsx_file
from paygate.uploads.confirm import confirm
from paygate.uploads.models import Upload
from paygate.uploads.take import take_file
from tests.cast import Person

HEADER = "Amount,Currency,Description,Reference,E-mail"
WITH_LETTERS = f"{HEADER},Send letter"


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


def checked(person: Person, content: bytes, filename: str = "links.csv") -> Upload:
    """The file, taken and checked."""
    upload = uploaded(person.terminal, content, filename, by=person.actor)
    run_due()
    upload.refresh_from_db()
    return upload


def created(person: Person, content: bytes, *, whole: bool = True) -> Upload:
    """The file, created as far as it is right."""
    upload = checked(person, content)
    confirm(upload, whole=whole, by=person.actor, now=clock.now())
    run_due()
    upload.refresh_from_db()
    return upload
