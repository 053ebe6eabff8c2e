"""Look a card's range up, and open its authentication together with the attempt (house walk, steps 4 and 5)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings

from paygate.addresses import Address
from paygate.cards.number import Card
from paygate.checkout.models import Attempt
from paygate.checkout.states import ATTEMPT_LIFE, AttemptState
from paygate.methods import METHODS
from paygate.tenants.models import Merchant
from paygate.threeds import asking
from paygate.threeds.areq import Acceptance, Browser, Payer, Told
from paygate.threeds.liability import Condition
from paygate.threeds.opening import Question, open_authentication
from paygate.threeds.registry import NoServer
from paygate.threeds.server import CardRange

MAY_BE_FORCED: Final = frozenset({"VISA", "VPAY", "MASTERCARD", "MAESTRO", "AMEX"})  # behaviour.md G-3
RETURN_PATH: Final = "/3ds/return"  # where the bank sends the browser (notificationURL)


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
        return Looked(asking.look_up(card.number, merchant=merchant))
    except NoServer:
        return None


def open_three_ds(
    attempt: Attempt, card: Card, looked: Looked, *, asks: bool = False, now: datetime
) -> Question | None:
    """Begin the attempt's authentication, in the caller's transaction.

    With `asks`, an issuer that need not look at the browser is asked next: the question is written down at once.
    """
    auth, question = open_authentication(
        merchant_id=attempt.merchant_id,
        terminal=attempt.session.terminal,
        method=attempt.contract.method,
        card=card,
        card_range=looked.card_range,
        amount=attempt.amount,
        condition=Condition(attempt.session.condition),
        force_challenge=attempt.second_try_of_id is not None
        or (attempt.session.force_challenge and attempt.contract.method in MAY_BE_FORCED),
        recurring=attempt.session.initial,
        told=told_of(attempt) if asks else None,
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
    return question


def told_of(attempt: Attempt) -> Told:
    """What the issuer is told of browser, merchant and payer."""
    session = attempt.session
    merchant, terminal, contract = attempt.merchant, session.terminal, attempt.contract
    return Told(
        browser=Browser(**attempt.browser_data),
        acceptance=Acceptance(
            merchant_name=merchant.name,
            country=merchant.country,
            category=terminal.merchant_category,
            acquirer_bin=contract.acquirer_bin,
            acquirer_merchant_id=contract.acquirer_merchant_id,
            requestor_id=f"{merchant.customer_id}-{terminal.number}",
            requestor_url=settings.PAYGATE_PUBLIC_URL,
        ),
        payer=Payer(session.payer_email, Address.of_row(session.address)),
        notification_url=settings.PAYGATE_PUBLIC_URL + RETURN_PATH,
    )
