"""Letters: rendered, written, and queued in the transaction of whoever sends them (safety.md EM-1, LK-6)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from css_inline import CSSInliner
from django.conf import settings
from django.db import connection, transaction
from django.template.loader import get_template
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from paygate.languages import LANGUAGES
from paygate.lifecycle.moves import together
from paygate.mail.archive import sealed
from paygate.mail.attachments import Attached, Inline
from paygate.mail.look import OURS, LetterLook
from paygate.mail.mailbox import one_line, parse_mailbox, parse_sender_local
from paygate.mail.message import Envelope, written
from paygate.mail.models import Mail
from paygate.mail.states import LIFE, MailState
from paygate.mail.tasks import deliver_mail
from paygate.refusals import Kind, Refusal
from paygate.tenants.inserting import insert_rows

MOST_BYTES: Final = 5 * 1024 * 1024  # of the encoded message (EM-5)

# Mail programs ignore style sheets more or less; dark colours and narrow screens need the @media rules kept.
_INLINER: Final = CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


class LetterTooBig(Refusal):
    """The message with its attachments is larger than mail servers take."""

    code = "LETTER_TOO_BIG"
    kind = Kind.INVALID

    def __init__(self, size: int) -> None:
        megabytes = f"{size / 1024 / 1024:.1f}"
        super().__init__(
            _("With its attachments the letter has %(size)s MB; 5 MB is the most.") % {"size": megabytes},
            field="attachments",
        )


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a letter says."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is queued: to one mailbox, and maybe a copy of it to the merchant's archive."""

    kind: str  # which letter, for example "offer"
    to: str
    subject: str
    text: str
    html: str
    language: str
    sender_name: str
    sender_local: str  # before the @ of our domain
    reply_to: str = ""
    attachments: tuple[Attached, ...] = ()
    inline: tuple[Inline, ...] = ()
    about: str = ""  # for example "offer:<id>"
    copy_to: str | None = None
    automatic: bool = (
        False  # nobody asked for it now: it is not sent to a mailbox that refuses letters (EM-8)
    )


def render(
    template_base: str, language: str, context: Mapping[str, Any], *, look: LetterLook = OURS
) -> Rendered:
    """A letter from the three templates in the folder `template_base`, in one of our languages.

    A look's logo stands in the HTML as the picture "logo"; whoever renders with one sends it along (`pictures_of`).

    Values are escaped in the HTML; template marks that a user typed are plain text (EM-4).
    """
    with translation.override(language):
        subject, text, html = (
            get_template(f"{template_base}/{name}", using="jinja2").render({**context, "look": look})
            for name in ("subject.txt.jinja", "letter.txt.jinja", "letter.html.jinja")
        )
    return Rendered(subject=one_line(subject), text=text.strip() + "\n", html=_INLINER.inline(html))


def pictures_of(look: LetterLook) -> tuple[Inline, ...]:
    """The pictures that a letter in this look needs."""
    return (Inline("logo", "image/png", look.logo),) if look.logo else ()


def queue(letter: Letter, *, merchant_id: int, now: datetime) -> Mail:
    """Store a letter whole, and its copy to the archive address, and ask for their delivery.

    Must be called inside the transaction that sends it. Nothing is sent from here, so nothing slow is waited for.
    Raises `MailboxRefused` and `LetterTooBig`.
    """
    return queue_all([letter], merchant_id=merchant_id, now=now)[0]


def queue_all(letters: Sequence[Letter], *, merchant_id: int, now: datetime) -> list[Mail]:
    """Several letters, in as few statements as one: all of them, or none. As `queue` otherwise."""
    assert connection.in_atomic_block, "a letter is queued in the transaction that causes it"
    with together():
        mails = [_mail(letter, merchant_id=merchant_id, now=now) for letter in letters]
        copies = [_copy(mail, letter) for mail, letter in zip(mails, letters, strict=True) if letter.copy_to]
        insert_rows(mails)
        insert_rows(copies)
        for mail in mails + copies:
            LIFE.begin(mail, by="system", cause="queued", now=now)
        _ask_for_delivery(mails + copies)
    return mails


def _mail(letter: Letter, *, merchant_id: int, now: datetime) -> Mail:
    """The row of a letter, with its message written and sealed."""
    assert letter.language in LANGUAGES, f"letters are not written in {letter.language!r}"
    public_id = uuid4()
    recipient = parse_mailbox(letter.to)
    sender = f"{parse_sender_local(letter.sender_local)}@{settings.PAYGATE_MAIL_DOMAIN}"
    envelope = Envelope(
        message_id=f"{public_id}@{settings.PAYGATE_MAIL_DOMAIN}",
        sender=sender,
        sender_name=one_line(letter.sender_name),
        to=recipient,
        reply_to=parse_mailbox(letter.reply_to) if letter.reply_to else "",
        subject=one_line(letter.subject),
        language=letter.language,
        date=now,
    )
    message = written(
        envelope, text=letter.text, html=letter.html, attachments=letter.attachments, inline=letter.inline
    )
    if len(message) > MOST_BYTES:
        raise LetterTooBig(len(message))
    return Mail(
        merchant_id=merchant_id,
        public_id=public_id,
        kind=letter.kind,
        about=letter.about,
        recipient=recipient,
        sender=sender,
        subject=envelope.subject,
        language=letter.language,
        automatic=letter.automatic,
        message=sealed(message, merchant_id=merchant_id, public_id=public_id),
        sha256=hashlib.sha256(message).hexdigest(),
        size=len(message),
        queued_at=now,
        next_try_at=now,
    )


def _copy(mail: Mail, letter: Letter) -> Mail:
    """The same bytes on their way to the archive address; they stand with the original (EM-6)."""
    assert letter.copy_to is not None
    shared = ("merchant_id", "kind", "about", "sender", "subject", "language", "sha256", "size", "queued_at",
              "next_try_at")  # fmt: skip
    columns = {name: getattr(mail, name) for name in shared}
    return Mail(recipient=parse_mailbox(letter.copy_to), copy_of=mail, **columns)


def send_again(mail: Mail, *, by: str, now: datetime) -> None:
    """Give a mail that was given up another five days, with the same Message-ID. Raises `MoveRefused`."""
    with transaction.atomic():
        LIFE.move(
            mail, MailState.QUEUED, by=by, cause="send again", now=now, tries=0, next_try_at=now,
            automatic=False, bounced_at=None, bounce="",
        )  # fmt: skip
        _ask_for_delivery([mail])


def _ask_for_delivery(mails: Sequence[Mail]) -> None:
    deliver_mail.defer_all(
        [(f"mail:{mail.pk}", {"merchant_id": mail.merchant_id, "mail_id": mail.pk}) for mail in mails]
    )
