"""What the pretend acquirer believes happened: the judge of our own books.

A file of its own, never the product's database, so that it survives whatever happens there. Several processes share
it: each change is one immediate transaction. Card numbers are not kept.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Final

from paygate.acquiring.connector import Operation
from paygate.simulation import faults, ledger_file

_SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS operation (
        request_id TEXT PRIMARY KEY,
        reference TEXT NOT NULL UNIQUE,
        terminal TEXT NOT NULL,
        original TEXT NOT NULL,
        record TEXT NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS operation_original ON operation (original)",
    "CREATE INDEX IF NOT EXISTS operation_terminal ON operation (terminal)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One operation as the acquirer knows it, under our request id."""

    request_id: str
    op: str  # an `Operation`
    terminal: str
    amount: int  # minor units asked for
    currency: str
    reference: str  # the acquirer's own
    code: str  # "00", "ELSEWHERE", or why not
    at: str  # ISO 8601, UTC
    original: str = ""  # the request id of what it is about
    approved: int = 0  # minor units
    approval_code: str = ""
    shift_refused: bool = False
    method: str = ""
    return_url: str = ""
    final: bool = False  # a capture after which no other is taken, or a reservation whose rest was released
    initial: bool = False  # the first of a series: its card may be charged again
    keeps: bool = False  # an approval brings a token, as it does where a wallet is registered
    token: str = ""  # with which the wallet can be charged again
    token_until: str = ""  # ISO 8601
    token_of: str = ""  # the merchant's number at the acquirer: nobody else's token is taken
    undone: str = ""  # CANCEL or REVERSAL, once that happened
    batch: int = 0  # the batch that took it; for a BATCH its own number
    content_hash: str = ""  # of a BATCH, like the next two
    line_count: int = 0
    totals: dict[str, int] = field(default_factory=dict)  # currency -> minor units
    count: int = 1  # how often it was asked under this request id

    @property
    def stands(self) -> bool:
        """Was it done, and is it still?"""
        return self.code == "00" and not self.undone

    @property
    def is_open(self) -> bool:
        """Has the payer still to choose?"""
        return self.code == "ELSEWHERE" and not self.undone


class Ledger:
    """The open book, within one change."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, request_id: str) -> Record | None:
        """The operation under this request id."""
        return next(self._read("SELECT record FROM operation WHERE request_id = ?", request_id), None)

    def by_reference(self, reference: str) -> Record | None:
        """The operation under the acquirer's own reference."""
        return next(self._read("SELECT record FROM operation WHERE reference = ?", reference), None)

    def of_token(self, token: str) -> Record | None:
        """The operation in which a wallet's payer agreed to this token."""
        query = "SELECT record FROM operation WHERE json_extract(record, '$.token') = ?"
        return next(self._read(query, token), None)

    def about(self, request_id: str, op: str) -> list[Record]:
        """The standing operations of a kind that name this one as their original."""
        rows = self._read("SELECT record FROM operation WHERE original = ? ORDER BY rowid", request_id)
        return [row for row in rows if row.op == op and row.stands]

    def of_terminal(self, terminal: str) -> Iterator[Record]:
        """Everything one terminal did, oldest first."""
        return self._read("SELECT record FROM operation WHERE terminal = ? ORDER BY rowid", terminal)

    def everything(self) -> Iterator[Record]:
        """The whole book, oldest first."""
        return self._read("SELECT record FROM operation ORDER BY rowid")

    def write(self, record: Record) -> Record:
        """Write an operation, or what became of it."""
        self._connection.execute(
            "INSERT INTO operation (request_id, reference, terminal, original, record) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (request_id) DO UPDATE SET record = excluded.record",
            (
                record.request_id,
                record.reference,
                record.terminal,
                record.original,
                json.dumps(asdict(record)),
            ),
        )
        return record

    def _read(self, query: str, *values: str) -> Iterator[Record]:
        for (record,) in self._connection.execute(query, values).fetchall():
            yield Record(**json.loads(record))


def connected() -> AbstractContextManager[sqlite3.Connection]:
    """The ledger's file, within one immediate transaction: all of it is written at the end, or nothing."""
    return ledger_file.connected(_SCHEMA)


@contextmanager
def opened() -> Iterator[Ledger]:
    """The ledger, to read and write in one change."""
    with connected() as connection:
        yield Ledger(connection)


def listed() -> list[dict[str, object]]:
    """Every operation by own reference with its count, as plain values (safety.md TE-1)."""
    with opened() as ledger:
        return [asdict(row) for row in ledger.everything()]


def reset() -> None:
    """Forget every operation and every fault."""
    with connected() as connection:
        connection.execute("DELETE FROM operation")
    faults.forget(Operation)
