"""Tables as files: CSV line by line, XLSX row by row. What a spreadsheet would take for a formula is text (UP-7)."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from decimal import Decimal
from typing import IO, Final

from xlsxwriter import Workbook

Cell = str | int | Decimal | datetime | None

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class _Line:
    """What `csv` writes to: it hands back each finished line."""

    def write(self, line: str) -> str:
        return line


def csv_lines(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], *, separator: str = ","
) -> Iterator[str]:
    """Line by line, as RFC 4180 quotes them; moments with their offset from UTC."""
    writer = csv.writer(_Line(), delimiter=separator)
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([_spelled(cell) for cell in row])


def xlsx_file(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> IO[bytes]:
    """A workbook with real numbers and dates, at its beginning; moments as their zone's clock shows them.

    Rows go to the disk as they come, into a file without a name, so that memory does not grow with them.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
        "default_date_format": "yyyy-mm-dd hh:mm",
    }
    with ExitStack() as held:
        file: IO[bytes] = held.enter_context(tempfile.TemporaryFile())
        with Workbook(file, options) as workbook:
            _write_sheet(workbook, header, rows)
        held.pop_all()  # whoever reads it closes it
    file.seek(0)
    return file


def _write_sheet(workbook: Workbook, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    sheet = workbook.add_worksheet()
    formats: dict[int, object] = {}
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(header) - 1, 18)
    sheet.write_row(0, 0, header, workbook.add_format({"bold": True}))
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, Decimal):
                digits = -int(cell.as_tuple().exponent)
                if digits not in formats:
                    pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
                    formats[digits] = workbook.add_format({"num_format": pattern})
                sheet.write_number(number, column, cell, formats[digits])
            elif cell is not None:
                sheet.write(number, column, cell)


def _spelled(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return cell.isoformat(timespec="seconds")
        case Decimal() | int():
            return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
