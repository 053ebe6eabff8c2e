"""An authentication is used once, for the card and the amount it was made for (safety.md 3D-2)."""

from datetime import datetime
from typing import Final

import structlog
from django.utils.translation import gettext as _

from paygate.cards.number import Card
from paygate.money.amount import Money
from paygate.refusals import Kind, Refusal
from paygate.sealing import macs
from paygate.tenants.kept import Given, KeptChange
from paygate.threeds.models import Authentication

CARD_PURPOSE: Final = "threeds card"  # of the keyed hash that names a card

log = structlog.get_logger("paygate.threeds")


class AuthenticationMismatch(Refusal):
    """The authentication is not for this amount or card, is not finished, or was used before (safety.md 3D-2)."""

    code = "AUTHENTICATION_MISMATCH"
    kind = Kind.CONFLICT


_SPENT: Final = KeptChange(
    lambda: Authentication.objects.filter(
        pk=Given("auth_id", Authentication._meta.pk), used_at=None, closed_at=None
    ).exclude(final_status=""),
    "used_at",
)


def use_for_authorisation(auth: Authentication, *, amount: Money, card: Card, now: datetime) -> None:
    """Spend an authentication on one authorization, in the caller's transaction (safety.md 3D-2).

    Checks amount, currency and card again. Raises `AuthenticationMismatch`: then nothing is sent, and an alarm is due.
    """
    must_fit(auth, amount=amount, card=card)
    if not _SPENT.run({"used_at": now}, auth_id=auth.pk):
        raise _mismatch(auth, "unfinished, closed or used before")
    auth.used_at = now


def close_authentication(auth: Authentication, *, now: datetime) -> None:
    """The attempt is over. A result that still comes is stored and changes nothing. May be called again."""
    Authentication.objects.filter(pk=auth.pk, closed_at=None).update(closed_at=now)


def must_fit(auth: Authentication, *, amount: Money, card: Card) -> None:
    """Raises `AuthenticationMismatch` for another card or amount, which is an alarm."""
    if amount != auth.amount:
        raise _mismatch(auth, "another amount")
    if auth.card_fingerprint not in {one.hex() for one in macs(CARD_PURPOSE, card.number.digits.encode())}:
        raise _mismatch(auth, "another card")


def _mismatch(auth: Authentication, why: str) -> AuthenticationMismatch:
    log.error("threeds.mismatch", merchant=auth.merchant_id, authentication=auth.pk, cause=why)
    return AuthenticationMismatch(_("The payment does not match what your bank confirmed."))
