"""Letters to a person about the account: a link for a new password, and what changed (safety.md EM-1, LK-6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise

from paygate.accounts.models import User
from paygate.languages import ui_language
from paygate.mail.archive import PERSONAL
from paygate.mail.outbox import Letter, queue, render
from paygate.tenants.context import within

SENDER: Final = "PayGate"
SENDER_LOCAL: Final = "account"

log = structlog.get_logger(__name__)


def queue_reset_letter(user: User, *, now: datetime) -> None:
    """The letter with a link that works for an hour and once."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    link = _address(reverse("account_reset_password_from_key", kwargs=key))
    _queue(user, "password_reset_key", {"link": link}, now=now)


def queue_change_letter(user: User, what: Promise, *, now: datetime) -> None:
    """Tell a person what changed in the account, so that somebody else's doing is noticed."""
    _queue(user, "change", {"what": what, "link": _address(reverse("account_reset_password"))}, now=now)


def _address(path: str) -> str:
    """The complete address of one of our pages; the request's Host header has no part in it."""
    return f"{settings.PAYGATE_PUBLIC_URL}{path}"


def _queue(user: User, name: str, context: Mapping[str, Any], *, now: datetime) -> None:
    home = user.home
    if home is None:
        log.error("a person without a merchant gets no letters", user=user.pk, letter=name)
        return
    language = ui_language(user.language)
    written = render(
        f"account/letters/{name}",
        language,
        {
            **context,
            "merchant_name": SENDER,
            "test": settings.PAYGATE_ENV != "production",
            "email": user.email,
            "opened_by": home.name,
            "at": now.astimezone(ZoneInfo(home.zone)),
            "zone": home.zone,
        },
    )
    letter = Letter(
        kind=PERSONAL,
        to=user.email,
        subject=written.subject,
        text=written.text,
        html=written.html,
        language=language,
        sender_name=SENDER,
        sender_local=SENDER_LOCAL,
        about=f"account:{user.pk}",
    )
    with within(home.pk), transaction.atomic():
        queue(letter, merchant_id=home.pk, now=now)
