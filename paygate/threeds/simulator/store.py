"""What the pretend issuer remembers: a file of its own, shared by the processes, never the product's database.

Card numbers are kept masked. Authentication values are not kept at all: each follows from its transaction's id.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS threeds_challenge (
        server_trans_id TEXT PRIMARY KEY,
        acs_trans_id TEXT NOT NULL UNIQUE,
        ds_trans_id TEXT NOT NULL,
        version TEXT NOT NULL,
        card TEXT NOT NULL,
        scenario TEXT NOT NULL,
        merchant_name TEXT NOT NULL,
        amount_minor INTEGER NOT NULL,
        currency TEXT NOT NULL,
        notification_url TEXT NOT NULL,
        language TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT '',
        cancel TEXT NOT NULL DEFAULT '',
        visible INTEGER NOT NULL DEFAULT 0,
        malformed INTEGER NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE IF NOT EXISTS threeds_fault (
        id INTEGER PRIMARY KEY,
        op TEXT NOT NULL,
        mode TEXT NOT NULL,
        delay_seconds INTEGER NOT NULL,
        remaining INTEGER NOT NULL,
        amount_ending TEXT NOT NULL
    )""",
)


@dataclass(frozen=True, slots=True)
class Challenge:
    """One payer asked by the pretend issuer."""

    server_trans_id: str
    acs_trans_id: str
    ds_trans_id: str
    version: str
    card: str  # masked
    scenario: str
    merchant_name: str
    amount_minor: int
    currency: str
    notification_url: str
    language: str
    status: str = ""  # transStatus of the result; empty while the payer has pressed nothing
    cancel: str = ""  # challengeCancel
    visible: bool = False  # may the status query see the result?
    malformed: bool = False  # the result is broken on purpose


@contextmanager
def connected() -> Iterator[sqlite3.Connection]:
    """The ledger, in one writing transaction."""
    path = Path(settings.PAYGATE_SIMULATOR_LEDGER)
    path.parent.mkdir(parents=True, exist_ok=True)
    ledger = sqlite3.connect(path, timeout=10, isolation_level=None)
    try:
        ledger.row_factory = sqlite3.Row
        ledger.execute("PRAGMA journal_mode=WAL")
        ledger.execute("BEGIN IMMEDIATE")
        for statement in SCHEMA:
            ledger.execute(statement)
        try:
            yield ledger
        except BaseException:
            ledger.execute("ROLLBACK")
            raise
        ledger.execute("COMMIT")
    finally:
        ledger.close()


def remember(challenge: Challenge) -> None:
    """A payer is about to be asked."""
    with connected() as ledger:
        ledger.execute(
            "INSERT INTO threeds_challenge (server_trans_id, acs_trans_id, ds_trans_id, version, card, scenario,"
            " merchant_name, amount_minor, currency, notification_url, language)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                challenge.server_trans_id,
                challenge.acs_trans_id,
                challenge.ds_trans_id,
                challenge.version,
                challenge.card,
                challenge.scenario,
                challenge.merchant_name,
                challenge.amount_minor,
                challenge.currency,
                challenge.notification_url,
                challenge.language,
            ),
        )


def recall(*, acs_trans_id: str = "", server_trans_id: str = "") -> Challenge | None:
    """The challenge with one of its ids."""
    with connected() as ledger:
        row = ledger.execute(
            "SELECT * FROM threeds_challenge WHERE acs_trans_id = ? OR server_trans_id = ?",
            (acs_trans_id.lower(), server_trans_id.lower()),
        ).fetchone()
    if row is None:
        return None
    facts = dict(row)
    return Challenge(**facts | {"visible": bool(facts["visible"]), "malformed": bool(facts["malformed"])})


def decide(acs_trans_id: str, *, status: str, cancel: str, malformed: bool) -> bool:
    """Write the payer's choice down, once. Was this the first?"""
    with connected() as ledger:
        changed = ledger.execute(
            "UPDATE threeds_challenge SET status = ?, cancel = ?, malformed = ? WHERE acs_trans_id = ? AND status = ''",
            (status, cancel, malformed, acs_trans_id),
        )
        return changed.rowcount == 1


def reveal(acs_trans_id: str) -> None:
    """From now on the status query sees the result."""
    with connected() as ledger:
        ledger.execute("UPDATE threeds_challenge SET visible = 1 WHERE acs_trans_id = ?", (acs_trans_id,))


def reset() -> None:
    """Forget everything."""
    with connected() as ledger:
        ledger.execute("DELETE FROM threeds_challenge")
        ledger.execute("DELETE FROM threeds_fault")
