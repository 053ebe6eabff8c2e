"""What the cells of a workbook say: its shared texts, which formats are dates, and the rows of a sheet.

Each reader is told the beginning and the end of each tag and the text between; what it was told of stays small
(safety.md UP-6).
"""

import re
from array import array
from datetime import datetime, timedelta
from decimal import Context, Decimal
from typing import Final

from django.utils.translation import gettext as _

from paygate.uploads.refused import at_cell, damaged, too_long, too_long_text, too_many_columns, too_much
from paygate.uploads.tables import LAST_ROW, LONGEST_CELL, MOST_COLUMNS, Row

MOST_TEXT: Final = 100 * 1024 * 1024  # of all different texts together
MOST_TEXTS: Final = 5_000_000
MOST_STYLES: Final = 65_536  # more than spreadsheet programs know
_BUILT_IN_DATES: Final = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_NOT_A_SIGN: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')  # quoted, escaped, colours: no signs of a date
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FIFTEEN_DIGITS: Final = Context(prec=15)  # as many as spreadsheet programs know
_FIRST_DAY: Final = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001  # no zone is meant
_MOST_DAYS: Final = 2_958_465  # the end of the year 9999


class Texts:
    """The shared texts, one behind the other in one piece of memory."""

    def __init__(self) -> None:
        self._all = bytearray()
        self._ends = array("I")
        self._parts: list[str] = []
        self._length = 0  # of the parts
        self._inside = self._spoken = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._inside = name == "t" and not self._spoken
        if name == "rPh":  # how it is pronounced
            self._spoken = True

    def end(self, name: str) -> None:
        self._inside = False
        if name == "rPh":
            self._spoken = False
        elif name == "si":
            self._all += "".join(self._parts).encode("utf-8", "replace")
            self._ends.append(len(self._all))
            self._parts.clear()
            self._length = 0
            if len(self._all) > MOST_TEXT or len(self._ends) > MOST_TEXTS:
                raise too_much()

    def text(self, text: str) -> None:
        if self._inside:
            self._parts.append(text)
            self._length += len(text)
            if self._length > LONGEST_CELL:
                raise too_long_text()

    def at(self, index: int) -> str:
        """One of them. Raises `ValueError` where there is none."""
        if not 0 <= index < len(self._ends):
            raise ValueError("there is no such text")
        begin = self._ends[index - 1] if index else 0
        return self._all[begin : self._ends[index]].decode()


class Styles:
    """Which formats of cells are dates."""

    def __init__(self) -> None:
        self.dates: set[int] = set()
        self._own: set[int] = set()
        self._count = 0
        self._in_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt" and _is_date(attributes.get("formatCode", "")):
            self._own.add(int(attributes.get("numFmtId", "0")))
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            used = int(attributes.get("numFmtId", "0"))
            if used in _BUILT_IN_DATES or used in self._own:
                self.dates.add(self._count)
            self._count += 1
        if max(self._count, len(self._own)) > MOST_STYLES:
            raise damaged()

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def text(self, _text: str) -> None:
        """Styles hold none."""


def _is_date(code: str) -> bool:
    return bool(re.search(r"[dmyhs]", _NOT_A_SIGN.sub("", code), re.I))


class Sheet:
    """Cells as they come, and the rows that are complete."""

    def __init__(self, texts: Texts, dates: set[int], *, from_1904: bool) -> None:
        self._texts, self._dates, self._first_day = texts, dates, _FIRST_DAY[from_1904]
        self._done: list[Row] = []
        self._row: list[str] = []
        self._number = 0
        self._column = -1
        self._type = self._style = ""
        self._value: list[str] = []
        self._length = 0  # of the value
        self._inside = self._spoken = False

    def take(self) -> list[Row]:
        """What is complete since the last time."""
        done, self._done = self._done, []
        return done

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._column = _column_in(attributes.get("r", ""), self._column + 1)
            self._length = 0
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._value.clear()
        elif name in ("v", "t"):
            self._inside = not self._spoken
        elif name == "f":
            words = _(
                "Cell %(cell)s holds a formula. Put its value there, as text or number, and upload the file again."
            )
            raise at_cell(max(self._column, 0), self._number, words)
        elif name == "rPh":
            self._spoken = True
        elif name == "row":
            self._number = max(int(attributes.get("r") or self._number + 1), self._number + 1)
            if self._number > LAST_ROW:
                raise damaged()
            self._row, self._column = [], -1

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._inside = False
        elif name == "c":
            self._put("".join(self._value))
        elif name == "rPh":
            self._spoken = False
        elif name == "row" and any(self._row):
            self._done.append((self._number, self._row))

    def text(self, text: str) -> None:
        if self._inside:
            self._value.append(text)
            self._length += len(text)
            if self._length > LONGEST_CELL:
                raise too_long(max(self._column, 0), self._number)

    def _put(self, value: str) -> None:
        text = self._read(value).strip()
        if not text:
            return
        if self._column >= MOST_COLUMNS:
            raise too_many_columns(MOST_COLUMNS)
        self._row += [""] * (self._column + 1 - len(self._row))
        self._row[self._column] = text

    def _read(self, value: str) -> str:
        match self._type:
            case "s":
                return _unescaped(self._texts.at(int(value))) if value else ""
            case "inlineStr" | "str":
                return _unescaped(value)
            case "b":
                return {"1": "yes", "0": "no"}.get(value.strip(), "")
            case "d":
                return value
            case "e":
                words = _(
                    "Cell %(cell)s holds an error of the spreadsheet program. Mend it and upload the file again."
                )
                raise at_cell(max(self._column, 0), self._number, words)
        if not value.strip():
            return ""
        value = value.strip()
        whole = value.isascii() and value.isdigit()
        number = Decimal(value[:400]) if whole else _FIFTEEN_DIGITS.create_decimal(value)
        if not number.is_finite() or abs(number.adjusted()) > 300:
            raise damaged()
        if self._style and int(self._style) in self._dates:
            return self._date(number)
        return f"{number.normalize():f}"

    def _date(self, days: Decimal) -> str:
        if not 0 <= days <= _MOST_DAYS:
            raise damaged()
        seconds = int((days * 86_400).to_integral_value())
        moment = self._first_day + timedelta(seconds=seconds)
        if days < 1:
            return f"{moment:%H:%M}"
        return moment.date().isoformat() if seconds % 86_400 == 0 else f"{moment:%Y-%m-%d %H:%M}"


def _unescaped(text: str) -> str:
    """Signs that XML cannot hold are written as "_x000D_"; of these only line ends and tabs are taken."""
    if "_x" not in text:
        return text

    def sign(found: re.Match[str]) -> str:
        code = int(found[1], 16)
        if code in (0x9, 0xA, 0xD, 0x5F):
            return chr(code)
        return "" if code < 0x20 else found[0]

    return _ESCAPED.sub(sign, text)


def _column_in(name: str, following: int) -> int:
    """The column of a cell that is named, counted from 0; of one that is not, the one that follows."""
    column = 0
    for sign in name:
        if not "A" <= sign <= "Z":
            break
        column = column * 26 + ord(sign) - ord("A") + 1
        if column > 20_000:
            raise damaged()
    if following > 20_000:
        raise damaged()
    return column - 1 if column else following
