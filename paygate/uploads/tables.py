"""A file as a table of texts, whatever it was written as."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST_ROWS: Final = 100_000  # without the header (UP-6)
MOST_COLUMNS: Final = 200
MOST_BYTES: Final = 50 * 1024 * 1024
LAST_ROW: Final = 1_048_576  # of spreadsheet programs, empty ones counted
LONGEST_CELL: Final = 32_767  # characters, as many as a spreadsheet program takes

Row = tuple[int, list[str]]  # its number as a spreadsheet program counts, from 1; its cells


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file; reading them may still refuse it."""

    kind: str  # CSV or XLSX
    encoding: str  # UTF-8, UTF-16, Windows-1252; empty for a workbook
    separator: str  # comma, semicolon or tab; empty for a workbook
    rows: Iterator[Row]  # the header is the first of them


def letters(column: int) -> str:
    """The name of a column, counted from 0, in a spreadsheet program: A, B … Z, AA."""
    name = ""
    column += 1
    while column:
        column, left = divmod(column - 1, 26)
        name = chr(ord("A") + left) + name
    return name


def cell_name(column: int, row: int) -> str:
    """The name of a cell: column counted from 0, row from 1."""
    return f"{letters(column)}{row}"
