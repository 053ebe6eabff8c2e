"""A credit to a card, with the tries of that card counted: nobody tries out cards by sending them money either."""

from datetime import datetime

from paygate.checkout.card_tries import count_try, forgive_try
from paygate.journal.credit import Credit, credit
from paygate.journal.models import Movement
from paygate.journal.states import MovementState
from paygate.merchants.reach import Actor
from paygate.refusals import Refusal


def send_money(wish: Credit, *, by: Actor, now: datetime) -> Movement:
    """Raises what `credit` raises, and `TooManyTries` (safety.md CT-2, CT-3)."""
    number = wish.card.number
    count_try(number, wish.contract.merchant_id, now=now)
    try:
        movement = credit(wish, by=by, now=now)
    except Refusal:  # nobody was asked about the card
        forgive_try(number, wish.contract.merchant_id, now=now)
        raise
    if movement.state == MovementState.APPROVED:
        forgive_try(number, wish.contract.merchant_id, now=now)
    return movement
