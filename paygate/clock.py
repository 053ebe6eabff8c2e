"""What time it is: one clock for all processes (safety.md TM-1).

The database tells the time, so that two machines never disagree about a deadline. Entrances and jobs ask here and
pass the answer down as an argument.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Final

from django.conf import settings
from django.db import connection

# The database's time is read again after so long; in between the process counts on by its own even clock, which in
# seconds strays by microseconds.
TRUSTED_SECONDS: Final = 5.0

_set_back: ContextVar[timedelta] = ContextVar("set_back", default=timedelta())

_read: tuple[datetime, float] | None = None  # what the database said, and when that was by our own clock


def offset() -> timedelta:
    """The test offset of safety.md TE-3: seconds, or `@FILE` holding them; within `as_of` also how far that is."""
    spelled: str = settings.PAYGATE_CLOCK_OFFSET
    if spelled.startswith("@"):
        spelled = Path(spelled[1:]).read_text().strip()
    return timedelta(seconds=int(spelled or "0")) + _set_back.get()


@contextmanager
def as_of(moment: datetime) -> Iterator[datetime]:
    """Let it be this moment, for this thread alone, the built-in simulator included: for the demo's past."""
    token = _set_back.set(moment - now() + _set_back.get())
    try:
        yield moment
    finally:
        _set_back.reset(token)


def now() -> datetime:
    """The moment, in UTC. SQLite lives in this process, so there the host's clock is the database's."""
    if connection.vendor == "postgresql":
        return _database_time() + offset()
    return datetime.now(UTC) + offset()


def _database_time() -> datetime:
    global _read
    read = _read
    if read is None or monotonic() - read[1] > TRUSTED_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            moment: datetime = cursor.fetchone()[0]
        _read = read = (moment.astimezone(UTC), monotonic())
    return read[0] + timedelta(seconds=monotonic() - read[1])
