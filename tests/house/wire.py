"""What really goes to the database, as it stands on the wire: for tests that count.

Django's own list of queries leaves out what the connection says by itself. Here PostgreSQL's client library writes
down each message it sends, and SQLite each statement it runs.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.db import connection
from psycopg.pq import Trace

# Frames around statements. They are counted apart, as commits.
FRAME: Final = re.compile(r"BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|START TRANSACTION", re.IGNORECASE)
WRITES: Final = re.compile(r"INSERT|UPDATE|DELETE", re.IGNORECASE)
SAVEPOINT: Final = re.compile(r"SAVEPOINT", re.IGNORECASE)
BEGIN: Final = re.compile(r"BEGIN|START TRANSACTION", re.IGNORECASE)
COMMIT: Final = re.compile(r"COMMIT|ROLLBACK(?! TO)", re.IGNORECASE)

# The library escapes no quotes, so a message ends where the next one begins.
_MESSAGE: Final = re.compile(r"^F\t\d+\t(\w+)\t (.*?)(?=\n[FB]\t|\n?\Z)", re.DOTALL | re.MULTILINE)


@dataclass(repr=False)
class Traffic:
    """What was sent while somebody listened."""

    sent: list[str] = field(default_factory=list)

    @property
    def statements(self) -> list[str]:
        """All but the frames of transactions and savepoints."""
        return [line for line in self.sent if not FRAME.match(line)]

    @property
    def savepoints(self) -> int:
        """How many steps back were prepared inside transactions."""
        return sum(bool(SAVEPOINT.match(line)) for line in self.sent)

    @property
    def commits(self) -> int:
        """Transactions that ended, and writes outside of one, which are transactions of their own."""
        count, inside = 0, False
        for line in self.sent:
            if BEGIN.match(line):
                inside = True
            elif COMMIT.match(line):
                count, inside = count + 1, False
            elif not inside and WRITES.match(line):
                count += 1
        return count

    def __repr__(self) -> str:
        lines = [f"{len(self.statements)} statements, {self.commits} commits, {self.savepoints} savepoints:"]
        return "\n".join(lines + [" ".join(line.split())[:200] for line in self.sent])


@contextmanager
def listening(folder: Path) -> Iterator[Traffic]:
    """Write down what this thread's connection sends; it is complete when the block ends."""
    traffic = Traffic()
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        with (folder / "wire").open("w+") as written:
            prepared = dict(
                connection.connection.execute("SELECT name, statement FROM pg_prepared_statements").fetchall()
            )
            client = connection.connection.pgconn
            client.trace(written.fileno())
            client.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
            try:
                yield traffic
            finally:
                client.untrace()
            written.seek(0)
            traffic.sent += _read(written.read(), prepared)
    else:
        connection.connection.set_trace_callback(traffic.sent.append)
        try:
            yield traffic
        finally:
            connection.connection.set_trace_callback(None)
            traffic.sent[:] = _without_echoes(traffic.sent)


def _without_echoes(sent: list[str]) -> list[str]:
    """SQLite names a statement again for each trigger that it sets off; no two of our writes are the same."""
    pairs = zip(["", *sent], sent, strict=False)
    return [line for before, line in pairs if not (line == before and WRITES.match(line))]


def _read(written: str, prepared: dict[str, str]) -> Iterator[str]:
    """The statements of a trace; one that was prepared, then or earlier, is counted each time it is run."""
    for kind, body in _MESSAGE.findall(written):
        match kind:
            case "Query":
                yield body.strip('"')
            case "Parse":
                name, text = body[1:].split('" "', 1)
                prepared[name] = text.rpartition('" ')[0]
            case "Bind":
                name = body[1:].split('" "', 1)[1].partition('"')[0]
                yield prepared[name]
