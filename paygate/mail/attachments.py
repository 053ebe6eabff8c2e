"""What travels with a letter: files beside it, and pictures inside it."""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from paygate.mail.mailbox import one_line

# A header line has at most 998 characters, and a file name outside ASCII is written with three for each byte.
_LONGEST_ENCODED: Final = 600
_MIME: Final = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")
_CONTENT_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that is sent with a letter, as stored bytes (safety.md EM-5)."""

    filename: str  # cleaned when the object is made
    mime: str  # for example "application/pdf"
    content: bytes

    def __post_init__(self) -> None:
        assert _MIME.fullmatch(self.mime), f"not a media type: {self.mime!r}"
        object.__setattr__(self, "filename", clean_filename(self.filename))


@dataclass(frozen=True, slots=True)
class Inline:
    """A picture inside the HTML, shown by `<img src="cid:...">`."""

    content_id: str
    mime: str
    content: bytes

    def __post_init__(self) -> None:
        assert _MIME.fullmatch(self.mime), f"not a media type: {self.mime!r}"
        assert _CONTENT_ID.fullmatch(self.content_id), f"not a content id: {self.content_id!r}"


def with_pictures(html: str, pictures: Iterable[Inline]) -> str:
    """A letter's HTML as a browser can show it, where there is no message around it: pictures are written into it."""
    for picture in pictures:
        if picture.mime in ("image/png", "image/jpeg", "image/gif"):
            data = base64.b64encode(picture.content).decode()
            html = html.replace(f"cid:{picture.content_id}", f"data:{picture.mime};base64,{data}")
    return html


def clean_filename(name: str) -> str:
    """A file name on one line, without folders and without signs that some system forbids; never empty (EM-3)."""
    last = one_line(name, limit=len(name)).replace("\\", "/").rpartition("/")[2]
    cleaned = re.sub(r'[<>:"|?*;%]', "_", last).strip(". ") or "file"
    path = PurePosixPath(cleaned)
    ending = path.suffix if len(quote(path.suffix)) <= 20 else ""
    stem = cleaned.removesuffix(ending)
    stem = stem[: 200 - len(ending)]
    while len(quote(stem + ending)) > _LONGEST_ENCODED:
        stem = stem[:-1]
    return (stem.rstrip() + ending) if stem.strip() else "file" + ending
