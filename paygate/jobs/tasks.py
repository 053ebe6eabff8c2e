"""Periodic duties of the jobs themselves."""

from paygate.clock import now
from paygate.jobs.engine import engine
from paygate.jobs.interface import every
from paygate.jobs.sweep import sweep


@every(minutes=1, name="jobs.sweep")
def sweep_rooms() -> None:
    """Find due rows that no job stands for."""
    sweep()


@every(minutes=60, name="jobs.purge")
def purge_done() -> None:
    """Delete what was done long ago."""
    engine().purge(now())
