"""Files of comma-separated values as people's programs write them: which letters, which separator, which rows."""

import codecs
import csv
import re
from collections.abc import Iterator
from io import TextIOWrapper
from typing import IO, Final

from django.utils.translation import gettext as _

from paygate.uploads.columns import key_of
from paygate.uploads.refused import (
    UploadRefused,
    at_cell,
    damaged,
    too_long,
    too_many_columns,
    too_many_rows,
)
from paygate.uploads.tables import LAST_ROW, LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Row, Table

SEPARATORS: Final = {",": "comma", ";": "semicolon", "\t": "tab"}

# Letters beyond ASCII as UTF-8 writes those of western Europe. In Windows-1252 these bytes are pairs such as "Ã¼",
# which nobody writes.
_UTF_8_LETTERS: Final = re.compile(rb"[\xc2\xc3][\x80-\xbf]|\xe2\x80[\x90-\xbf]|\xe2\x82\xac")
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_OURS: Final = re.compile(r"'[=+\-@\t\r＝＋－＠]")  # how our own exports write what would be a formula
_SAMPLE: Final = 64 * 1024
_PIECE: Final = 512 * 1024  # bytes
_LONGEST_LINE: Final = MOST_COLUMNS * LONGEST_CELL + 1  # characters


def csv_table(file: IO[bytes]) -> Table:
    """The table in a file. Raises `UploadRefused`, also while its rows are read."""
    encoding = _encoding_of(file)
    file.seek(0)
    text = TextIOWrapper(file, encoding=encoding, newline="")
    try:
        sample = text.read(_SAMPLE)
        separator, skipped = _separator_of(sample)
        text.seek(0)
        for _line in range(skipped):
            text.readline()
    except UnicodeError:
        raise _not_text() from None
    named = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}.get(encoding, "UTF-16")
    return Table("CSV", named, SEPARATORS[separator], _rows(text, separator))


def _encoding_of(file: IO[bytes]) -> str:
    """The name of the codec. Raises `UploadRefused` for what is no text, or text in two encodings."""
    file.seek(0)
    first = file.read(4096)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in first:
        odd, even = first[1::2].count(0), first[0::2].count(0)
        if max(odd, even) > len(first) // 4 and min(odd, even) < len(first) // 64 + 1:
            return "utf-16-le" if odd > even else "utf-16-be"
        raise _not_text()
    file.seek(0)
    as_utf_8, otherwise = 0, 0  # the first line of each sort
    for number, line in _lines(file):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            if _UTF_8_LETTERS.search(line):
                raise _mixed(number, number) from None
            otherwise = otherwise or number
        else:
            if not as_utf_8 and (_UTF_8_LETTERS.search(line) or line.startswith(codecs.BOM_UTF8)):
                as_utf_8 = number
    if otherwise and as_utf_8:
        raise _mixed(as_utf_8, otherwise)
    return "cp1252" if otherwise else "utf-8-sig"


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines that are not all ASCII, with their numbers from 1; of very long ones pieces that end with a letter."""
    number, kept = 1, b""
    while block := file.read(_PIECE):
        block = kept + block + file.readline(_PIECE)
        at = len(block)
        if not block.endswith(b"\n"):  # a letter of UTF-8 has at most three bytes behind its first
            at = next((at for at in range(at - 1, max(at - 5, -1), -1) if block[at] >= 0xC0), at)
        block, kept = block[:at], block[at:]
        if not block.isascii():
            for further, line in enumerate(block.split(b"\n")):
                if not line.isascii():
                    yield number + further, line
        number += block.count(b"\n")
    if kept:
        yield number, kept


def _mixed(utf_8: int, other: int) -> UploadRefused:
    words = _(
        "The file mixes two encodings: line %(one)s is UTF-8, line %(other)s is not. Save it anew as “CSV UTF-8”."
    )
    return UploadRefused(words % {"one": utf_8, "other": other})


def _not_text() -> UploadRefused:
    return UploadRefused(
        _("This is not a text file in UTF-8, UTF-16 or Windows-1252. Save it as “CSV UTF-8”.")
    )


def _separator_of(sample: str) -> tuple[str, int]:
    """What stands between cells, and how many lines say so at the beginning ("sep=;")."""
    first = sample.partition("\n")[0]
    told = re.fullmatch(r"\ufeff?sep=([,;\t])\r?", first)
    if told:
        return told[1], 1
    return max(SEPARATORS, key=lambda separator: _fits(sample, separator)), 0


def _fits(sample: str, separator: str) -> tuple[int, int]:
    """How many columns of ours the first row names, and how many columns it has."""
    try:
        header = next(csv.reader(sample.splitlines(keepends=True), delimiter=separator), [])
    except csv.Error:
        return 0, 0
    return len({key_of(name) for name in header} - {None}), len(header)


def _rows(text: TextIOWrapper, separator: str) -> Iterator[Row]:
    reader = csv.reader(_whole_lines(text), delimiter=separator, strict=True)
    number, line = 0, 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            raise _quotes(number + 1, line) from None
        except UnicodeError:
            raise _not_text() from None
        if cells is None:
            return
        number, line = number + 1, reader.line_num + 1
        if number > LAST_ROW:
            raise too_many_rows(MOST_ROWS)
        if len(cells) > MOST_COLUMNS:
            raise too_many_columns(MOST_COLUMNS)
        yield number, [_cell(cell, column, number) for column, cell in enumerate(cells)]


def _whole_lines(text: TextIOWrapper) -> Iterator[str]:
    """None of them is longer than the longest row."""
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise damaged()
        yield line


def _cell(cell: str, column: int, number: int) -> str:
    if len(cell) > LONGEST_CELL:
        raise _quotes(number, number) if "\n" in cell else too_long(column, number)
    if _NO_TEXT.search(cell):
        raise _not_text()
    cell = cell.strip()
    if cell.startswith("="):
        words = _(
            "Cell %(cell)s holds a formula. Put its value there, as text or number, and upload the file again."
        )
        raise at_cell(column, number, words)
    return cell[1:] if _OURS.match(cell) else cell


def _quotes(row: int, line: int) -> UploadRefused:
    words = _(
        "A quotation mark in row %(row)s (line %(line)s of the file) is not closed, or stands inside a text without"
        " being doubled."
    )
    return UploadRefused(words % {"row": row, "line": line})
