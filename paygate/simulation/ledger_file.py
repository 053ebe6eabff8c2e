"""The file that the simulators write to, shared by processes and threads; never the product's database.

Each thread keeps one connection open, so that a change costs no more than itself. A changed path, a file that was
replaced and a forked process each get a new one.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from django.conf import settings

WAIT_SECONDS: Final = 30  # for another process to finish its change
IN_MEMORY: Final = ":memory:"  # one book for all threads of this process, gone with it

Schema = tuple[str, ...]  # statements that may run again


class _Book:
    """An open connection to one file."""

    def __init__(self, path: str) -> None:
        if path != IN_MEMORY:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite3.connect(
            path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        _switch_to_wal(self.connection)
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.file = _identity(path)
        self.process = os.getpid()
        self.schemas: set[Schema] = set()

    def is_at(self, path: str) -> bool:
        """Is this still the file at `path`, and ours?"""
        return self.process == os.getpid() and self.file == _identity(path)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait for others here, where several open a new file at once: so we do."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)


class _Shelf(threading.local):
    """The book that a thread has open."""

    book: _Book | None = None


_own_shelf = _Shelf()
_memory: list[_Book] = []  # the one of this process, once there is one
_memory_lock = threading.RLock()
_inherited: list[_Book] = []  # from before a fork: not ours to use, nor to close


@contextmanager
def connected(schema: Schema) -> Iterator[sqlite3.Connection]:
    """The ledger within one immediate transaction: all of it is written at the end, or nothing."""
    path = str(settings.PAYGATE_SIMULATOR_LEDGER)
    with _memory_lock if path == IN_MEMORY else nullcontext():
        book = _in_memory() if path == IN_MEMORY else _in_file(path)
        book.connection.execute("BEGIN IMMEDIATE")
        try:
            if schema not in book.schemas:
                for statement in schema:
                    book.connection.execute(statement)
            yield book.connection
        except BaseException:
            book.connection.execute("ROLLBACK")
            raise
        book.connection.execute("COMMIT")
        book.schemas.add(schema)


def _in_file(path: str) -> _Book:
    book = _own_shelf.book
    if book is None or not book.is_at(path):
        _put_away(book)
        _own_shelf.book = book = _Book(path)
    return book


def _in_memory() -> _Book:
    if not _memory or not _memory[0].is_at(IN_MEMORY):
        _inherited.extend(_memory)
        _memory[:] = [_Book(IN_MEMORY)]
    return _memory[0]


def _put_away(book: _Book | None) -> None:
    if book is None:
        return
    if book.process == os.getpid():
        book.connection.close()
    else:
        _inherited.append(book)


def _identity(path: str) -> tuple[str, int, int]:
    """The path with the file it leads to now."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return path, 0, 0
    return path, found.st_dev, found.st_ino
