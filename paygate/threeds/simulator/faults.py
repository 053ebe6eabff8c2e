"""Faults on request: late, lost and broken messages of the pretend 3-D Secure side (safety.md TE-1)."""

from dataclasses import dataclass
from enum import StrEnum

from paygate.threeds.simulator.store import connected


class Op(StrEnum):
    """The message that suffers."""

    ARES = "ARES"  # the issuer's answer to our question
    RREQ = "RREQ"  # the result, server to server
    CRES = "CRES"  # the browser's way back
    METHOD = "METHOD"  # the look at the browser


class Mode(StrEnum):
    """What befalls it."""

    DELAY = "delay"
    DROP = "drop"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Fault:
    """One message's fate."""

    mode: Mode
    delay_seconds: int = 0


def plan(op: Op, mode: Mode, *, delay_seconds: int = 0, count: int = 1, amount_ending: str = "") -> None:
    """Let it happen to the next `count` messages, or only to those of amounts ending so (in minor units)."""
    with connected() as ledger:
        ledger.execute(
            "INSERT INTO threeds_fault (op, mode, delay_seconds, remaining, amount_ending) VALUES (?, ?, ?, ?, ?)",
            (op, mode, delay_seconds, count, amount_ending),
        )


def due(op: Op, amount_minor: int) -> Fault | None:
    """The fault planned for this message, if any; it is used up with the asking."""
    with connected() as ledger:
        row = ledger.execute(
            "SELECT id, mode, delay_seconds FROM threeds_fault"
            " WHERE op = ? AND remaining > 0 AND ? LIKE '%' || amount_ending ORDER BY id LIMIT 1",
            (op, str(amount_minor)),
        ).fetchone()
        if row is None:
            return None
        ledger.execute("UPDATE threeds_fault SET remaining = remaining - 1 WHERE id = ?", (row["id"],))
    return Fault(Mode(row["mode"]), row["delay_seconds"])
