"""What a job engine can do, and which one this installation has."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Event
from typing import Any, Protocol

from django.db import connection

from paygate.jobs import embedded

Jobs = Sequence[tuple[str, Mapping[str, Any]]]  # the unique key and the arguments of each


class Engine(Protocol):
    """Two modules satisfy it: embedded.py and distributed.py."""

    def defer(self, name: str, jobs: Jobs, *, at: datetime | None) -> None:
        """Write jobs of one task in the caller's transaction; an empty key is none."""

    def standing(self, name: str) -> set[str]:
        """The arguments, spelled, of the jobs of a task that wait or run."""

    def run_due(self, limit: int | None) -> int:
        """Run what is due, periodic functions excluded, in this thread. How many ran."""

    def work(self, stop: Event) -> None:
        """Run jobs and periodic functions until `stop` is set."""

    def purge(self, now: datetime) -> None:
        """Delete the rows of jobs done long ago."""

    def tally(self) -> Mapping[str, int]:
        """How many jobs wait (QUEUED), run (RUNNING) and were given up (FAILED), periodic ones excluded."""


def engine() -> Engine:
    """The engine that fits the database."""
    if connection.vendor == "postgresql":
        # Only here: its library's app is installed on PostgreSQL alone.
        from paygate.jobs import distributed

        return distributed
    return embedded
