"""Small files that unpack to something huge are refused before they fill the memory (safety.md UP-6, UP-8)."""

import io
import os
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from typing import IO

import pytest

from paygate.uploads.reading import read
from paygate.uploads.refused import UploadRefused
from tests.uploads.made_workbooks import RELATIONS, made, sheet
from tests.uploads.made_workbooks import STRINGS as SHARED

MEGABYTE = 1024 * 1024
MOST = 24 * MEGABYTE  # while a file of this sort is read
STRINGS, STYLES, SHEET = "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"


def _around(begin: str, again: str, times: int, end: str) -> Iterator[bytes]:
    """A part that does not shrink so well that it would be noticed: with a piece of noise at its beginning."""
    yield begin.encode()
    for _piece in range(40):
        yield b"<!--" + os.urandom(24_000).hex().encode() + b"-->"
    for _piece in range(times):
        yield (again * (MEGABYTE // len(again))).encode()
    yield end.encode()


def _relations(times: int) -> Iterator[bytes]:
    yield RELATIONS.removesuffix("</Relationships>").encode()
    for number in range(times):
        yield f'<Relationship Id="x{number}" Type="y{number}" Target="z"/>'.encode()
    yield b"</Relationships>"


def _workbook(name: str, content: Iterator[bytes]) -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made('<c r="A2"><v>5</v></c>'))) as usual,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        for part in usual.namelist():
            if part != name:
                package.writestr(part, usual.read(part))
        with package.open(name, "w") as stream:
            for piece in content:
                stream.write(piece)
    return file.getvalue()


def _many_parts() -> bytes:
    """A list of 200,000 parts, all of which are the same one."""
    file = io.BytesIO()
    package = zipfile.ZipFile(file, "w")
    package.writestr("x", b"")
    package.filelist *= 200_000
    package.close()
    return file.getvalue()


BOMBS: dict[str, Callable[[], bytes]] = {
    "one text of 60 MB": lambda: _workbook(STRINGS, _around("<sst><si><t>", "a", 60, "</t></si></sst>")),
    "texts without end": lambda: _workbook(STRINGS, _around("<sst>", "<si/>", 60, "</sst>")),
    "styles without end": lambda: _workbook(
        STYLES, _around("<styleSheet><cellXfs>", '<xf numFmtId="14"/>', 40, "</cellXfs></styleSheet>")
    ),
    "one cell of 60 MB": lambda: _workbook(
        SHEET,
        _around(
            sheet().removesuffix("</sheetData></worksheet>") + '<row><c t="inlineStr"><is><t>',
            "a", 60, "</t></is></c></row></sheetData></worksheet>",
        ),
    ),
    "relations without end": lambda: _workbook("xl/_rels/workbook.xml.rels", _relations(200_000)),
    "parts without end": _many_parts,
}  # fmt: skip


def most_memory(file: IO[bytes], filename: str) -> int:
    """In bytes, while the file is read and refused."""
    tracemalloc.start()
    try:
        with pytest.raises(UploadRefused):
            list(read(filename, file).rows)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_workbook_that_unpacks_to_something_huge_fills_no_memory(bomb):
    content = BOMBS[bomb]()

    assert most_memory(io.BytesIO(content), "links.xlsx") < MOST


def test_a_line_without_end_fills_no_memory():
    content = b"Amount,Description\n5," + "😀".encode() + b"a" * (40 * MEGABYTE)

    assert most_memory(io.BytesIO(content), "links.csv") < 3 * MOST


def test_a_tag_of_a_megabyte_is_none():
    """The parser looks through a tag that has not ended again with each piece: minutes, for 100 MB of it."""
    long = SHARED.replace("<sst>", f"<sst a='{os.urandom(MEGABYTE).hex()}'>")
    content = made(instead={STRINGS: long})

    with pytest.raises(UploadRefused, match="damaged"):
        list(read("links.xlsx", io.BytesIO(content)).rows)
