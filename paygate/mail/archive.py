"""The archive: every letter as it was sent, whole, and found from what it is about (safety.md EM-7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from paygate.mail.attachments import Attached, Inline
from paygate.mail.models import Mail
from paygate.mail.states import MailState
from paygate.refusals import NotFound
from paygate.sealing import open_sealed, seal

_PURPOSE: Final = "mail"

# The kind of letters to one person alone, such as a link for a new password: no colleague reads them.
PERSONAL: Final = "account"

KEPT: Final = timedelta(days=915)  # 30 months
AT_LEAST: Final = timedelta(days=732)  # 24 months
_TOGETHER: Final = 200  # mails removed in one transaction, so that it stays short


@dataclass(frozen=True, slots=True)
class Parts:
    """A message taken apart, for reading."""

    headers: tuple[tuple[str, str], ...]  # decoded
    text: str
    html: str
    attachments: tuple[Attached, ...]
    inline: tuple[Inline, ...]


def sealed(message: bytes, *, merchant_id: int, public_id: UUID) -> bytes:
    """A message as it is stored: encrypted, and opening in this row of this merchant only."""
    return seal(message, purpose=_PURPOSE, context=_context(merchant_id, public_id))


def raw(mail: Mail) -> bytes:
    """The complete message as the server gets it; of a copy, the original's. Raises `sealing.NotOurs`."""
    original = mail.copy_of or mail
    context = _context(original.merchant_id, original.public_id)
    return open_sealed(bytes(original.message), purpose=_PURPOSE, context=context)


def parts(mail: Mail) -> Parts:
    """The message, taken apart."""
    message = message_from_bytes(raw(mail), policy=default)
    assert isinstance(message, EmailMessage)
    return Parts(
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(
            Attached(part.get_filename(""), part.get_content_type(), _bytes(part))
            for part in _leaves(message, "attachment")
        ),
        inline=tuple(
            Inline(part["Content-ID"].strip("<>"), part.get_content_type(), _bytes(part))
            for part in _leaves(message, "inline")
        ),
    )


def letters_about(*abouts: str) -> QuerySet[Mail]:
    """The letters about these things, newest first, without their contents; each with its copies (`mail.copies`)."""
    return (
        _listed()
        .filter(about__in=abouts, copy_of=None)
        .order_by("-queued_at", "-pk")
        .prefetch_related("copies")
    )


def for_staff() -> QuerySet[Mail]:
    """The letters and copies that a merchant's staff may read, without their contents: all but personal ones."""
    return _listed().exclude(kind=PERSONAL)


def letter(public_id: UUID) -> Mail:
    """One letter or copy of the merchant in context. Raises `NotFound`, for personal ones too."""
    of_staff = Mail.objects.select_related("copy_of").exclude(kind=PERSONAL)
    mail: Mail | None = of_staff.filter(public_id=public_id).first()
    if mail is None:
        raise NotFound
    return mail


def not_sent() -> QuerySet[Mail]:
    """Letters and copies given up or come back, newest first: what a merchant must be told of (EM-1, EM-6, EM-8)."""
    trouble = Q(state=MailState.GIVEN_UP) | Q(bounced_at__isnull=False)
    return for_staff().filter(trouble).order_by("-queued_at", "-pk")


def purge(*, now: datetime, kept: timedelta = KEPT) -> int:
    """Remove what was kept long enough; how many letters and copies. May stop anywhere and go on (RT-1)."""
    assert kept >= AT_LEAST, "letters are kept for 24 months at least"
    old = Mail.objects.filter(queued_at__lt=now - kept)
    # Copies first: they point at their original.
    return _removed(old.exclude(copy_of=None)) + _removed(old.filter(copy_of=None))


def _removed(old: QuerySet[Mail]) -> int:
    count = 0
    while True:
        with transaction.atomic():
            some = list(old.values_list("pk", flat=True)[:_TOGETHER])
            Mail.objects.filter(pk__in=some).delete()
        if not some:
            return count
        count += len(some)


def _listed() -> QuerySet[Mail]:
    rows: QuerySet[Mail] = Mail.objects.defer("message")
    return rows


def _body(message: EmailMessage, kind: str) -> str:
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and part.get_content_disposition() is None:
            content: str = part.get_content()
            return content.replace("\r\n", "\n")
    return ""


def _leaves(message: EmailMessage, disposition: str) -> Iterator[EmailMessage]:
    for part in message.walk():
        if part.get_content_disposition() == disposition:
            yield part


def _bytes(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def _context(merchant_id: int, public_id: UUID) -> str:
    return f"{merchant_id} {public_id}"
