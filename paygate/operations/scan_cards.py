"""The card-data scanner (safety.md CD-14): no full card number or code outside the allowed places.

Two nets. Any digits that pass the Luhn test and begin like a card are found, also with separators between them. Given
test numbers and codes are also looked for in the forms in which data hides: base64, hex, URL-encoded, reversed, UTF-16.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from paygate.cards.free_text import find_card_numbers

CHUNK: Final = 4 * 1024 * 1024
OVERLAP: Final = 256
_DIGITS: Final = re.compile(rb"[0-9][0-9 ._/\-]{10,30}[0-9]")


@dataclass(frozen=True, slots=True)
class Finding:
    """Where something was found, and in which form; never the thing itself."""

    path: Path
    offset: int
    form: str
    last4: str

    def __str__(self) -> str:
        return f"{self.path} at byte {self.offset}: {self.form}, ends in {self.last4}"


def scan(paths: Iterable[str | Path], *, numbers_file: str | None = None) -> Iterator[Finding]:
    """Every finding in these files and folders, with their write-ahead logs. Raises `OSError` for a missing path."""
    needles = list(_needles(Path(numbers_file).read_text().split())) if numbers_file else []
    for path in paths:
        for file in _files(Path(path)):
            yield from _scan_file(file, needles)


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(inner for inner in path.rglob("*") if inner.is_file() and not inner.is_symlink())
    else:
        path.stat()
        yield path


def _needles(numbers: Iterable[str]) -> Iterator[tuple[bytes, str, str]]:
    """The forms of each given number, with a name for the form."""
    for number in numbers:
        last4 = number[-4:]
        plain = number.encode()
        yield plain, "in clear", last4
        yield plain[::-1], "reversed", last4
        yield number.encode("utf-16-le"), "UTF-16", last4
        yield number.encode("utf-16-be"), "UTF-16", last4
        yield binascii.hexlify(plain), "hex", last4
        yield binascii.hexlify(plain).upper(), "hex", last4
        yield "".join(f"%{byte:02X}" for byte in plain).encode(), "URL-encoded", last4
        for separator in " -.":
            grouped = separator.join(number[at : at + 4] for at in range(0, len(number), 4))
            yield grouped.encode(), "grouped", last4
            yield quote(grouped).encode(), "grouped and URL-encoded", last4
        if len(number) >= 12:
            yield from ((form, "base64", last4) for form in _base64_forms(plain))


def _base64_forms(plain: bytes) -> Iterator[bytes]:
    """What base64 makes of the number at each of the three places it can begin, without the characters it shares."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
        first = -(-shift * 8 // 6)
        yield encoded[first : len(encoded) - 1]


def _scan_file(path: Path, needles: list[tuple[bytes, str, str]]) -> Iterator[Finding]:
    seen: set[int] = set()
    with path.open("rb") as file:
        offset, tail = 0, b""
        while piece := file.read(CHUNK):
            block, start = tail + piece, offset - len(tail)
            for finding in _scan_block(block, start, path, needles):
                if finding.offset not in seen:
                    seen.add(finding.offset)
                    yield finding
            offset += len(piece)
            tail = block[-OVERLAP:]


def _scan_block(
    block: bytes, start: int, path: Path, needles: list[tuple[bytes, str, str]]
) -> Iterator[Finding]:
    for needle, form, last4 in needles:
        at = block.find(needle)
        while at >= 0:
            yield Finding(path, start + at, form, last4)
            at = block.find(needle, at + 1)
    for run in _DIGITS.finditer(block):
        text = run.group().decode("ascii")
        for begin, end in find_card_numbers(text):
            digits = re.sub(r"\D", "", text[begin:end])
            yield Finding(path, start + run.start() + begin, "looks like a card number", digits[-4:])
