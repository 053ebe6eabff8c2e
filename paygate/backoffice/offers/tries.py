"""Tries of an offer that ended before the acquirer was asked: what the merchant tells a buyer on the phone (3D-5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paygate.backoffice.three_ds_messages import readable
from paygate.checkout.models import Attempt
from paygate.checkout.states import LIVE, AttemptState
from paygate.methods import METHODS
from paygate.offers.models import Offer
from paygate.threeds.models import MessageLine

MOST: Final = 20  # of an offer without a limit there may be any number

_WHY: Final[Mapping[str, str | Promise]] = {
    "3DS_AUTHENTICATION_FAILED": _("The buyer's bank did not confirm who is paying."),
    "CONDITION_NOT_SATISFIED": _("3-D Secure did not give what the offer's condition asks for."),
    "PAYER_AUTHENTICATION_REQUIRED": _("The bank wants to check who is paying, and did not."),
    "CARD_BLOCKED": _("The bank said earlier that this card must not be tried again."),
}
_ENDED: Final[Mapping[str, str | Promise]] = {
    AttemptState.ABANDONED: _("The buyer canceled, left or took too long."),
    AttemptState.DECLINED: _("The payment was declined."),
}


@dataclass(frozen=True, slots=True)
class Try:
    """One of them. Nothing was reserved."""

    at: datetime
    method: str
    why: str
    messages: list[tuple[MessageLine, str]]  # of 3-D Secure, with what they say


def tries_of(offer: Offer) -> list[Try]:
    """The newest ones, newest first, in two questions however many there are."""
    ended = Attempt.objects.filter(offer=offer, entry=None).exclude(state__in=LIVE)
    found = ended.select_related("contract", "authentication").order_by("-pk")
    return [_try(one) for one in found.prefetch_related("authentication__messages")[:MOST]]


def _try(attempt: Attempt) -> Try:
    words = _WHY.get(attempt.refused_because) or _ENDED.get(attempt.state)
    return Try(
        at=attempt.begun_at,
        method=str(METHODS[attempt.contract.method].label),
        why=str(words or _("Something went wrong before the acquirer was asked.")),
        messages=readable(attempt.authentication.messages.all()) if attempt.authentication else [],
    )
