"""Offers, made by the room's own function."""

from datetime import timedelta
from typing import Any

from paygate import clock
from paygate.merchants.models import Terminal
from paygate.merchants.reach import system
from paygate.money.amount import Money
from paygate.offers.create import create_offer
from paygate.offers.models import Offer, Source
from paygate.offers.terms import OfferTerms
from paygate.tenants.context import within


def offer(terminal: Terminal, amount: Money | None = None, **terms: Any) -> Offer:
    """An open offer of CHF 49.90 for two weeks, unless told otherwise."""
    now = terms.pop("now", None) or clock.now()
    defaults: dict[str, Any] = {
        "amount": amount or Money(4990, "CHF"),
        "description": "Double room, one night",
        "expires_at": now + timedelta(days=14),
        "reference": "2026-0412",
    }
    with within(terminal.merchant_id):
        return create_offer(
            terminal,
            OfferTerms(**{**defaults, **terms}),
            source=Source.BACKOFFICE,
            by=system(terminal.merchant_id),
            now=now,
        )
