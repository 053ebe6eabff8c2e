"""How the demo's payments are made: as by a buyer, with a card that passes 3-D Secure without a challenge."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import uuid4

from paygate.cards.number import Card, CardNumber, Expiry, SecurityCode
from paygate.checkout import next_step as step
from paygate.checkout.authenticate import begin, go_on
from paygate.checkout.take_means import Begun, Press
from paygate.journal.models import Entry

FRICTIONLESS: Final = "9010003150000001"
MASTERCARD: Final = "9030003150000007"


def pressed(revision: int, language: str, *, browser: str = "demo") -> Press:
    """The press of the button that pays."""
    facts: dict[str, str | int | bool | None] = {
        "accept_header": "text/html",
        "ip": "127.0.0.1",
        "language": language,
        "user_agent": "demo",
    }
    return Press(form_id=uuid4(), revision=revision, browser=browser, browser_data=facts)


def as_a_buyer(take: Callable[[Card], Begun], number: str, *, now: datetime) -> Entry:
    """From the card form to the receipt: the payment in the journal."""
    card = Card(CardNumber.parse(number), Expiry(now.year + 3, 12), SecurityCode("123"), "")
    begun = take(card)
    seen = begin(begun.attempt, card, begun.packet, now=now)
    if isinstance(seen, step.LookAtBrowser):
        seen = go_on(begun.attempt, seen.packet, now=now)
    assert isinstance(seen, step.Paid), f"the demo's payment ended as {seen}"
    begun.attempt.refresh_from_db()
    payment = begun.attempt.entry
    assert payment, "a paid attempt has its payment"
    return payment
