"""Which jobs there are: the tasks and periodic functions of every room, by name."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


class TryAgainAt(Exception):
    """A job asks to be run again at `when`. Not an error: nothing is logged, and earlier defects are forgotten."""

    def __init__(self, when: datetime) -> None:
        super().__init__(when)
        self.when = when


@dataclass(frozen=True, slots=True)
class Periodic:
    """A function that runs once in each slot of `minutes` minutes; slots are counted from midnight UTC."""

    name: str
    minutes: int
    function: Callable[[], None]

    def __post_init__(self) -> None:
        fits = (
            60 % self.minutes == 0
            if self.minutes < 60
            else self.minutes % 60 == 0 and 1440 % self.minutes == 0
        )
        assert fits, f"{self.name}: the hours of a day are not made of slots of {self.minutes} minutes"

    def slot(self, now: datetime) -> datetime:
        """The beginning of the slot that `now` is in."""
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        width = timedelta(minutes=self.minutes)
        return midnight + (now - midnight) // width * width

    @property
    def cron(self) -> str:
        """The same slots as a cron line."""
        if self.minutes < 60:
            return f"*/{self.minutes} * * * *"
        return f"0 */{self.minutes // 60} * * *" if self.minutes < 1440 else "0 0 * * *"


TASKS: dict[str, Callable[..., None]] = {}
PERIODIC: dict[str, Periodic] = {}


def claim_name(name: str) -> None:
    """Each name means one job, in every process. A second use of it is a defect."""
    assert name not in TASKS | PERIODIC, f"two jobs are named {name}"


def spelled(kwargs: Mapping[str, Any]) -> str:
    """The arguments as one text, equal for equal arguments. Raises `TypeError` for what JSON cannot carry."""
    return json.dumps(kwargs, sort_keys=True, separators=(",", ":"))
