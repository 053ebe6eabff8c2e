"""Periodic duties: chain what was written, mark each day's end of the chain, remove what was kept for 36 months."""

from paygate import clock
from paygate.audit.chain import chain_all, check_points
from paygate.audit.purge import purge
from paygate.jobs.interface import every


@every(minutes=1, name="audit.chain")
def chain_lines() -> None:
    """Every minute."""
    chain_all()


@every(minutes=1440, name="audit.checkpoints")
def mark_and_purge() -> None:
    """Once a day. The mark comes first: lines are removed up to a mark only."""
    now = clock.now()
    check_points(now=now)
    purge(now=now)
