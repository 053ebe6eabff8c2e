"""Delays, drops, late, double and broken messages on request (safety.md TE-1).

Faults are kept in the ledger's file, so that a test can ask for one in another process. They are used up in the order
in which they were asked for.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from paygate.simulation.ledger_file import connected

_SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS fault (
        id INTEGER PRIMARY KEY,
        op TEXT NOT NULL,
        mode TEXT NOT NULL,
        count INTEGER NOT NULL,
        delay_s REAL NOT NULL,
        match TEXT NOT NULL
    )
    """,
)

Facts = Mapping[str, object]  # of a message: "op", and what a fault can match

LONGEST_DELAY: Final = 24 * 60 * 60  # seconds
MOST: Final = 1_000_000  # messages of one fault


class Mode(StrEnum):
    """What goes wrong."""

    REFUSE_CONNECT = "refuse_connect"  # nothing arrives
    DROP_BEFORE_READ = (
        "drop_before_read"  # the connection breaks before the other side reads; we cannot know that
    )
    DROP_AFTER_COMMIT = "drop_after_commit"  # done there, and the answer is lost
    DELAY = "delay"  # the message arrives `delay_s` later; past the read limit nobody waits for its answer any more
    SLOW_DRIP = "slow_drip"  # the answer trickles for `delay_s`; past the limit it is too late
    LATE_REPLY = "late_reply"  # done there, and the answer always comes too late
    DUPLICATE_REPLY = "duplicate_reply"  # the same answer twice
    DUPLICATE_CONFLICTING = "duplicate_conflicting"  # two answers that differ
    MALFORMED = "malformed"
    TRUNCATED = "truncated"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_CURRENCY = "wrong_currency"
    WRONG_REFERENCE = "wrong_reference"
    UNKNOWN_CODE = "unknown_code"
    HTTP_500 = "http_500"  # done there, and the answer is an error page
    HTML_502 = "html_502"
    PARTIAL_AMOUNT = "partial_amount"  # less is done than was asked, whether or not that was allowed
    SHIFT_REFUSED = "shift_refused"  # the merchant is left liable
    SOFT_DECLINE = "soft_decline"  # sent back for authentication


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, about to happen."""

    mode: Mode
    delay_s: float


def plan(op: str, mode: Mode, *, count: int = 1, delay_s: float = 0, match: Facts | None = None) -> None:
    """Let the next `count` messages of this kind go wrong, or only those that match.

    `match` holds facts that must be equal; `amount_ending` are the last digits of the minor units. Raises `ValueError`
    for a count or a delay that makes no sense.
    """
    if not 1 <= count <= MOST:
        raise ValueError(f"count must be a whole number from 1 to {MOST}")
    if not 0 <= delay_s <= LONGEST_DELAY:
        raise ValueError(f"delay_s must be a number of seconds from 0 to {LONGEST_DELAY}")
    with connected(_SCHEMA) as connection:
        connection.execute(
            "INSERT INTO fault (op, mode, count, delay_s, match) VALUES (?, ?, ?, ?, ?)",
            (op, mode, count, delay_s, json.dumps(dict(match or {}))),
        )


def take(facts: Facts, *, connecting: bool | None = None) -> Fault | None:
    """The fault that happens to this message, used up by asking.

    Where making the connection is a step of its own (over HTTP), it is asked for once `connecting`, and once without:
    a refused connection happens to the first only, everything else to the second.
    """
    if not facts.get("op"):
        return None
    with connected(_SCHEMA) as connection:
        rows = connection.execute(
            "SELECT id, mode, delay_s, match FROM fault WHERE op = ? AND count > 0 ORDER BY id",
            (facts["op"],),
        )
        for fault_id, mode, delay_s, match in rows.fetchall():
            if _matches(json.loads(match), facts):
                if connecting not in (None, mode == Mode.REFUSE_CONNECT):
                    return None
                connection.execute("UPDATE fault SET count = count - 1 WHERE id = ?", (fault_id,))
                return Fault(Mode(mode), delay_s)
    return None


def forget(ops: Iterable[str]) -> None:
    """Nothing goes wrong with these any more."""
    with connected(_SCHEMA) as connection:
        connection.executemany("DELETE FROM fault WHERE op = ?", [(op,) for op in ops])


def _matches(wanted: dict[str, object], facts: Facts) -> bool:
    ending = str(wanted.pop("amount_ending", ""))
    return str(facts.get("amount", "")).endswith(ending) and all(
        facts.get(key) == value for key, value in wanted.items()
    )
