"""What people do with offers, in the audit log (safety.md AU-7).

The log is kept longer than a buyer's data, and cannot be blanked: of the buyer it says only that something changed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from paygate.audit.actions import Action
from paygate.audit.record import changes, record, record_each
from paygate.merchants.reach import Actor
from paygate.money.display import money_text
from paygate.offers.models import Offer

# Money is told in words; what an offer is found by, by the texts it is made of.
_SAID_OTHERWISE: Final = {"amount_minor", "currency", "exponent", "words"}
_OF_THE_BUYER: Final = ("payer", "buyer", "address", "name", "phone")


def put_down_created(offers: Iterable[Offer], *, by: Actor, now: datetime) -> None:
    """New offers, however many, in one statement."""
    lines = {
        f"offer:{offer.pk}": {"amount": money_text(offer.amount, "en"), "reference": offer.reference}
        for offer in offers
    }
    record_each(Action.OFFER_CREATED, lines, merchant_id=by.merchant_id, by=by.name, now=now)


def put_down(
    action: Action, offer: Offer, *, detail: Mapping[str, object] | None = None, by: Actor, now: datetime
) -> None:
    """Something done to one offer."""
    subject = f"offer:{offer.pk}"
    record(action, merchant_id=offer.merchant_id, by=by.name, subject=subject, detail=detail, now=now)


def difference(old: Offer, columns: Mapping[str, object], amount: str) -> dict[str, object]:
    """What new columns change of an offer, with old and new values; `amount` is the new one in words."""
    new = {name: value for name, value in columns.items() if name not in _SAID_OTHERWISE} | {"amount": amount}
    before = {name: getattr(old, name) for name in new if name != "amount"}
    found = changes(before | {"amount": money_text(old.amount, "en")}, new)
    return {name: "changed" if _is_the_buyers(name) else values for name, values in found.items()}


def _is_the_buyers(column: str) -> bool:
    return any(sign in column for sign in _OF_THE_BUYER)
