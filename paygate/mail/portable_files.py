"""PDF: is it one, and can it do anything by itself (safety.md UP-1, UP-2)?"""

import re
import zlib
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from paygate.mail.file_refused import FileRefused

_MOST_UNPACKED: Final = 50 * 1024 * 1024
_HEADER: Final = re.compile(rb"%PDF-[12]\.\d")
_END: Final = re.compile(rb"%%EOF\s*\Z")  # nothing hides behind it
_STREAM: Final = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_DICTIONARY: Final = 4096  # bytes before a stream in which its dictionary stands
_ACTS: Final = re.compile(
    rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|RichMedia|XFA|GoToE|Rendition|Movie|Sound)(?![A-Za-z0-9])"
)
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_RUNS: Final = (b"MZ", b"\x7fELF", b"#!", b"PK\x03\x04", b"\xca\xfe\xba\xbe", b"\xd0\xcf\x11\xe0")


def check_portable(content: bytes) -> None:
    """Raises `FileRefused` for what is no complete PDF, is locked, holds scripts or programs, or starts something."""
    if not _HEADER.match(content) or not _END.search(content[-1024:]):
        raise FileRefused(_("The file is not what its name says."))
    skeleton = _STREAM.sub(b"stream endstream", content)
    _check_is_still(skeleton)
    if re.search(rb"/Encrypt(?![A-Za-z])", _plain(skeleton)):
        raise FileRefused(
            _("The file is locked by a password. Only files that can be read by us can be sent.")
        )
    unpacked = 0
    for dictionary, packed in _streams(content):
        holds_objects = b"/ObjStm" in dictionary
        holds_file = b"/EmbeddedFile" in dictionary
        if not (holds_objects or holds_file):
            continue
        inside = _unpacked(dictionary, packed, most=_MOST_UNPACKED - unpacked)
        unpacked += len(inside)
        if holds_objects:
            _check_is_still(inside)
        elif inside.startswith(_RUNS):
            raise FileRefused(_("There is a program or an archive inside the file."))


def _check_is_still(objects: bytes) -> None:
    if _ACTS.search(_plain(objects)):
        raise FileRefused(_("The file contains scripts or starts something when it is opened."))


def _plain(objects: bytes) -> bytes:
    """Names as they are meant: `/J#53` says `/JS`."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), objects)


def _streams(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    for found in _STREAM.finditer(content):
        before = content[max(0, found.start() - _DICTIONARY) : found.start()]
        yield _plain(before[max(before.rfind(b" obj"), 0) :]), found[1]


def _unpacked(dictionary: bytes, packed: bytes, *, most: int) -> bytes:
    if b"/Filter" not in dictionary:
        return packed
    if re.search(rb"/Filter\s*\[?\s*/FlateDecode\s*(?:\]|/|>>|\r|\n)", dictionary) is None:
        raise FileRefused(_("The file is packed in a way that we cannot look into."))
    reader = zlib.decompressobj()
    try:
        inside = reader.decompress(packed, most + 1)
    except zlib.error:
        raise FileRefused(_("The file is damaged.")) from None
    if len(inside) > most:
        raise FileRefused(_("The file unpacks to more than 50 MB."))
    return inside
