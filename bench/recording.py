"""What a walk really sends to PostgreSQL, read from the server's own log: statements in their order, with values."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from bench.database import Database

_ENTRY: Final = re.compile(r"^~~\d+~~ (\w+):  ", re.MULTILINE)
_STATEMENT: Final = re.compile(r"(?:statement|execute [^:]+): (.*)", re.DOTALL)
_INSERT: Final = re.compile(r'INSERT INTO "(\w+)"')
_PARAMETER: Final = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; values are texts, None for NULL."""

    sql: str
    values: tuple[str | None, ...] = ()

    @property
    def is_frame(self) -> bool:
        """Does it only begin or end a transaction or a savepoint?"""
        return self.sql.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"))


@dataclass(frozen=True, slots=True)
class Walked:
    """One walk: what it sent, and the keys that its rows got, for tables with one INSERT in it."""

    number: int
    statements: list[Statement]
    keys: dict[str, list[int]]


class Recorder:
    """Reads what arrives at a cluster while somebody walks alone."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.number = 0

    def record(self, walk: Callable[[], object]) -> Walked:
        """One walk."""
        before, begin = self.database.last_keys(), self.database.log.stat().st_size
        walk()
        after = self.database.last_keys()
        with self.database.log.open() as file:
            file.seek(begin)
            statements = [one for one in _read(file.read()) if "pg_sequences" not in one.sql]
        inserts = [found.group(1) for one in statements if (found := _INSERT.match(one.sql))]
        keys = {
            table: list(range(before[table] + 1, after[table] + 1))
            for table in after
            if inserts.count(table) == 1 and before.get(table, 0)
        }
        self.number += 1
        return Walked(self.number - 1, statements, keys)

    def record_alike(self, walk: Callable[[], object]) -> tuple[Walked, Walked]:
        """Two walks with the same statements: what differs between them are the values of the one walk."""
        seen: list[Walked] = []
        for _ in range(40):
            walked = self.record(walk)
            for earlier in seen[-10:]:
                if [one.sql for one in earlier.statements] == [one.sql for one in walked.statements]:
                    return earlier, walked
            seen.append(walked)
        raise RuntimeError("no two walks sent the same statements")


@contextmanager
def logged(database: Database) -> Iterator[None]:
    """All statements of connections made within the block are in the server's log."""
    database.as_superuser("ALTER SYSTEM SET log_line_prefix = '~~%p~~ '")
    database.as_superuser("SELECT pg_reload_conf()")
    database.as_superuser("ALTER DATABASE paygate SET log_statement = 'all'")
    try:
        yield
    finally:
        database.as_superuser("ALTER DATABASE paygate SET log_statement = 'none'")


def _read(text: str) -> list[Statement]:
    parts = _ENTRY.split(text)[1:]
    found: list[Statement] = []
    for kind, body in zip(parts[::2], parts[1::2], strict=True):
        body = body.strip().replace("\n\t", "\n")
        if kind == "LOG" and (matched := _STATEMENT.match(body)):
            # A savepoint's name is another one each time.
            found.append(Statement(re.sub(r'(SAVEPOINT) "\w+"', r"\1 here", matched.group(1))))
        elif kind == "DETAIL" and found and body.lower().startswith("parameters:"):
            values = {int(number): _value(spelled) for number, spelled in _PARAMETER.findall(body)}
            found[-1] = Statement(found[-1].sql, tuple(values[number] for number in sorted(values)))
    return found


def _value(spelled: str) -> str | None:
    return None if spelled == "NULL" else spelled[1:-1].replace("''", "'")
