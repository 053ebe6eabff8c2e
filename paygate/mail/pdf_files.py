"""Is this a PDF that may travel with a letter: whole, and without anything that runs (safety.md UP-1, UP-2)?"""

import re
import zlib
from collections.abc import Iterator
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paygate.refusals import Kind, Refusal

MOST_BYTES: Final = 5 * 1024 * 1024  # of one file (UP-3)
_MOST_UNPACKED: Final = 50 * 1024 * 1024

# "bill.exe.pdf" looks like something else on a machine that hides endings.
_TWO_KINDS: Final = re.compile(
    r"\.(?:exe|com|bat|cmd|scr|pif|msi|lnk|js|jse|vbs|vbe|wsf|hta|ps1|sh|jar|apk|app|dll|html?|svg|xml|zip|rar|7z|iso"
    r"|docx?|docm|xlsx?|xlsm|pptx?|png|jpe?g|gif|pdf)\s*\.pdf$",
    re.IGNORECASE,
)
_HEADER: Final = re.compile(rb"%PDF-[12]\.\d")
_TAIL: Final = re.compile(rb"startxref\s+\d+\s+%%EOF\s*\Z")
_STREAM: Final = re.compile(rb"(?<!end)stream\r?\n(.*?)endstream", re.DOTALL)
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")  # "/J#61vaScript" is "/JavaScript"
_END_OF_NAME: Final = rb"(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|\Z)"
_RUNS: Final = re.compile(rb"/(?:JavaScript|Launch)" + _END_OF_NAME)
_SCRIPT: Final = re.compile(rb"/JS" + _END_OF_NAME)
_ENCRYPTED: Final = re.compile(rb"/Encrypt" + _END_OF_NAME)
_OBJECTS: Final = re.compile(rb"/ObjStm" + _END_OF_NAME)
_FILTERS: Final = re.compile(rb"/Filter\s*(\[[^\]]*\]|/\w+)")


class PdfRefused(Refusal):
    """Not a PDF, not whole, or with something in it that runs."""

    code = "FILE_REFUSED"
    kind = Kind.INVALID


def check_pdf(filename: str, content: bytes) -> None:
    """Raises `PdfRefused` unless the file is a PDF by name, first and last bytes, of at most 5 MB, and harmless.

    Harmless is one without JavaScript and launch actions, also in the packed parts of the file. What can't be looked
    into, such as an encrypted file, is refused.
    """
    problem = _problem_of_name(filename) or _problem_of(content)
    if problem:
        raise PdfRefused(problem, field="file")


def _problem_of_name(filename: str) -> Promise | None:
    if not filename.lower().endswith(".pdf"):
        return _("Choose a PDF file: its name ends with .pdf.")
    if _TWO_KINDS.search(filename):
        return _("The name of this file has two endings. Rename it so that it ends with .pdf only.")
    return None


def _problem_of(content: bytes) -> Promise | None:
    if len(content) > MOST_BYTES:
        return _("This file is larger than 5 MB.")
    if not _HEADER.match(content):
        return _("This file is not a PDF, whatever its name says.")
    if not _TAIL.search(content[-1024:]):
        return _("This PDF is not complete, or something else is attached to its end. Save it again as PDF.")
    plain = _named(content)
    outside = _named(_STREAM.sub(b"stream\nendstream", content))
    if _ENCRYPTED.search(outside):
        return _("This PDF is protected by a password. Save it without protection.")
    if _RUNS.search(plain) or _SCRIPT.search(outside):
        return _RUNNING
    try:
        runs = any(_RUNS.search(part) or _SCRIPT.search(part) for part in _packed_objects(content))
    except (zlib.error, ValueError):
        return _("This PDF cannot be looked into. Save it again, for example by printing it to a PDF.")
    return _RUNNING if runs else None


_RUNNING: Final = _(
    "This PDF holds a script or starts a program. Print it to a new PDF, and choose that one."
)


def _packed_objects(content: bytes) -> Iterator[bytes]:
    """The objects that a PDF keeps packed. Raises `zlib.error` or `ValueError` where they can't be unpacked."""
    left = _MOST_UNPACKED
    for found in _STREAM.finditer(content):
        about = _named(content[max(content.rfind(b"obj", 0, found.start()), 0) : found.start()])
        if not _OBJECTS.search(about):
            continue
        packed = _FILTERS.findall(about)
        if not packed:
            yield _named(found[1])
            continue
        if (
            len(packed) > 1
            or packed[0].strip(b"[] /") not in (b"FlateDecode", b"Fl")
            or b"/Predictor" in about
        ):
            raise ValueError("packed in a way that is not known here")
        unpacking = zlib.decompressobj()
        objects = unpacking.decompress(found[1], left)
        left -= len(objects)
        if unpacking.unconsumed_tail or left <= 0:
            raise ValueError("unpacks to too much")
        yield _named(objects)


def _named(part: bytes) -> bytes:
    """Names as they are meant."""
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), part)
