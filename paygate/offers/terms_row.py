"""Terms as a row that can be kept and proposed again: for templates, which know no buyer and no date (SPG-TPL)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from paygate.money.display import plain
from paygate.offers.terms import DAYS, OfferTerms

# The names of the form's fields; what a kept row has besides, from another version, is left aside.
_PROPOSED: Final = (
    "description reference amount currency booking condition language notify_emails max_attempts ask_email"
    " address_editable design by_email letter confirm confirmation reply_to archive_email save_means valid_for"
).split()


def terms_as_row(terms: OfferTerms, *, now: datetime) -> dict[str, Any]:
    """What can be kept of terms as JSON: all but the buyer's addresses, and of the deadline only how far off it is."""
    return {
        "description": terms.description,
        "reference": terms.reference,
        "amount": plain(terms.amount),
        "currency": terms.amount.currency,
        "booking": terms.booking.value,
        "condition": terms.condition.value,
        "language": terms.language,
        "notify_emails": list(terms.notify_emails),
        "max_attempts": terms.max_attempts,
        "ask_email": terms.ask_email.value,
        "address_editable": terms.address_editable,
        "design": terms.design_id,
        "by_email": terms.by_email,
        "letter": dict(terms.letter),
        "confirm": terms.confirm,
        "confirmation": dict(terms.confirmation),
        "reply_to": terms.reply_to,
        "archive_email": terms.archive_email,
        "save_means": terms.save_means,
        "valid_for": _offered_days(terms.expires_at - now),
    }


def proposed_terms(row: Mapping[str, Any]) -> dict[str, Any]:
    """The form's first values from a kept row."""
    known = {name: row[name] for name in _PROPOSED if name in row}
    for kind in ("letter", "confirmation"):
        known |= {f"{kind}_{part}": text for part, text in known.pop(kind, {}).items()}
    if "notify_emails" in known:
        known["notify_emails"] = ", ".join(known["notify_emails"])
    if "valid_for" in known:
        known["valid_for"] = str(known["valid_for"])
    return known


def texts_in(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Everything in a kept row that people typed, by the name of its field."""
    for name, value in proposed_terms(row).items():
        if isinstance(value, str):
            yield name, value


def _offered_days(ahead: timedelta) -> int:
    """The offered number of days that is not shorter."""
    return next((days for days in DAYS if ahead <= timedelta(days=days)), DAYS[-1])
