"""The PostgreSQL that everything is measured on: durable, of its own, and open to be looked at."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from bench import processes
from tests import postgres


@dataclass(frozen=True, slots=True)
class Database:
    """A running cluster."""

    url: str
    superuser_url: str
    log: Path
    process: int
    programs: Path

    @property
    def cpu_seconds(self) -> float:
        """Of all its processes so far."""
        return processes.cpu_seconds(self.process)

    def as_superuser(self, statement: str) -> list[tuple[Any, ...]]:
        """What nobody else may ask: row-level security hides nothing here."""
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return list(cursor.fetchall()) if cursor.description else []

    def number_keys(self, first: int, each: int) -> None:
        """Let each table's keys begin at a number of their own, unlike every other number in a statement."""
        for place, (name,) in enumerate(
            self.as_superuser("SELECT sequencename FROM pg_sequences ORDER BY 1")
        ):
            self.as_superuser(f'ALTER SEQUENCE "{name}" RESTART WITH {first + place * each}')

    def another(self, name: str) -> str:
        """The address of an empty database beside the one that is measured."""
        self.as_superuser(f"CREATE DATABASE {name} OWNER {postgres.ROLE}")
        return self.url.rpartition("/")[0] + f"/{name}"

    def copied(self, name: str) -> "Database":
        """A copy of the database that is measured, as it is now. Nobody may be connected to it."""
        with psycopg.connect(
            self.superuser_url.rpartition("/")[0] + "/postgres", autocommit=True
        ) as connection:
            connection.execute(
                f"CREATE DATABASE {name} TEMPLATE {postgres.ROLE} OWNER {postgres.ROLE}".encode()
            )
        url, superuser_url = (one.rpartition("/")[0] + f"/{name}" for one in (self.url, self.superuser_url))
        return replace(self, url=url, superuser_url=superuser_url)

    def last_keys(self) -> dict[str, int]:
        """The last key that each table's sequence gave."""
        rows = self.as_superuser("SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences")
        return {name.removesuffix("_id_seq"): last for name, last in rows}


@contextmanager
def running() -> Iterator[Database]:
    """A new cluster, gone with the block."""
    cluster = postgres.start(durable=True)
    try:
        pid = int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])
        superuser = cluster.superuser_url.rpartition("/")[0] + f"/{postgres.ROLE}"
        yield Database(cluster.url, superuser, cluster.folder / "server.log", pid, postgres.programs())
    finally:
        os.environ.pop("DATABASE_URL", None)
        postgres.stop()
