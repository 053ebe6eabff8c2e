"""How often one card may fail with one merchant: programs must not try out cards either (safety.md CT-2, CT-3)."""

from datetime import datetime, timedelta
from typing import Final

from paygate.cards.number import CardNumber
from paygate.limits.count import forgive, hit, is_too_many
from paygate.refusals import Kind, Refusal
from paygate.sealing import mac

MOST_FAILURES: Final = 5  # in a day
_DAY: Final = timedelta(days=1)
_PURPOSE: Final = "card tries"


class TooManyTries(Refusal):
    """This card failed too often here today."""

    code = "TOO_MANY_TRIES"
    kind = Kind.FORBIDDEN


def count_try(number: CardNumber, merchant_id: int, *, now: datetime) -> None:
    """One more try, counted before anybody is asked. Raises `TooManyTries`."""
    if is_too_many(hit(_key(number, merchant_id), per=_DAY, now=now), MOST_FAILURES):
        raise TooManyTries


def forgive_try(number: CardNumber, merchant_id: int, *, now: datetime) -> None:
    """It succeeded, so it was no failure."""
    forgive(_key(number, merchant_id), per=_DAY, now=now)


def _key(number: CardNumber, merchant_id: int) -> str:
    return f"tries {merchant_id} {mac(_PURPOSE, number.digits.encode()).hex()}"
