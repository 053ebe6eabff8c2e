"""For how long the money of a reservation is certain: a hint before that ends, and after (behaviour.md H-6, J-2)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from paygate.journal.models import Entry
from paygate.journal.states import EntryState

SOON: Final = timedelta(days=2)


class Guarantee(StrEnum):
    """What is to be said of it."""

    ENDS_SOON = "ends soon"
    OVER = "over"


def guarantee_of(entry: Entry, *, now: datetime) -> Guarantee | None:
    """None while there is time left, and where nothing is left to be booked."""
    if entry.state != EntryState.AUTHORIZED or entry.booked_minor or entry.guaranteed_until is None:
        return None
    if now >= entry.guaranteed_until:
        return Guarantee.OVER
    return Guarantee.ENDS_SOON if now >= entry.guaranteed_until - SOON else None
