"""Letters that come back: the return path that knows its letter, and what a report says (safety.md EM-8)."""

import base64
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from typing import Final
from uuid import UUID

from django.conf import settings

from paygate.mail.mailbox import one_line
from paygate.mail.models import Mail
from paygate.sealing import macs
from paygate.tenants.context import within

_PURPOSE: Final = "mail bounce"
_SIGNATURE_BYTES: Final = 10
_ADDRESS: Final = re.compile(
    r"b-(?P<merchant>[0-9a-f]{1,8})-(?P<mail>[a-z2-7]{26})-(?P<signature>[a-z2-7]{16})"
)

# Where a mail server writes the address that a message was delivered to; a report also bears it in its To line.
_DELIVERED_TO: Final = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_MOST_ADDRESSES: Final = 20
_STATUS: Final = re.compile(r"\s*([245])\.\d{1,3}\.\d{1,3}")
_LONG_NUMBER: Final = re.compile(r"\d(?:[ -]?\d){12,}")  # of no use to anybody, and may be a card's


@dataclass(frozen=True, slots=True)
class Report:
    """What another mail server tells of a letter it could not deliver, for good."""

    words: str


def return_path(mail: Mail) -> str:
    """The envelope's sender: an address of ours for this one message, which nobody else can make up."""
    return f"b-{mail.merchant_id:x}-{_letters(mail.public_id.bytes)}-{_signatures(mail)[0]}@{_domain()}"


def came_back(message: bytes, *, delivered_to: str = "", now: datetime) -> Mail | None:
    """Take a returned message: the letter that it is about, if that is known to be undeliverable since now.

    None for everything else, and then nothing was changed: forged and unknown return paths, delays, automatic
    answers, and what was told before. `delivered_to` is what the mail server says the message was for, if it does.
    """
    read = message_from_bytes(message)
    mail = next(filter(None, map(_mail_of, _recipients(read, delivered_to))), None)
    report = report_in(read)
    if mail is None or report is None:
        return None
    with within(mail.merchant_id):
        marked = Mail.objects.filter(pk=mail.pk, bounced_at=None).update(bounced_at=now, bounce=report.words)
        return Mail.objects.select_related("copy_of").get(pk=mail.pk) if marked else None


def why_refused(recipient: str) -> str:
    """Why this mailbox gets no automatic letters of the merchant in context; empty when it does.

    A letter came back for good, and since then nobody has sent one by hand that did not.
    """
    returned = Mail.objects.filter(recipient=recipient, bounced_at__isnull=False)
    last = returned.order_by("-bounced_at").only("bounced_at", "bounce").first()
    if last is None or last.bounced_at is None:
        return ""
    since = Mail.objects.filter(recipient=recipient, queued_at__gt=last.bounced_at, bounced_at=None)
    return "" if since.filter(automatic=False, accepted_at__isnull=False).exists() else last.bounce


def report_in(message: Message) -> Report | None:
    """A permanent failure that a delivery report (RFC 3464) tells of; None for delays and for all that is no report."""
    if message.get_content_type() != "multipart/report":
        return None
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for fields in _blocks(part):
                status = _STATUS.match(_field(fields, "Status"))
                if _field(fields, "Action").strip().lower() == "failed" and status and status[1] == "5":
                    return Report(_words(fields))
    return None


def _blocks(status: Message) -> list[Message]:
    """The groups of fields in a delivery status: about the report, then about each recipient."""
    found = status.get_payload()
    return [one for one in found if isinstance(one, Message)] if isinstance(found, list) else []


def _words(fields: Message) -> str:
    status = _field(fields, "Status").strip()
    said = _field(fields, "Diagnostic-Code").partition(";")[2].strip()
    words = said if status in said else f"{status} {said}"
    return one_line(_LONG_NUMBER.sub("…", words))


def _field(fields: Message, name: str) -> str:
    return str(fields.get(name, ""))


def _recipients(message: Message, delivered_to: str) -> Iterator[str]:
    headers = [str(value) for name in _DELIVERED_TO for value in message.get_all(name, [])]
    found = [delivered_to, *(address for _name, address in getaddresses(headers))]
    yield from found[:_MOST_ADDRESSES]


def _mail_of(address: str) -> Mail | None:
    """The mail of a return path that we signed."""
    local, _at, domain = address.strip().lower().partition("@")
    found = _ADDRESS.fullmatch(local)
    if found is None or domain != _domain().lower():
        return None
    merchant_id = int(found["merchant"], 16)
    public_id = UUID(bytes=base64.b32decode(found["mail"].upper() + "======"))
    with within(merchant_id):
        mail: Mail | None = Mail.objects.defer("message").filter(public_id=public_id).first()
    if mail is None or not any(hmac.compare_digest(found["signature"], one) for one in _signatures(mail)):
        return None
    return mail


def _signatures(mail: Mail) -> list[str]:
    """Under each of our keys, newest first, so that letters on their way outlive a rotation (SE-3)."""
    signed = f"{mail.merchant_id} {mail.public_id}".encode()
    return [_letters(one[:_SIGNATURE_BYTES]) for one in macs(_PURPOSE, signed)]


def _letters(data: bytes) -> str:
    """Bytes as letters and digits that survive a server which knows no capitals."""
    return base64.b32encode(data).decode().rstrip("=").lower()


def _domain() -> str:
    return str(settings.PAYGATE_MAIL_DOMAIN)
