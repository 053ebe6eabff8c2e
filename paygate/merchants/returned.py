"""Letters that came back: the merchant is told, once (safety.md EM-8)."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from paygate.languages import ui_language
from paygate.mail.archive import PERSONAL, parts
from paygate.mail.bounces import came_back
from paygate.mail.models import Mail
from paygate.mail.outbox import Letter, queue, render
from paygate.merchants.preferences import preferences_of
from paygate.tenants.context import within
from paygate.tenants.models import Merchant

NOTICE = "returned"  # the kind of the letter that says so


@dataclass(frozen=True, slots=True)
class Told:
    """What was done with a returned message."""

    marked: bool
    notified: bool


def take_returned(message: bytes, *, delivered_to: str = "", now: datetime) -> Told:
    """Mark the letter that a returned message is about, and tell the merchant at the letter's own Reply-To.

    Whatever is no permanent failure of a letter of ours changes nothing. A second report about the same letter, and a
    notice that itself comes back, are told to nobody: so no two programs write to each other for ever.
    """
    with transaction.atomic():
        mail = came_back(message, delivered_to=delivered_to, now=now)
        if mail is None:
            return Told(marked=False, notified=False)
        with within(mail.merchant_id):
            reply_to = dict(parts(mail).headers).get("Reply-To", "")
            if not reply_to or mail.kind in (NOTICE, PERSONAL):
                return Told(marked=True, notified=False)
            queue(_notice(mail, reply_to), merchant_id=mail.merchant_id, now=now)
            return Told(marked=True, notified=True)


def _notice(mail: Mail, reply_to: str) -> Letter:
    merchant, preferences = Merchant.objects.get(pk=mail.merchant_id), preferences_of(mail.merchant_id)
    language = ui_language(preferences.language)
    written = render(
        "merchants/letters/returned",
        language,
        {
            "merchant_name": merchant.name,
            "recipient": mail.recipient,
            "letter_subject": mail.subject,
            "words": mail.bounce,
            "is_copy": mail.copy_of_id is not None,
            "letter_url": f"{settings.PAYGATE_PUBLIC_URL}/backoffice/letters/{mail.public_id}/",
            "test": not merchant.live,
        },
    )
    return Letter(
        kind=NOTICE,
        to=reply_to,
        subject=written.subject,
        text=written.text,
        html=written.html,
        language=language,
        sender_name="PayGate",
        sender_local=preferences.sender_local,
        about=mail.about,
        automatic=True,
    )
