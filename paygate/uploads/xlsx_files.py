"""Workbooks, read as a stream: of their first sheet the texts, numbers and dates, and nothing else is touched.

Only the parts that are needed are unpacked, piece by piece, by a parser that knows no entities and fetches nothing
(safety.md UP-6, UP-8). A workbook of 100,000 rows takes no more memory than its different texts.
"""

import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from pathlib import PurePosixPath
from typing import IO, Any, Final, cast
from xml.parsers import expat

from django.utils.translation import gettext as _

from paygate.uploads.refused import (
    UploadRefused,
    at_cell,
    damaged,
    too_long,
    too_long_text,
    too_many_columns,
)
from paygate.uploads.tables import LAST_ROW, LONGEST_CELL, MOST_COLUMNS, Row, Table

MOST_PARTS: Final = 1000
MOST_UNPACKED: Final = 500 * 1024 * 1024
MOST_RATIO: Final = 100
MOST_TEXT: Final = 100 * 1024 * 1024  # of all different texts together
MOST_TEXTS: Final = 5_000_000
MOST_STYLES: Final = 65_536  # more than spreadsheet programs know
_SMALL: Final = 1024 * 1024  # below this a high ratio is harmless: XML repeats itself; and no tag is longer
_PIECE: Final = 64 * 1024

_ACTING: Final = re.compile(r"vbaproject|vbadata|/activex/|/macrosheets/|/dialogsheets/", re.I)
_BUILT_IN_DATES: Final = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_NOT_A_SIGN: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')  # quoted, escaped, colours: no signs of a date
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FIFTEEN_DIGITS: Final = Context(prec=15)  # as many as spreadsheet programs know
_FIRST_DAY: Final = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001  # no zone is meant
_MOST_DAYS: Final = 2_958_465  # the end of the year 9999


def xlsx_table(file: IO[bytes]) -> Table:
    """The first sheet of a workbook. Raises `UploadRefused`, also while its rows are read."""
    return Table("XLSX", "", "", _guarded(_Workbook(_opened(file)).rows()))


def _guarded(rows: Iterator[Row]) -> Iterator[Row]:
    """What breaks off in the middle is damaged."""
    try:
        yield from rows
    except (
        zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError,
        expat.ExpatError, InvalidOperation,
    ):  # fmt: skip
        raise damaged() from None


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        package = zipfile.ZipFile(cast("IO[bytes]", _InSips(file)))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise damaged() from None
    parts = package.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _too_much()
    for part in parts:
        if _ACTING.search(f"/{part.filename}"):
            raise _macros()
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged()
        if part.flag_bits & 0x1:
            raise UploadRefused(_("The file is locked by a password. Save it without one."))
        if part.file_size > _SMALL and part.file_size > MOST_RATIO * part.compress_size:
            raise _too_much()
    return package


class _InSips:
    """A file of which nothing large is read at once: zipfile reads the whole list of the parts, however long it is."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """So many bytes; refused where that is more than a list of `MOST_PARTS` can be."""
        if size > _SMALL:
            raise _too_much()
        return self._file.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _too_much() -> UploadRefused:
    return UploadRefused(
        _("The file unpacks to more than a workbook of this size can hold. It was not opened.")
    )


def _macros() -> UploadRefused:
    return UploadRefused(_("The workbook contains macros. Save it as a workbook without macros (.xlsx)."))


class _Workbook:
    """Its parts, found by their names and relations."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package = package
        self.names = {part.filename.lower(): part for part in package.infolist()}

    def rows(self) -> Iterator[Row]:
        """Of the first sheet, the header first; empty rows are left out."""
        if b"macroenabled" in self._whole("[content_types].xml").lower().replace(b"\0", b""):
            raise _macros()
        if "xl/workbook.xml" not in self.names:
            raise UploadRefused(_("This is not an Excel workbook (.xlsx)."))
        sheets = _Sheets()
        self._parse("xl/workbook.xml", sheets.start, lambda _name: None, lambda _text: None)
        if not sheets.first:
            raise damaged()
        targets = _Relations()
        self._parse("xl/_rels/workbook.xml.rels", targets.start, lambda _name: None, lambda _text: None)
        texts, styles = _Texts(), _Styles()
        for kind, part_reader in (("sharedStrings", texts), ("styles", styles)):
            part = self._target(targets.of_kind.get(kind, ""))
            if part in self.names:
                self._parse(part, part_reader.start, part_reader.end, part_reader.text)
        sheet = self._target(targets.of_id.get(sheets.first, ""))
        if sheet not in self.names:
            raise damaged()
        yield from self._stream(sheet, _Sheet(texts, styles.dates, from_1904=sheets.from_1904))

    def _target(self, target: str) -> str:
        """The name of the part a relation leads to."""
        path = PurePosixPath(target) if target.startswith("/") else PurePosixPath("/xl") / target
        return str(path).lower().lstrip("/")

    def _whole(self, name: str) -> bytes:
        part = self.names.get(name)
        if part is None or part.file_size > _SMALL:
            raise damaged()
        return self.package.read(part)

    def _parse(
        self,
        name: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None],
        text: Callable[[str], None],
    ) -> None:
        """A part at once."""
        if name not in self.names:
            raise damaged()
        for _piece in self._pieces(name, _parser(start, end, text)):
            pass

    def _stream(self, name: str, reader: "_Sheet") -> Iterator[Row]:
        """The rows of a sheet as soon as each is read."""
        for _piece in self._pieces(name, _parser(reader.start, reader.end, reader.text)):
            yield from reader.take()

    def _pieces(self, name: str, parser: expat.XMLParserType) -> Iterator[None]:
        """A part, piece by piece through the parser, which keeps and looks through anew what has not ended yet."""
        fed = 0
        with self.package.open(self.names[name]) as stream:
            while piece := stream.read(_PIECE):
                parser.Parse(piece, False)
                fed += len(piece)
                if fed - parser.CurrentByteIndex > _SMALL:
                    raise damaged()
                yield
        parser.Parse(b"", True)
        yield


def _parser(
    start: Callable[[str, dict[str, str]], None], end: Callable[[str], None], text: Callable[[str], None]
) -> expat.XMLParserType:
    def doctype(*_names: object) -> None:
        raise damaged()

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    return parser


def _attribute(attributes: Mapping[str, str], name: str) -> str:
    """Whatever prefix its namespace has."""
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")


class _Sheets:
    """The relation of the first sheet, and from when days are counted."""

    first = ""
    from_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet" and not self.first:
            self.first = next(
                (value for key, value in attributes.items() if ":" in key and key.endswith(":id")), ""
            )
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "") in ("1", "true")


class _Relations:
    """Where the parts of a workbook are."""

    def __init__(self) -> None:
        self.of_id: dict[str, str] = {}
        self.of_kind: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode", "") != "External":
            target = attributes.get("Target", "")
            if len(self.of_id) > MOST_PARTS or len(self.of_kind) > MOST_PARTS:
                raise damaged()
            self.of_id[attributes.get("Id", "")] = target
            self.of_kind[attributes.get("Type", "").rpartition("/")[2]] = target


class _Texts:
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
                raise _too_much()

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


class _Styles:
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


class _Sheet:
    """Cells as they come, and the rows that are complete."""

    def __init__(self, texts: _Texts, dates: set[int], *, from_1904: bool) -> None:
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
