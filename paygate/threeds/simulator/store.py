"""What the pretend issuer remembers: a file of its own, shared by the processes, never the product's database.

Card numbers are kept masked. Authentication values are not kept at all: each follows from its transaction's id.
"""

from dataclasses import asdict, dataclass
from typing import Final

from paygate.simulation.ledger_file import connected
from paygate.threeds.simulator import faults

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS challenge (
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
        result_url TEXT NOT NULL,
        language TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT '',
        cancel TEXT NOT NULL DEFAULT '',
        visible INTEGER NOT NULL DEFAULT 0,
        malformed INTEGER NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE IF NOT EXISTS asked (
        server_trans_id TEXT PRIMARY KEY,
        acs_trans_id TEXT NOT NULL,
        ds_trans_id TEXT NOT NULL,
        version TEXT NOT NULL,
        card TEXT NOT NULL,
        status TEXT NOT NULL,
        recurring INTEGER NOT NULL
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
    currency: str  # empty: nothing is bought
    notification_url: str
    result_url: str  # where the result is sent to, server to server
    language: str
    status: str = ""  # transStatus of the result; empty while the payer has pressed nothing
    cancel: str = ""  # challengeCancel
    visible: bool = False  # may the status query see the result?
    malformed: bool = False  # the result is broken on purpose


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the pretend issuer, and its first answer."""

    server_trans_id: str
    acs_trans_id: str
    ds_trans_id: str
    version: str
    card: str  # masked
    status: str  # transStatus of the ARes
    recurring: bool  # the first of a series


def note(asked: Asked) -> None:
    """A question is answered."""
    with connected(SCHEMA) as ledger:
        ledger.execute(
            "INSERT OR REPLACE INTO asked VALUES (:server_trans_id, :acs_trans_id, :ds_trans_id, :version, :card,"
            " :status, :recurring)",
            asdict(asked) | {"server_trans_id": asked.server_trans_id.lower()},
        )


def noted(server_trans_id: str) -> Asked | None:
    """The question with this id."""
    with connected(SCHEMA) as ledger:
        row = ledger.execute(
            "SELECT * FROM asked WHERE server_trans_id = ?", (server_trans_id.lower(),)
        ).fetchone()
    if row is None:
        return None
    server, acs, ds, version, card, status, recurring = row
    return Asked(server, acs, ds, version, card, status, bool(recurring))


def remember(challenge: Challenge) -> None:
    """A payer is about to be asked."""
    with connected(SCHEMA) as ledger:
        ledger.execute(
            "INSERT INTO challenge VALUES (:server_trans_id, :acs_trans_id, :ds_trans_id, :version, :card, :scenario,"
            " :merchant_name, :amount_minor, :currency, :notification_url, :result_url, :language, :status, :cancel,"
            " :visible, :malformed)",
            asdict(challenge),
        )


def recall(*, acs_trans_id: str = "", server_trans_id: str = "") -> Challenge | None:
    """The challenge with one of its ids."""
    with connected(SCHEMA) as ledger:
        found = ledger.execute(
            "SELECT * FROM challenge WHERE acs_trans_id = ? OR server_trans_id = ?",
            (acs_trans_id.lower(), server_trans_id.lower()),
        )
        names, row = [column[0] for column in found.description], found.fetchone()
    if row is None:
        return None
    facts = dict(zip(names, row, strict=True))
    return Challenge(**facts | {"visible": bool(facts["visible"]), "malformed": bool(facts["malformed"])})


def decide(acs_trans_id: str, *, status: str, cancel: str, malformed: bool) -> bool:
    """Write the payer's choice down, once. Was this the first?"""
    with connected(SCHEMA) as ledger:
        changed = ledger.execute(
            "UPDATE challenge SET status = ?, cancel = ?, malformed = ? WHERE acs_trans_id = ? AND status = ''",
            (status, cancel, malformed, acs_trans_id),
        )
        return changed.rowcount == 1


def reveal(acs_trans_id: str) -> None:
    """From now on the status query sees the result."""
    with connected(SCHEMA) as ledger:
        ledger.execute("UPDATE challenge SET visible = 1 WHERE acs_trans_id = ?", (acs_trans_id,))


def reset() -> None:
    """Forget everything."""
    with connected(SCHEMA) as ledger:
        ledger.execute("DELETE FROM challenge")
    faults.forget()
