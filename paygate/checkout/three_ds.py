"""Look a card's range up, and open its authentication together with the attempt (house walk, steps 4 and 5)."""

from dataclasses import dataclass
from datetime import datetime

from paygate.cards.number import Card
from paygate.checkout.models import Attempt
from paygate.checkout.states import ATTEMPT_LIFE, AttemptState
from paygate.methods import METHODS
from paygate.tenants.models import Merchant
from paygate.threeds import dialogue
from paygate.threeds.liability import Condition
from paygate.threeds.models import Authentication
from paygate.threeds.registry import NoServer
from paygate.threeds.server import CardRange


@dataclass(frozen=True, slots=True)
class Looked:
    """What the directories say about a card; a card in no range was looked up too."""

    card_range: CardRange | None


def look_up(card: Card, *, merchant: Merchant) -> Looked | None:
    """Before any transaction. None for a brand without 3-D Secure, and where no server serves this merchant."""
    method = METHODS.get(card.number.brand.name)
    if method is None or not method.three_ds:
        return None
    try:
        return Looked(dialogue.look_up(card.number, merchant=merchant))
    except NoServer:
        return None


def open_three_ds(attempt: Attempt, card: Card, looked: Looked, *, now: datetime) -> Authentication:
    """Begin the attempt's authentication, in the caller's transaction."""
    auth = dialogue.open_authentication(
        merchant_id=attempt.merchant_id,
        terminal=attempt.session.terminal,
        method=attempt.contract.method,
        card=card,
        card_range=looked.card_range,
        amount=attempt.amount,
        condition=Condition(attempt.session.condition),
        force_challenge=attempt.second_try_of_id is not None,
        now=now,
    )
    ATTEMPT_LIFE.move(
        attempt,
        AttemptState.AUTHENTICATING,
        by="payer",
        cause="3-D Secure begun",
        now=now,
        authentication=auth,
    )
    return auth
