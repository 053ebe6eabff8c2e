"""The job that forgets old counters."""

from paygate import clock
from paygate.jobs.interface import every
from paygate.limits import count


@every(minutes=10, name="limits.forget")
def forget() -> None:
    """Remove what is over."""
    count.forget(now=clock.now())
