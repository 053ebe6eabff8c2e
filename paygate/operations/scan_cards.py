"""The card-data scanner (safety.md CD-14): no full card number or code outside the allowed places.

Two nets. Any digits that pass the Luhn test and begin like a card are found, also with separators between them. Given
test numbers and codes are also looked for in the forms in which data hides: base64, hex, URL-encoded, reversed, UTF-16.
"""

import base64
import binascii
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from paygate.cards.free_text import ID_PATTERN, find_card_numbers

CHUNK: Final = 4 * 1024 * 1024
OVERLAP: Final = 256
LONGEST_CODE: Final = 4  # digits; what is longer is a card number
BESIDE_A_DATABASE: Final = ("-wal", "-journal", "-shm")  # what SQLite keeps next to its file
_DIGITS: Final = re.compile(rb"[0-9][0-9 ._/\-]{10,}[0-9]")

# Digits that are no card's although some of them would pass for one: dates, which stand against the column before in a
# database file, the random number that Python writes between the parts of a letter, ids and hashes.
_OTHER_DIGITS: Final = re.compile(
    rb"20[0-9]{2}-[01][0-9]-[0-3][0-9]|={15}[0-9]{19}==|" + ID_PATTERN.encode(), re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Where something was found, and in which form; never the thing itself."""

    path: Path
    offset: int
    form: str
    last4: str  # empty for a security code, which has no more than these

    def __str__(self) -> str:
        return f"{self.path} at byte {self.offset}: {self.form}, " + (
            f"ends in {self.last4}" if self.last4 else "a security code"
        )


@dataclass(frozen=True, slots=True)
class _Needle:
    """One form in which a given number may hide."""

    pattern: re.Pattern[bytes]
    form: str
    last4: str


def scan(paths: Iterable[str | Path], *, numbers_file: str | None = None) -> Iterator[Finding]:
    """Every finding in these files and folders, with their write-ahead logs. Raises `OSError` for a missing path."""
    needles = list(_needles(Path(numbers_file).read_text().split())) if numbers_file else []
    for path in paths:
        for file in _files(Path(path)):
            values = _values_of_database(file)
            yield from _scan_file(file, needles, look_alikes=values is None)
            yield from values or ()


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(inner for inner in path.rglob("*") if inner.is_file() and not inner.is_symlink())
        return
    path.stat()
    yield path
    beside = (path.with_name(path.name + ending) for ending in BESIDE_A_DATABASE)
    yield from (file for file in beside if file.is_file())


def _needles(numbers: Iterable[str]) -> Iterator[_Needle]:
    """The forms of each given number, with a name for the form."""
    for number in numbers:
        is_code = len(number) <= LONGEST_CODE
        last4 = "" if is_code else number[-4:]
        forms = _forms_of_code(number) if is_code else _forms_of_number(number)
        yield from (_Needle(re.compile(pattern), form, last4) for pattern, form in forms)


def _forms_of_code(code: str) -> Iterator[tuple[bytes, str]]:
    """A security code is short: in clear it counts only where it is no part of a longer number, id or hash."""
    for written, form in ((code, "in clear"), (code[::-1], "reversed")):
        yield rb"(?<![0-9A-Fa-f\-])" + written.encode() + rb"(?![0-9A-Fa-f\-])", form
    yield from _encoded(code)


def _forms_of_number(number: str) -> Iterator[tuple[bytes, str]]:
    plain = number.encode()
    yield plain, "in clear"
    yield plain[::-1], "reversed"
    yield from _encoded(number)
    for separator in " -.":
        grouped = separator.join(number[at : at + 4] for at in range(0, len(number), 4))
        yield re.escape(grouped.encode()), "grouped"
        yield re.escape(quote(grouped).encode()), "grouped and URL-encoded"
    yield from ((form, "base64") for form in _base64_forms(plain))


def _encoded(number: str) -> Iterator[tuple[bytes, str]]:
    plain = number.encode()
    yield re.escape(number.encode("utf-16-le")), "UTF-16"
    yield re.escape(number.encode("utf-16-be")), "UTF-16"
    yield binascii.hexlify(plain), "hex"  # digits are the same in upper and lower case
    yield "".join(f"%{byte:02X}" for byte in plain).encode(), "URL-encoded"


def _base64_forms(plain: bytes) -> Iterator[bytes]:
    """What base64 makes of the number at each of the three places it can begin, without the characters it shares.

    Letters break their lines, so a line may end anywhere within.
    """
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
        first = -(-shift * 8 // 6)
        letters = encoded[first : len(encoded) - 1].decode()
        yield rb"(?:\r?\n)?".join(re.escape(letter.encode()) for letter in letters)


def _scan_file(path: Path, needles: list[_Needle], *, look_alikes: bool) -> Iterator[Finding]:
    seen: set[int] = set()
    with path.open("rb") as file:
        offset, tail = 0, b""
        while piece := file.read(CHUNK):
            block, start = tail + piece, offset - len(tail)
            for finding in _scan_block(block, start, path, needles, look_alikes=look_alikes):
                if finding.offset not in seen:
                    seen.add(finding.offset)
                    yield finding
            offset += len(piece)
            tail = block[-OVERLAP:]


def _scan_block(
    block: bytes, start: int, path: Path, needles: list[_Needle], *, look_alikes: bool
) -> Iterator[Finding]:
    for needle in needles:
        for found in needle.pattern.finditer(block):
            yield Finding(path, start + found.start(), needle.form, needle.last4)
    if look_alikes:
        for at, last4 in _look_alikes(block):
            yield Finding(path, start + at, "looks like a card number", last4)


def _values_of_database(path: Path) -> list[Finding] | None:
    """What looks like a card number in the values of a SQLite database; None for any other file.

    In the file the columns of a row stand side by side, and a time beside a reference would pass for a number. The
    write-ahead log is read with its database; for the given numbers both are searched byte by byte all the same.
    """
    if path.name.endswith(BESIDE_A_DATABASE):
        return [] if _is_database(path.with_name(path.name.rpartition("-")[0])) else None
    if not _is_database(path):
        return None
    found: list[Finding] = []
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as database:
        database.text_factory = bytes
        tables = [
            row[0].decode() for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in rows.description]
            for row in rows:
                for name, value in zip(names, row, strict=True):
                    written = value if isinstance(value, bytes) else str(value).encode()
                    for at, last4 in _look_alikes(written):
                        found.append(Finding(path, at, f"looks like a card number in {table}.{name}", last4))
    return found


def _is_database(path: Path) -> bool:
    with suppress(OSError), path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"
    return False


def _look_alikes(block: bytes) -> Iterator[tuple[int, str]]:
    """Where any card number stands, and its last four digits."""
    block = _OTHER_DIGITS.sub(lambda other: b"x" * len(other[0]), block)
    for run in _DIGITS.finditer(block):
        text = run[0].decode("ascii")
        for begin, end in find_card_numbers(text):
            first, behind = run.start() + begin, run.start() + end
            if _is_hex_letter(block[max(first - 1, 0) : first]) and _is_hex_letter(
                block[behind : behind + 1]
            ):
                continue  # in the middle of an id or a hash
            yield first, re.sub(r"\D", "", text[begin:end])[-4:]


def _is_hex_letter(neighbour: bytes) -> bool:
    return neighbour != b"" and neighbour in b"abcdef"
