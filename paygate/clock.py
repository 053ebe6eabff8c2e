"""What time it is: one clock for all processes (safety.md TM-1).

The database tells the time, so that two machines never disagree about a deadline. Entrances and jobs ask here and
pass the answer down as an argument.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection


def offset() -> timedelta:
    """The test offset of safety.md TE-3: seconds, or `@FILE` holding them."""
    spelled: str = settings.PAYGATE_CLOCK_OFFSET
    if spelled.startswith("@"):
        spelled = Path(spelled[1:]).read_text().strip()
    return timedelta(seconds=int(spelled or "0"))


def now() -> datetime:
    """The moment, in UTC. SQLite lives in this process, so there the host's clock is the database's."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            moment: datetime = cursor.fetchone()[0]
        return moment.astimezone(UTC) + offset()
    return datetime.now(UTC) + offset()
