"""What a job engine can do, and which one this installation has."""

from collections.abc import Mapping
from datetime import datetime
from threading import Event
from typing import Any, Protocol

from django.db import connection

from paygate.jobs import embedded


class Engine(Protocol):
    """Two modules satisfy it: embedded.py and distributed.py."""

    def defer(self, name: str, kwargs: Mapping[str, Any], *, at: datetime | None, unique: str) -> None:
        """Write a job in the caller's transaction; an empty `unique` is none."""

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
