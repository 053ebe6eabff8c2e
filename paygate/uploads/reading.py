"""Read a file whole, before anything is created: what it is, its header, its rows, and why it is refused.

No cell is kept or shown before it was looked at for card numbers (safety.md CD-9).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Final

from django.utils.translation import gettext as _

from paygate.cards.free_text import find_card_numbers
from paygate.uploads.columns import BY_KEY, NO_COLUMN, key_of, normal
from paygate.uploads.csv_files import csv_table
from paygate.uploads.refused import UploadRefused, at_cell, too_many_rows
from paygate.uploads.tables import MOST_BYTES, MOST_ROWS, Row, Table, letters
from paygate.uploads.xlsx_files import xlsx_table

CSV_ENDINGS: Final = (".csv", ".txt", ".tsv")
ENDINGS: Final = (*CSV_ENDINGS, ".xlsx")
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
_ZIP: Final = b"PK\x03\x04"
_OTHERS: Final = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"{\\rtf",
    b"\x7fELF",
    b"\x1f\x8b",
    b"<?xml",
)


@dataclass(frozen=True, slots=True)
class Header:
    """What the first row names: for each column its name, and which one of ours it is; None: nobody knows yet."""

    names: tuple[str, ...]
    keys: tuple[str | None, ...]

    @property
    def unknown(self) -> list[int]:
        """The columns somebody has to say something about."""
        return [at for at, key in enumerate(self.keys) if key is None]


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that is being read. Its rows may still refuse it."""

    kind: str
    encoding: str
    separator: str
    header: Header
    rows: Iterator[Row]  # without the header and without empty rows


def read(filename: str, file: IO[bytes], *, remembered: Mapping[str, str] | None = None) -> Reading:
    """Begin to read a file; `remembered` are columns that were mapped by hand before, by their normal names.

    Raises `UploadRefused`, also while the rows are read.
    """
    table = _table(filename, file)
    number, names = next(((number, cells) for number, cells in table.rows if any(cells)), (0, []))
    if not number:
        raise UploadRefused(_("The file is empty."))
    _refuse_card_numbers(number, names)
    while names and not names[-1]:
        names.pop()
    header = _header(number, names, remembered or {})
    return Reading(table.kind, table.encoding, table.separator, header, _rows(table, len(header.names)))


def _table(filename: str, file: IO[bytes]) -> Table:
    """By what is in the file, which must be what its name says (UP-1)."""
    if find_card_numbers(filename):
        words = _(
            "The name of the file looks like a card number. Card numbers are entered on the payment page only."
        )
        raise UploadRefused(words)
    ending = PurePosixPath(filename).suffix.lower()
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    first = file.read(8)
    if size > MOST_BYTES:
        raise UploadRefused(_("The file is larger than 50 MB. Split it into several files."))
    if ending in (".xlsm", ".xltm", ".xlam"):
        raise UploadRefused(_("The workbook contains macros. Save it as a workbook without macros (.xlsx)."))
    if ending not in ENDINGS:
        raise UploadRefused(_("Choose a CSV file or an Excel workbook (.csv or .xlsx)."))
    if not first:
        raise UploadRefused(_("The file is empty."))
    if first.startswith(_OLD_OFFICE):
        raise UploadRefused(
            _("This is an old Excel file or a locked one. Save it as .xlsx, without a password.")
        )
    is_workbook = first.startswith(_ZIP)
    if is_workbook is not (ending == ".xlsx") or first.startswith(_OTHERS):
        raise UploadRefused(
            _("The file is not what its name says. Choose a CSV file or an Excel workbook (.xlsx).")
        )
    return xlsx_table(file) if is_workbook else csv_table(file)


def _header(number: int, names: Sequence[str], remembered: Mapping[str, str]) -> Header:
    keys = [key_of(name) if name else None for name in names]
    for at, name in enumerate(names):
        meant = remembered.get(normal(name)) if keys[at] is None else None
        if meant == NO_COLUMN or (meant in BY_KEY and meant not in keys):
            keys[at] = meant
    if not set(keys) - {None, NO_COLUMN}:
        words = _(
            "The first row names no column that we know. Write the names of the columns there, such as Amount,"
            " Currency, Description; the sample files show them."
        )
        raise UploadRefused(words)
    for at, key in enumerate(keys):
        if key and key in keys[:at]:
            words = _("Columns %(one)s and %(other)s are both “%(name)s”. Remove or rename one of them.")
            named = {"one": letters(keys.index(key)), "other": letters(at), "name": BY_KEY[key].header("en")}
            raise UploadRefused(words % named)
    shown = [" ".join(name.split())[:100] or letters(at) for at, name in enumerate(names)]
    return Header(tuple(shown), tuple(keys))


def _rows(table: Table, width: int) -> Iterator[Row]:
    count = 0
    for number, cells in table.rows:
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        count += 1
        if count > MOST_ROWS:
            raise too_many_rows(MOST_ROWS)
        _refuse_card_numbers(number, cells)
        yield number, cells if len(cells) > width else cells + [""] * (width - len(cells))


def _refuse_card_numbers(number: int, cells: Sequence[str]) -> None:
    for column, cell in enumerate(cells):
        if len(cell) > 12 and find_card_numbers(cell):
            words = _(
                "Cell %(cell)s looks like a card number. Card numbers are entered on the payment page only."
                " Nothing of the file was kept."
            )
            raise at_cell(column, number, words)
