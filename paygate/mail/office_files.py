"""Documents of Word and Excel, old and new: is it one, and can it act by itself (safety.md UP-1 to UP-3, UP-8)?"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath
from typing import Final
from xml.parsers import expat

import olefile
from django.utils.translation import gettext as _

from paygate.mail.file_refused import FileRefused

MOST_PARTS: Final = 1000
MOST_UNPACKED: Final = 50 * 1024 * 1024
MOST_RATIO: Final = 100
_SMALL: Final = 64 * 1024  # below this a high ratio is harmless: XML repeats itself

_MAIN: Final = {"word": "word/document.xml", "xl": "xl/workbook.xml"}
_FOLDERS: Final = frozenset({"_rels", "docProps", "docMetadata", "customXml", "[Content_Types].xml"})
_ACTING_PARTS: Final = re.compile(
    r"vbaproject|vbadata|/activex/|/macrosheets/|/dialogsheets/|/externallinks/|/customui|\.bin$|\.exe$|\.js$",
    re.I,
)
_HARMLESS_BINARIES: Final = re.compile(r"/printersettings/printersettings\d*\.bin$", re.I)
_RUNS: Final = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xd0\xcf\x11\xe0")

_ACTING_STORES: Final = frozenset(
    {
        "macros",
        "_vba_project_cur",
        "vba",
        "_vba_project",
        "objectpool",
        "\x01ole10native",
        "\x01ole",
        "package",
    }
)
_EMBEDDED: Final = re.compile(r"mbd[0-9a-f]{8}|embedding \d+", re.I)  # an object inside a workbook
_LIVE_FIELD: Final = re.compile(rb"\x13\0? ?\0?(?:D\0?D\0?E|I\0?N\0?C\0?L\0?U\0?D\0?E|L\0?I\0?N\0?K)")


def check_old_office(content: bytes, kind: str) -> None:
    """For "doc" and "xls". Raises `FileRefused` for macros, objects inside, live links, locked and foreign files."""
    try:
        with olefile.OleFileIO(BytesIO(content), raise_defects=olefile.DEFECT_INCORRECT) as file:
            names = [[part.lower() for part in path] for path in file.listdir(streams=True, storages=True)]
            main = "WordDocument" if kind == "doc" else "Workbook"
            if kind == "xls" and not file.exists(main):
                main = "Book"
            if not file.exists(main):
                raise FileRefused(_("The file is not what its name says."))
            body = file.openstream(main).read()
    except (OSError, ValueError, IndexError):
        raise FileRefused(_("The file is not what its name says.")) from None
    flat = {part for path in names for part in path}
    has_objects = any(path[0] == "objectpool" and len(path) > 1 for path in names)
    if has_objects or flat & _ACTING_STORES or any(_EMBEDDED.fullmatch(part) for part in flat):
        raise FileRefused(_("The file contains macros or other files. Save it without them."))
    if kind == "doc":
        _check_text(body)
    else:
        _check_sheets(body)


def _check_text(body: bytes) -> None:
    if len(body) < 12 or body[0xB] & 0x01:  # fEncrypted
        raise FileRefused(
            _("The file is locked by a password. Only files that can be read by us can be sent.")
        )
    if _LIVE_FIELD.search(body):
        raise FileRefused(_("The file loads something from elsewhere when it is opened."))


def _check_sheets(body: bytes) -> None:
    for kind, data in _records(body):
        if kind == 0x2F:  # FILEPASS
            raise FileRefused(
                _("The file is locked by a password. Only files that can be read by us can be sent.")
            )
        if kind == 0x85 and len(data) > 5 and data[5] in (0x01, 0x06):  # a sheet of macros
            raise FileRefused(_("The file contains macros or other files. Save it without them."))
        if kind == 0x1AE and data[2:4] not in (b"\x01\x04", b"\x01\x3a"):  # SUPBOOK that is not this workbook
            raise FileRefused(_("The file loads something from elsewhere when it is opened."))


def _records(body: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(body):
        kind, length = (
            int.from_bytes(body[at : at + 2], "little"),
            int.from_bytes(body[at + 2 : at + 4], "little"),
        )
        yield kind, body[at + 4 : at + 4 + length]
        at += 4 + length


def check_new_office(content: bytes, main_folder: str) -> None:
    """For documents with their parts in "word" or "xl". Raises `FileRefused` as `check_old_office`, and for bombs."""
    _check_package(content, main_folder, budget=MOST_UNPACKED, depth=0)


def _check_package(content: bytes, main_folder: str, *, budget: int, depth: int) -> int:
    """How many bytes are inside, unpacked."""
    if not content.startswith(b"PK\x03\x04") or content[-22:-18] != b"PK\x05\x06":
        raise FileRefused(_("The file is not what its name says."))
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            return _check_parts(package, main_folder, budget=budget, depth=depth)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise FileRefused(_("The file is damaged.")) from None


def _check_parts(package: zipfile.ZipFile, main_folder: str, *, budget: int, depth: int) -> int:
    parts = package.infolist()
    names = [part.filename for part in parts]
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > budget:
        raise FileRefused(_("The file unpacks to more than 50 MB or 1000 parts."))
    is_ours = {_MAIN[main_folder], "[Content_Types].xml"} <= set(names)
    if not is_ours or len({name.lower() for name in names}) != len(names):
        raise FileRefused(_("The file is not what its name says."))
    unpacked = 0
    for part in parts:
        _check_name(part.filename, main_folder)
        if part.flag_bits & 0x1:
            raise FileRefused(
                _("The file is locked by a password. Only files that can be read by us can be sent.")
            )
        if part.file_size > _SMALL and part.file_size > MOST_RATIO * part.compress_size:
            raise FileRefused(_("The file unpacks to more than 50 MB or 1000 parts."))
        inside = package.read(part)  # never more than it says above, or the library refuses it
        unpacked += len(inside)
        unpacked += _check_part(part.filename, inside, budget=budget - unpacked, depth=depth)
    return unpacked


def _check_name(name: str, main_folder: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or path.parts[:1] == ():
        raise FileRefused(_("The file is damaged."))
    if path.parts[0] not in _FOLDERS | {main_folder}:
        raise FileRefused(_("The file is not what its name says."))
    if _ACTING_PARTS.search(f"/{name}") and not _HARMLESS_BINARIES.search(name):
        raise FileRefused(_("The file contains macros or other files. Save it without them."))


def _check_part(name: str, inside: bytes, *, budget: int, depth: int) -> int:
    if inside.startswith(_RUNS):
        raise FileRefused(_("There is a program or an archive inside the file."))
    if name == "[Content_Types].xml" and b"macroenabled" in inside.lower().replace(b"\0", b""):
        raise FileRefused(_("The file contains macros or other files. Save it without them."))
    if name.endswith(".rels"):
        _check_relationships(inside)
    if inside.startswith(b"PK\x03\x04"):  # a table behind a chart
        if depth or not name.lower().endswith((".xlsx", ".docx")):
            raise FileRefused(_("There is a program or an archive inside the file."))
        folder = "xl" if name.lower().endswith(".xlsx") else "word"
        return _check_package(inside, folder, budget=budget, depth=depth + 1)
    return 0


def _check_relationships(xml: bytes) -> None:
    """Links that a reader clicks are text; anything else from outside is loaded by itself."""

    def element(name: str, attributes: dict[str, str]) -> None:
        if attributes.get("TargetMode", "").lower() != "external":
            return
        is_link = attributes.get("Type", "").lower().endswith("/hyperlink")
        if not is_link or not attributes.get("Target", "").lower().startswith(
            ("https:", "http:", "mailto:", "tel:")
        ):
            raise FileRefused(_("The file loads something from elsewhere when it is opened."))

    def doctype(*names: object) -> None:
        raise FileRefused(_("The file is damaged."))

    parser = expat.ParserCreate()
    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise FileRefused(_("The file is damaged.")) from None
