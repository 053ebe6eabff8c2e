"""What the demo's past holds since its payments, in the order of time, each evening with the timer's batch close."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from paygate import clock
from paygate.journal.batch_close import close_due
from paygate.journal.periods import last_closing_time
from paygate.merchants.models import Terminal

LONGEST_DAY: Final = timedelta(hours=25)  # between two closings, when the clocks are set back


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was done at that moment; it is told the moment as `now`."""

    at: datetime
    do: Callable[..., object]

    @property
    def evening(self) -> datetime:
        """When the timer closes what is booked here."""
        return last_closing_time(self.at + LONGEST_DAY)


def live_through(past: Iterable[Happening], *, now: datetime) -> None:
    """All of it, as it would stand in the books of a merchant whose timer ran each evening; today's is not over."""
    in_order = sorted(past, key=lambda happening: happening.at)
    for evening, day in groupby(in_order, key=lambda happening: happening.evening):
        for happening in day:
            with clock.as_of(happening.at) as moment:
                _timer(moment)  # a batch that stayed empty belongs to this day
                happening.do(now=moment)
        if evening < now:
            with clock.as_of(evening + timedelta(minutes=1)) as moment:
                _timer(moment)


def _timer(moment: datetime) -> None:
    for terminal in Terminal.objects.filter(automatic_closing=True):
        close_due(terminal, now=moment)
