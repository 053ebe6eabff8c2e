"""A payment as a buyer makes it: the whole walk, against the simulators."""

from datetime import datetime
from uuid import uuid4

from paygate.cards.number import Card, CardNumber, Expiry, SecurityCode
from paygate.checkout import next_step as step
from paygate.checkout.authenticate import begin, go_on
from paygate.checkout.take_means import Press, take_card
from paygate.offers.models import Offer
from paygate.tenants.context import within

GOOD_VISA = "9010003150000001"
BY_AMOUNT = "9010403153900001"  # passes 3-D Secure; the amount's last digits decide


def press(offer: Offer, browser: str = "browser") -> Press:
    """The press of the button in this browser."""
    data: dict[str, str | int | bool | None] = {
        "accept_header": "text/html",
        "ip": "127.0.0.1",
        "language": "en",
        "user_agent": "test",
    }
    return Press(form_id=uuid4(), revision=offer.revision, browser=browser, browser_data=data)


def card(number: str = GOOD_VISA) -> Card:
    """A card of this number, with its code."""
    return Card(CardNumber.parse(number), Expiry(2034, 12), SecurityCode("123"), "")


def pay(offer: Offer, *, number: str = GOOD_VISA, now: datetime) -> step.NextStep:
    """Pay an offer; the step the page shows then."""
    with within(offer.merchant_id):
        begun = take_card(offer.pk, card(number), press(offer), now=now)
        seen = begin(begun.attempt, card(number), begun.packet, now=now)
        if isinstance(seen, step.LookAtBrowser):
            seen = go_on(begun.attempt, seen.packet, now=now)
        return seen
