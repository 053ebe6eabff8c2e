"""How the database plans a statement."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def planned_for_its_values() -> Iterator[None]:
    """Statements in this block are planned for the values they are run with, and not kept prepared.

    A prepared statement has one plan for all values. That saves time where every value is like another one. It costs a
    thousand times more where one merchant has three rows and another one a million. SQLite plans without values.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    client = connection.connection
    kept, client.prepare_threshold = client.prepare_threshold, None
    try:
        yield
    finally:
        client.prepare_threshold = kept
