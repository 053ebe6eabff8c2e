"""Buyers who stand before the card form."""

from typing import Any

from tests.flows.buyer import CODE, MASTERCARD, Buyer
from tests.flows.page import Form
from tests.make.desks import Link, desk

GOOD = {"number": MASTERCARD, "expiry": "12/30", "code": CODE}


def at_the_form(**terms: Any) -> tuple[Link, Buyer, Form]:
    """Carla stands before the card form."""
    link = desk().link(**terms)
    carla = Buyer()
    carla.open(link)
    return link, carla, carla.to_card_form().form("data-pay")
