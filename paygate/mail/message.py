"""The complete message of a letter, as bytes: what the server gets and the archive keeps (safety.md EM-3, EM-9).

Headers are encoded here, word by word, and never parsed again: text that looks like an encoded word, typed by a user,
arrives as it was typed.
"""

import re
import secrets
import string
from dataclasses import dataclass
from datetime import datetime
from email import encoders
from email.charset import QP, Charset
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import Compat32
from email.utils import format_datetime
from typing import Final

from paygate.mail.attachments import Attached, Inline
from paygate.mail.mailbox import one_line

# Plain enough to stand in a header as it is; anything else is encoded.
_PLAIN: Final = re.compile(r"[A-Za-z0-9 .,:!?'/#()&+-]{1,60}")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9 '&+-]{1,60}")  # an atom sequence, no quotes needed


class _AsWritten(Compat32):
    """Headers stand as they were made here: encoded and folded, and not taken apart to be folded once more."""

    def fold_binary(self, name: str, value: str) -> bytes:
        return f"{name}: {value}\n".replace("\n", self.linesep).encode("ascii")


_ON_THE_WIRE: Final = _AsWritten(linesep="\r\n")
_TO_LETTERS: Final = str.maketrans(string.digits, "ghijklmnop")

_UTF8: Final = Charset("utf-8")
_UTF8.body_encoding = QP


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands in the headers. Addresses are parsed ones."""

    message_id: str  # without angle brackets
    sender: str
    sender_name: str
    to: str
    reply_to: str  # empty for none
    subject: str
    language: str
    date: datetime


def written(
    envelope: Envelope, *, text: str, html: str, attachments: tuple[Attached, ...], inline: tuple[Inline, ...]
) -> bytes:
    """The message: text and HTML as alternatives, pictures with the HTML, files beside both. 7-bit, CRLF."""
    message = MIMEMultipart("mixed", _boundary())
    for name, value in _headers(envelope):
        message[name] = value
    alternative = MIMEMultipart("alternative", _boundary())
    alternative.attach(_text(text, "plain"))
    alternative.attach(_with_pictures(_text(html, "html"), inline))
    message.attach(alternative)
    for attached in attachments:
        message.attach(_file(attached))
    return message.as_bytes(policy=_ON_THE_WIRE)


def _boundary() -> str:
    """What stands between the parts: letters, because the library's own nineteen digits may pass for a card number."""
    return "part-" + secrets.token_hex(16).translate(_TO_LETTERS)


def _headers(envelope: Envelope) -> list[tuple[str, str]]:
    headers = [
        ("From", _mailbox("From", envelope.sender_name, envelope.sender)),
        ("To", envelope.to),
        ("Subject", _encoded("Subject", envelope.subject, _PLAIN)),
        ("Date", format_datetime(envelope.date)),
        ("Message-ID", f"<{envelope.message_id}>"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", envelope.language),
    ]
    if envelope.reply_to:
        headers.insert(2, ("Reply-To", envelope.reply_to))
    assert all(value.isascii() for _, value in headers)
    return headers


def _mailbox(header: str, name: str, address: str) -> str:
    # The folded name and a short address: on a line of its own when the name is long.
    encoded = _encoded(header, name, _PLAIN_NAME)
    if not encoded:
        return address
    return f"{encoded}\n <{address}>" if len(encoded) + len(address) > 60 else f"{encoded} <{address}>"


def _encoded(header: str, text: str, plain: re.Pattern[str]) -> str:
    line = one_line(text)
    if not line or plain.fullmatch(line):
        return line
    return Header(line, "utf-8", header_name=header).encode(linesep="\n")


def _text(body: str, subtype: str) -> Message:
    # A lone surrogate cannot be written; everything else can.
    lines = body.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    return MIMEText(lines, subtype, _UTF8)  # type: ignore[arg-type]  # takes a Charset too, and says so


def _with_pictures(html: Message, inline: tuple[Inline, ...]) -> Message:
    if not inline:
        return html
    related = MIMEMultipart("related", _boundary(), type="text/html")
    related.attach(html)
    for picture in inline:
        part = _encoded_bytes(picture.mime, picture.content)
        part["Content-ID"] = f"<{picture.content_id}>"
        part.add_header("Content-Disposition", "inline")
        related.attach(part)
    return related


def _file(attached: Attached) -> Message:
    part = _encoded_bytes(attached.mime, attached.content)
    part.add_header("Content-Disposition", "attachment", filename=attached.filename)
    return part


def _encoded_bytes(mime: str, content: bytes) -> Message:
    part = MIMEBase(*mime.split("/"))
    part.set_payload(content)
    encoders.encode_base64(part)
    return part
