"""Which files may go out with a letter, and what is wrong with one (safety.md UP-1 to UP-5; SPG-MAI-10).

The ending of the name, the first bytes and the structure inside must agree. A file that could act on the machine of
whoever opens it is refused; a picture is written anew, so that nothing but the picture is left of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

import structlog
from django.utils.translation import gettext as _

from paygate.mail.attachments import Attached, clean_filename
from paygate.mail.file_refused import FileRefused
from paygate.mail.office_files import check_new_office, check_old_office
from paygate.mail.pdf_files import check_pdf
from paygate.mail.picture_files import written_anew
from paygate.mail.virus_scanner import NotScanned, scan

MOST_BYTES: Final = 5 * 1024 * 1024  # of one file

log = structlog.get_logger("paygate.mail")


@dataclass(frozen=True, slots=True)
class _Type:
    mime: str
    clean: Callable[[bytes], bytes]  # the file as it may go out. Raises `FileRefused`


def _unchanged(check: Callable[[bytes], None]) -> Callable[[bytes], bytes]:
    def cleaned(content: bytes) -> bytes:
        check(content)
        return content

    return cleaned


_TYPES: Final[Mapping[str, _Type]] = {
    ".doc": _Type("application/msword", _unchanged(lambda file: check_old_office(file, "doc"))),
    ".docx": _Type(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _unchanged(lambda file: check_new_office(file, "word")),
    ),
    ".xls": _Type("application/vnd.ms-excel", _unchanged(lambda file: check_old_office(file, "xls"))),
    ".xlsx": _Type(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _unchanged(lambda file: check_new_office(file, "xl")),
    ),
    ".pdf": _Type("application/pdf", _unchanged(check_pdf)),
    ".jpg": _Type("image/jpeg", lambda file: written_anew(file, "JPEG")),
    ".gif": _Type("image/gif", lambda file: written_anew(file, "GIF")),
    ".png": _Type("image/png", lambda file: written_anew(file, "PNG")),
}
ENDINGS: Final = tuple(_TYPES)

# What makes a name with two endings: the first of them says what somebody might take the file for, or hides behind it.
_KNOWN_ENDINGS: Final = frozenset(ENDINGS) | frozenset(
    f".{ending}"
    for ending in (
        "ade adp apk app appx bat bin chm class cmd com cpl dll dmg docm dot dotm elf exe gadget hta htm html img inf"
        " ins iso jar jpeg js jse jsp lnk mhtml msc msi msix msp mst pif php pl ppt pptm pptx ps1 psm1 py rar rb reg"
        " rtf scf scr sct sh svg swf sys url vb vbe vbs vhd vxd ws wsc wsf wsh xhtml xlam xll xlm xlsb xlsm xlt xltm"
        " xml xsl zip 7z gz tar"
    ).split()
)


def checked_file(name: str, content: bytes) -> Attached:
    """The file as it may go out, with its name cleaned. Raises `FileRefused`, in words for whoever chose it.

    A scanner may be asked: not to be called inside a transaction.
    """
    filename = clean_filename(name)
    path = PurePosixPath(filename)
    kind = _TYPES.get(path.suffix.lower())
    if kind is None:
        words = _("This type of file cannot be sent. Allowed are %(endings)s.")
        raise FileRefused(words % {"endings": ", ".join(ENDINGS)}, filename)
    if any(suffix.strip().lower() in _KNOWN_ENDINGS for suffix in path.suffixes[:-1]):
        raise FileRefused(_("The name has two endings. Give the file a name with one ending."), filename)
    if not content:
        raise FileRefused(_("The file is empty."), filename)
    if len(content) > MOST_BYTES:
        raise FileRefused(_("The file is larger than 5 MB."), filename)
    try:
        _check_is_one_thing(content, path.suffix.lower())
        cleaned = kind.clean(content)
    except FileRefused as refused:
        raise FileRefused(str(refused.reason), filename) from None
    if len(cleaned) > MOST_BYTES:
        raise FileRefused(_("The file is larger than 5 MB."), filename)
    _check_for_viruses(content, filename)
    return Attached(filename, kind.mime, cleaned)


def _check_for_viruses(content: bytes, filename: str) -> None:
    """By the operator's scanner, where one is set. What nobody could look into does not go out (UP-2)."""
    try:
        found = scan(content)
    except NotScanned as trouble:
        log.error("a file could not be scanned", cause=str(trouble))
        words = _("The file could not be checked for viruses just now. Choose it again in a few minutes.")
        raise FileRefused(words, filename) from trouble
    if found:
        log.warning("a file was refused by the virus scanner", cause=found)
        raise FileRefused(
            _("The virus scanner has found something in the file: %(what)s.") % {"what": found}, filename
        )


def _check_is_one_thing(content: bytes, ending: str) -> None:
    """Files that another program reads as something else: an archive behind a picture, a document before an archive."""
    is_archive = ending in (".docx", ".xlsx")
    ends_as_archive = b"PK\x05\x06" in content[-66_000:]
    begins_as_document = b"%PDF-" in content[:1024]
    if ends_as_archive is not is_archive or begins_as_document is not (ending == ".pdf"):
        raise FileRefused(_("The file is not what its name says."))
