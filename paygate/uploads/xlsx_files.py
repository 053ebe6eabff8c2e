"""Workbooks, read as a stream: of their first sheet the texts, numbers and dates, and nothing else is touched.

Only the parts that are needed are unpacked, piece by piece, by a parser that knows no entities and fetches nothing
(safety.md UP-6, UP-8). A workbook of 100,000 rows takes no more memory than its different texts.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from decimal import InvalidOperation
from pathlib import PurePosixPath
from typing import IO, Any, Final, cast
from xml.parsers import expat

from django.utils.translation import gettext as _

from paygate.uploads.refused import UploadRefused, damaged, too_much
from paygate.uploads.tables import Row, Table
from paygate.uploads.xlsx_cells import Sheet, Styles, Texts

MOST_PARTS: Final = 1000
MOST_UNPACKED: Final = 500 * 1024 * 1024
MOST_RATIO: Final = 100
_SMALL: Final = 1024 * 1024  # below this a high ratio is harmless: XML repeats itself; and no tag is longer
_PIECE: Final = 64 * 1024

_ACTING: Final = re.compile(r"vbaproject|vbadata|/activex/|/macrosheets/|/dialogsheets/", re.I)


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
        raise too_much()
    for part in parts:
        if _ACTING.search(f"/{part.filename}"):
            raise _macros()
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged()
        if part.flag_bits & 0x1:
            raise UploadRefused(_("The file is locked by a password. Save it without one."))
        if part.file_size > _SMALL and part.file_size > MOST_RATIO * part.compress_size:
            raise too_much()
    return package


class _InSips:
    """A file of which nothing large is read at once: zipfile reads the whole list of the parts, however long it is."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """So many bytes; refused where that is more than a list of `MOST_PARTS` can be."""
        if size > _SMALL:
            raise too_much()
        return self._file.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


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
        texts, styles = Texts(), Styles()
        for kind, part_reader in (("sharedStrings", texts), ("styles", styles)):
            part = self._target(targets.of_kind.get(kind, ""))
            if part in self.names:
                self._parse(part, part_reader.start, part_reader.end, part_reader.text)
        sheet = self._target(targets.of_id.get(sheets.first, ""))
        if sheet not in self.names:
            raise damaged()
        yield from self._stream(sheet, Sheet(texts, styles.dates, from_1904=sheets.from_1904))

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

    def _stream(self, name: str, reader: Sheet) -> Iterator[Row]:
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
