"""How many processes and threads answer the web, and how many database connections these share."""

import os
from typing import Any, Final

from django.conf import settings

# Most threads wait for an acquirer or a bank and must not keep the others waiting. On PostgreSQL they hold no
# connection meanwhile (outbound.leave_database); on SQLite more of them would only wait for each other's writing.
THREADS_ON_POSTGRESQL: Final = 128
THREADS_ON_SQLITE: Final = 16
# Of all workers together; jobs, backups and people have the rest of the 100 that PostgreSQL takes.
CONNECTIONS: Final = 64
LONGEST_WAIT: Final = 5.0  # seconds, for a connection: then the database counts as away


def count() -> int:
    """Of worker processes: as many as cores on PostgreSQL, one on SQLite."""
    return (os.cpu_count() or 1) if settings.ON_POSTGRESQL else 1


def threads() -> int:
    """Of each worker process."""
    return THREADS_ON_POSTGRESQL if settings.ON_POSTGRESQL else THREADS_ON_SQLITE


def share_connections() -> None:
    """Let the threads of this worker process share connections. On SQLite each thread opens the file for itself."""
    if settings.ON_POSTGRESQL:
        settings.DATABASES["default"].update(
            shared(settings.DATABASES["default"], max(2, CONNECTIONS // count()))
        )


def shared(database: dict[str, Any], most: int) -> dict[str, Any]:
    """These settings of a database, with so many connections for all threads of a process."""
    pool = {"min_size": 1, "max_size": most, "timeout": LONGEST_WAIT, "reconnect_timeout": LONGEST_WAIT}
    return database | {
        "CONN_MAX_AGE": 0,  # each request gives its connection back
        "CONN_HEALTH_CHECKS": False,  # Django would ask each time; our DatabaseWrapper looks for itself
        "OPTIONS": database["OPTIONS"] | {"pool": pool},
    }
