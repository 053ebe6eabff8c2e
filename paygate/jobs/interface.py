"""What rooms know of jobs: `task`, `every`, `TryAgainAt`, and `run_due` for tests and commands.

A job is a row in the transaction of whoever asks for it (safety.md LK-6). It may run more than once, so what it does
is decided by the domain row it is about, never by the job.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Generic, ParamSpec

from paygate.jobs.engine import engine
from paygate.jobs.registry import PERIODIC, TASKS, Json, Periodic, TryAgainAt, claim_name, spelled

__all__ = ["Json", "Task", "TryAgainAt", "every", "run_due", "tally", "task"]

P = ParamSpec("P")


class Task(Generic[P]):
    """A function that can be called now or deferred."""

    def __init__(self, name: str, function: Callable[P, None]) -> None:
        self.name = name
        self.function = function
        self._signature = inspect.signature(function)
        assert not {"at", "unique"} & set(self._signature.parameters), (
            f"{name}: `at` and `unique` belong to defer"
        )

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        self.function(*args, **kwargs)

    def defer(self, *, at: datetime | None = None, unique: str | None = None, **kwargs: Json) -> None:
        """Run this later, with these arguments: not before `at` (now, if None), and not if the transaction fails.

        With `unique`, at most one job of this task waits under that key, and two never run at once; where one waits
        already, it stands for both, with its own time and arguments. Raises `TypeError` for arguments that the
        function doesn't take or JSON can't carry.
        """
        self.defer_all([(unique or "", kwargs)], at=at)

    def defer_all(
        self, jobs: Sequence[tuple[str, Mapping[str, Json]]], *, at: datetime | None = None
    ) -> None:
        """As many jobs in one statement: a key (empty for none) and the arguments of each. As `defer` otherwise."""
        for _, kwargs in jobs:
            self._signature.bind(**kwargs)
            spelled(kwargs)
        engine().defer(self.name, jobs, at=at)


def task(name: str) -> Callable[[Callable[P, None]], Task[P]]:
    """Make a function of keyword JSON values (ids, not objects) a task, known as `name` in every process.

    It runs with no merchant in context. `TryAgainAt` runs it again then; any other exception is a defect, tried again
    with growing pauses, at most 20 times in a row.
    """

    def made(function: Callable[P, None]) -> Task[P]:
        claim_name(name)
        TASKS[name] = function
        return Task(name, function)

    return made


def every(*, minutes: int = 1, name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Run a function once in each slot of so many minutes, however many workers there are.

    A function that fails is not tried again before the next slot.
    """

    def made(function: Callable[[], None]) -> Callable[[], None]:
        claim_name(name)
        PERIODIC[name] = Periodic(name, minutes, function)
        return function

    return made


def run_due(*, limit: int | None = None) -> int:
    """Run all that is due now in this thread, and what that defers, until nothing is due. How many jobs ran.

    Periodic functions are not run. For tests and commands; not to be called inside a transaction.
    """
    return engine().run_due(limit)


def tally() -> Mapping[str, int]:
    """How many jobs wait (QUEUED), run (RUNNING) and were given up (FAILED)."""
    return engine().tally()
