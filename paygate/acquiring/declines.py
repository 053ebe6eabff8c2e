"""The table of decline words: what an acquirer's code means, what the merchant sees, what a payer may be told.

A code that is not here is no answer at all (safety.md OC-2). Nothing an acquirer writes is ever passed through.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DeclineReason(StrEnum):
    """Why the other side said no, in our words."""

    INVALID_MERCHANT = "INVALID_MERCHANT"
    INVALID_CARD = "INVALID_CARD"
    DO_NOT_HONOR = "DO_NOT_HONOR"
    TRY_LATER = "TRY_LATER"
    INVALID_TRANSACTION = "INVALID_TRANSACTION"
    INVALID_AMOUNT = "INVALID_AMOUNT"
    PAYER_CANCELED = "PAYER_CANCELED"
    GIVEN_BACK = "GIVEN_BACK"  # a reversal came first, so nothing is held
    UNKNOWN_ORIGINAL = "UNKNOWN_ORIGINAL"
    FORMAT_ERROR = "FORMAT_ERROR"
    CARD_EXPIRED = "CARD_EXPIRED"
    SUSPECTED_FRAUD = "SUSPECTED_FRAUD"
    STOLEN_CARD = "STOLEN_CARD"
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    RESTRICTED_CARD = "RESTRICTED_CARD"
    AUTHENTICATION_REQUIRED = "AUTHENTICATION_REQUIRED"
    PAYER_TOO_LATE = "PAYER_TOO_LATE"
    NEVER_ARRIVED = "NEVER_ARRIVED"  # proven by inquiry (safety.md OC-6)
    DECIDED = "DECIDED"  # two people know that it did not happen (safety.md AU-5)


@dataclass(frozen=True, slots=True)
class Decline:
    """One row: what a code means."""

    reason: DeclineReason
    merchant_text: str | Promise  # shown in the journal
    soft: bool = False  # the issuer asks for authentication first (safety.md OC-13)
    never_again: bool = False  # the scheme forbids another try with this card (safety.md OC-13)


# The same for every reason: who tries cards learns nothing here (safety.md PP-7).
PAYER_TEXT: Final[Promise] = _("Your payment was declined. Nothing was taken. Please try another way to pay.")

# The codes of sandbox.md 2.4, and those an acquirer gives for captures, refunds and wallets.
DECLINES: Final[Mapping[str, Decline]] = {
    "03": Decline(DeclineReason.INVALID_MERCHANT, _("Invalid merchant number")),
    "04": Decline(DeclineReason.INVALID_CARD, _("Card invalid"), never_again=True),
    "05": Decline(DeclineReason.DO_NOT_HONOR, _("Authorization declined")),
    "09": Decline(DeclineReason.TRY_LATER, _("Processing temporarily not possible")),
    "12": Decline(DeclineReason.INVALID_TRANSACTION, _("Invalid transaction")),
    "13": Decline(DeclineReason.INVALID_AMOUNT, _("Invalid amount")),
    "14": Decline(DeclineReason.INVALID_CARD, _("Invalid card"), never_again=True),
    "17": Decline(DeclineReason.PAYER_CANCELED, _("Canceled by the payer")),
    "21": Decline(DeclineReason.GIVEN_BACK, _("Given back before it was kept")),
    "25": Decline(DeclineReason.UNKNOWN_ORIGINAL, _("The original transaction was not found")),
    "30": Decline(DeclineReason.FORMAT_ERROR, _("Format error")),
    "33": Decline(DeclineReason.CARD_EXPIRED, _("Card expired")),
    "34": Decline(DeclineReason.SUSPECTED_FRAUD, _("Suspicion of manipulation"), never_again=True),
    "43": Decline(DeclineReason.STOLEN_CARD, _("Stolen card"), never_again=True),
    "51": Decline(DeclineReason.INSUFFICIENT_FUNDS, _("Insufficient funds")),
    "62": Decline(DeclineReason.RESTRICTED_CARD, _("Restricted card")),
    "65": Decline(DeclineReason.AUTHENTICATION_REQUIRED, _("Authentication required"), soft=True),
    "1A": Decline(DeclineReason.AUTHENTICATION_REQUIRED, _("Authentication required"), soft=True),
    "68": Decline(DeclineReason.PAYER_TOO_LATE, _("The payer took too long")),
}

_TEXTS: Final = {
    **{row.reason: row.merchant_text for row in reversed(tuple(DECLINES.values()))},
    DeclineReason.NEVER_ARRIVED: _("The question never reached the acquirer"),
    DeclineReason.DECIDED: _("Decided by two people: it did not happen"),
}


def merchant_text(reason: DeclineReason, code: str = "") -> str:
    """What the merchant sees, in the active language; with the acquirer's code when it is one of the table."""
    return str(DECLINES[code].merchant_text if code in DECLINES else _TEXTS[reason])


def is_final(code: str) -> bool:
    """Does this code forbid another try with the same card (safety.md OC-13)?"""
    return code in DECLINES and DECLINES[code].never_again
