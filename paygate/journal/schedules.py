"""When to ask again: the waiting times of inquiries and of give-backs (safety.md OC-4, OC-5, OC-8)."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

READ_TIMEOUT: Final = timedelta(seconds=30)  # OC-4
BETWEEN_NOT_FOUND: Final = timedelta(seconds=60)  # OC-6
# After this the payer has gone: a card payment without an answer is given up, and given back (OC-7).
PATIENCE_WITH_CARDS: Final = timedelta(minutes=5)
LAST_LOOK: Final = timedelta(minutes=4, seconds=30)  # what is found then can still be kept

_DAILY: Final = tuple(timedelta(days=day) for day in range(1, 8))

INQUIRIES: Final = (
    # While the payer waits (OC-4), then OC-5; counted from sending.
    timedelta(seconds=2),
    timedelta(seconds=6),
    timedelta(seconds=15),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    *_DAILY,
)

GIVE_BACKS: Final = (
    # OC-8; counted from the first try.
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    *_DAILY,
)
ALARM_AFTER: Final = 6  # failures of one give-back (OC-8)

SHORTEST: Final = timedelta(seconds=2)  # between two questions about the same thing
JITTER: Final = 20  # per cent, either way


def before_giving_up(sent_at: datetime, planned: datetime, *, now: datetime) -> datetime:
    """When to ask next about a card: not later than the last look, or than the giving up after it (OC-7)."""
    for limit in (sent_at + LAST_LOOK, sent_at + PATIENCE_WITH_CARDS):
        if now < limit:
            return min(planned, limit)
    return now + SHORTEST


def moment(begun: datetime, steps: Sequence[timedelta], step: int, *, now: datetime) -> datetime:
    """The time of this step, counted from `begun`, give or take a fifth; the last one is repeated for ever."""
    wait = steps[min(step, len(steps) - 1)]
    jitter = wait * (secrets.randbelow(2 * JITTER + 1) - JITTER) / 100
    if step >= len(steps):
        return now + wait + jitter
    return max(begun + wait + jitter, now + SHORTEST)
