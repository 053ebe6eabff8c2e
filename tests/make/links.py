"""Multi-use links, made by the room's own function."""

from typing import Any
from uuid import uuid4

from paygate import clock
from paygate.links.change import create_link
from paygate.links.models import Link
from paygate.links.terms import LinkTerms
from paygate.merchants.models import Terminal
from paygate.merchants.reach import system
from paygate.tenants.context import within


def a_link(terminal: Terminal, **terms: Any) -> Link:
    """An active link in CHF whose payers say how much, unless told otherwise."""
    now = terms.pop("now", None) or clock.now()
    good: dict[str, Any] = {"description": "Donation for the roof", "currency": "CHF"}
    with within(terminal.merchant_id):
        link, _made = create_link(
            terminal, LinkTerms(**good | terms), form_id=uuid4(), by=system(terminal.merchant_id), now=now
        )
    return link
