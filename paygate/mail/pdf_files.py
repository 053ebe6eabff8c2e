"""Is this a PDF that may travel with a letter: whole, and without anything that acts by itself (safety.md UP-1, UP-2)?

One check for terms and for attachments. What cannot be looked into is refused.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paygate.mail.file_refused import FileRefused

_MOST_UNPACKED: Final = 50 * 1024 * 1024  # of all that is looked into (UP-3)

_HEADER: Final = re.compile(rb"%PDF-[12]\.\d")
_TAIL: Final = re.compile(rb"startxref\s+\d+\s+%%EOF\s*\Z")  # nothing hides behind it
_STREAM: Final = re.compile(rb"(?<!end)stream\r?\n(.*?)endstream", re.DOTALL)
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")  # "/J#61vaScript" is "/JavaScript"
_FILTERS: Final = re.compile(rb"/Filter\s*(\[[^\]]*\]|/\w+)")
_END_OF_NAME: Final = rb"(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|\Z)"


def _names(*names: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"/(?:" + b"|".join(names) + rb")" + _END_OF_NAME)


_RUNS: Final = _names(b"JavaScript", b"Launch")  # not even in what is drawn: no text has the slash before it
_ACTS: Final = _names(
    b"JS", b"SubmitForm", b"ImportData", b"RichMedia", b"XFA", b"GoToE", b"Rendition", b"Movie", b"Sound"
)
_ENCRYPTED: Final = _names(b"Encrypt")
_OBJECTS: Final = _names(b"ObjStm")
_LOOKED_INTO: Final = _names(b"ObjStm", b"EmbeddedFile")
_PROGRAMS: Final = (b"MZ", b"\x7fELF", b"#!", b"PK\x03\x04", b"\xca\xfe\xba\xbe", b"\xd0\xcf\x11\xe0")


class _Opaque(ValueError):
    """What is packed in the file cannot be unpacked here."""


def check_pdf(content: bytes) -> None:
    """Raises `FileRefused` for what is no whole PDF, is locked, acts by itself, or holds a program."""
    try:
        problem = _problem_of(content)
    except (zlib.error, _Opaque):
        problem = _("This PDF cannot be looked into. Save it again, for example by printing it to a PDF.")
    if problem:
        raise FileRefused(problem)


def _problem_of(content: bytes) -> Promise | None:
    if not _HEADER.match(content):
        return _("This file is not a PDF, whatever its name says.")
    if not _TAIL.search(content[-1024:]):
        return _("This PDF is not complete, or something else is attached to its end. Save it again as PDF.")
    outside = _plain(_STREAM.sub(b"stream\nendstream", content))
    if _ENCRYPTED.search(outside):
        return _("This PDF is protected by a password. Save it without protection.")
    if _RUNS.search(_plain(content)) or _ACTS.search(outside):
        return _ACTING
    for holds_objects, inside in _looked_into(content):
        if holds_objects and (_RUNS.search(inside) or _ACTS.search(inside)):
            return _ACTING
        if not holds_objects and inside.startswith(_PROGRAMS):
            return _("There is a program or an archive inside the file.")
    return None


_ACTING: Final = _(
    "This PDF holds a script or starts something when it is opened. Print it to a new PDF, and choose that one."
)


def _looked_into(content: bytes) -> Iterator[tuple[bool, bytes]]:
    """Objects that the PDF keeps packed (True), and files inside it, unpacked. Raises `_Opaque` or `zlib.error`."""
    left, end = _MOST_UNPACKED, 0
    for found in _STREAM.finditer(content):
        before = _plain(content[end : found.start()])
        about, end = before[max(before.rfind(b"obj"), 0) :], found.end()
        if not _LOOKED_INTO.search(before):
            continue
        if not _LOOKED_INTO.search(about):
            raise _Opaque("whose dictionary this is cannot be said")
        inside = _unpacked(about, found[1], most=left)
        left -= len(inside)
        holds_objects = _OBJECTS.search(about) is not None
        yield holds_objects, _plain(inside) if holds_objects else inside


def _unpacked(about: bytes, packed: bytes, *, most: int) -> bytes:
    filters = _FILTERS.findall(about)
    if not filters:
        return packed
    if len(filters) > 1 or filters[0].strip(b"[] /") not in (b"FlateDecode", b"Fl") or b"/Predictor" in about:
        raise _Opaque("packed in a way that is not known here")
    unpacking = zlib.decompressobj()
    inside = unpacking.decompress(packed, most)
    if unpacking.unconsumed_tail or len(inside) >= most:
        raise _Opaque("unpacks to too much")
    return inside


def _plain(part: bytes) -> bytes:
    """Names as they are meant."""
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), part)
