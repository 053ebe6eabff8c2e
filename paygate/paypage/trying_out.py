"""Somebody tries out cards, where no limit of an offer's own stops them (safety.md section 11: address)."""

from datetime import timedelta
from typing import Final

from django.http import HttpRequest

from paygate import clock
from paygate.limits.count import client_address, hit, is_too_many

CARDS: Final = ((10, timedelta(minutes=10)), (30, timedelta(days=1)))


def has_tried_too_often(request: HttpRequest) -> bool:
    """One more card was sent from this address. Are they too many? All pages of the kind count together (CT-3)."""
    address, now = client_address(request), clock.now()
    counts = [(hit(f"cards {per} {address}", per=per, now=now), most) for most, per in CARDS]
    return any(is_too_many(hits, most) for hits, most in counts)
