"""What the stories about 3-D Secure begin with."""

import json
from datetime import UTC, datetime
from typing import Any

from paygate.cards.number import Card, CardNumber, Expiry, SecurityCode
from paygate.merchants.models import Terminal
from paygate.money.amount import Money
from paygate.tenants.context import within
from paygate.tenants.models import Merchant
from paygate.threeds import asking, browser, opening
from paygate.threeds.areq import Acceptance, Browser, Payer, Told, build_areq
from paygate.threeds.asking import ChallengeNeeded, Frictionless
from paygate.threeds.liability import Condition
from paygate.threeds.messages import Message, decode
from paygate.threeds.models import Authentication
from paygate.threeds.server import ServerIdentity
from paygate.threeds.simulator import store
from paygate.threeds.simulator.store import Challenge

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AMOUNT = Money(4990, "CHF")
RETURN_URL = "https://pay.example/3ds/return"

FRICTIONLESS = "9010403104000000"
UNUSABLE = "9010003750000005"
CHALLENGE = "9010004950000001"
CHALLENGE_ATTEMPT = "9010004250000008"
CHALLENGE_REFUSED = "9010004350000007"
CHALLENGE_BROKEN = "9010004150000009"
MASTERCARD = "9030003150000007"
UNKNOWN = "4111111111111111"

BROWSER = Browser("text/html", "192.0.2.7", "de-CH", "Firefox", True, False, 24, 1280, 900, -60)
SHOP = Acceptance("Hotel Alpenblick", "CH", "7011", "400000", "ALPENBLICK", "REQ-1", "https://pay.example")


def terminal(*, live: bool = False, customer_id: str = "100001") -> Terminal:
    merchant = Merchant.objects.create(
        customer_id=customer_id, name="Hotel Alpenblick", live=live, created_at=NOON
    )
    with within(merchant.pk):
        made: Terminal = Terminal.objects.create(
            merchant_id=merchant.pk, number="17000011", kind="SPG", description="Desk"
        )
    return made


def card(number: str = FRICTIONLESS) -> Card:
    return Card(CardNumber.parse(number), Expiry(2030, 12), SecurityCode("123"), "MAX MUSTER")


def authentication(
    number: str, *, at: Terminal, condition: Condition = Condition.NONE, **facts: Any
) -> Authentication:
    """An authentication begun with this card."""
    with within(at.merchant_id):
        auth, _ = opening.open_authentication(
            merchant_id=at.merchant_id,
            terminal=at,
            method=card(number).number.brand.name,
            card=card(number),
            card_range=asking.look_up(card(number).number, merchant=at.merchant),
            amount=facts.pop("amount", AMOUNT),
            condition=condition,
            now=NOON,
            **facts,
        )
    return auth


def ask(auth: Authentication, number: str, **changes: Any) -> Frictionless | ChallengeNeeded:
    """The issuer asked about it."""
    facts: dict[str, Any] = {"browser": BROWSER, "acceptance": SHOP, "notification_url": RETURN_URL} | changes
    now, window = facts.pop("now", NOON), facts.pop("window_size", browser.FULL_PAGE)
    question = opening.write_question(auth, card=card(number), told=Told(**facts), now=now)
    return asking.ask_issuer(question, window_size=window, now=now)


def areq(auth: Authentication, number: str) -> Message:
    """The question as it would be sent."""
    return build_areq(
        auth,
        card=card(number),
        told=Told(BROWSER, SHOP, RETURN_URL, Payer("payer@example.org")),
        identity=ServerIdentity("REF", "https://3ds.example"),
    )


def opened(form_field: str) -> dict[str, Any]:
    """The message in a form field."""
    raw = decode(form_field)
    assert isinstance(raw, bytes)
    body: dict[str, Any] = json.loads(raw)
    return body


def at_the_bank(auth: Authentication) -> Challenge:
    """The same challenge as the pretend bank knows it."""
    challenge = store.recall(acs_trans_id=str(auth.acs_trans_id))
    assert challenge is not None
    return challenge
