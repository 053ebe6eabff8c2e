"""Delays, drops, late, double and broken answers on request (safety.md TE-1).

Faults are kept in the ledger's file, so that a test can ask for one in another process. They are used up in the order
in which they were asked for.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from paygate.acquiring.connector import Operation
from paygate.acquiring.simulator.ledger import connected


class Mode(StrEnum):
    """What goes wrong."""

    REFUSE_CONNECT = "refuse_connect"  # nothing arrives
    DROP_BEFORE_READ = (
        "drop_before_read"  # the connection breaks before the acquirer reads; we cannot know that
    )
    DROP_AFTER_COMMIT = "drop_after_commit"  # done there, and the answer is lost
    DELAY = "delay"  # the answer takes `delay_s`; past the read limit it is too late
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
    PARTIAL_AMOUNT = "partial_amount"  # an authorization is given half, whether or not that was allowed
    SHIFT_REFUSED = "shift_refused"  # an authorization leaves the merchant liable
    SOFT_DECLINE = "soft_decline"  # an authorization is sent back for authentication


# These change what the acquirer decides; the others change what becomes of its answer.
TWISTS: Final = frozenset({Mode.PARTIAL_AMOUNT, Mode.SHIFT_REFUSED, Mode.SOFT_DECLINE})


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, about to happen."""

    mode: Mode
    delay_s: float


def set_fault(
    op: Operation | str,
    mode: Mode | str,
    count: int = 1,
    delay_s: float = 0,
    match: Mapping[str, str] | None = None,
) -> None:
    """Let the next `count` operations of this kind go wrong.

    `match` narrows it: `amount_ending` (last digits of the minor units), `terminal`, `method`, `request_id`. Raises
    `ValueError` for an operation, a mode or a match that does not exist.
    """
    wanted = dict(match or {})
    if unknown := wanted.keys() - {"amount_ending", "terminal", "method", "request_id"}:
        raise ValueError(f"no fault can match {', '.join(sorted(unknown))}")
    with connected() as connection:
        connection.execute(
            "INSERT INTO fault (op, mode, count, delay_s, match) VALUES (?, ?, ?, ?, ?)",
            (Operation(op), Mode(mode), count, delay_s, json.dumps(wanted)),
        )


def clear() -> None:
    """Nothing goes wrong any more."""
    with connected() as connection:
        connection.execute("DELETE FROM fault")


def take(message: Mapping[str, object]) -> Fault | None:
    """The fault that happens to this message, used up by asking."""
    with connected() as connection:
        rows = connection.execute(
            "SELECT id, mode, delay_s, match FROM fault WHERE op = ? AND count > 0 ORDER BY id",
            (message["op"],),
        )
        for fault_id, mode, delay_s, match in rows.fetchall():
            if _matches(json.loads(match), message):
                connection.execute("UPDATE fault SET count = count - 1 WHERE id = ?", (fault_id,))
                return Fault(Mode(mode), delay_s)
    return None


def spoil(mode: Mode, reply: bytes) -> bytes:
    """An answer gone wrong."""
    match mode:
        case Mode.DUPLICATE_REPLY:
            return reply + b"\n" + reply
        case Mode.DUPLICATE_CONFLICTING:
            other = "05" if json.loads(reply).get("result") == "00" else "00"
            return reply + b"\n" + _changed(reply, result=other)
        case Mode.MALFORMED:
            return b"<<" + reply
        case Mode.TRUNCATED:
            return reply[: len(reply) // 2]
        case Mode.WRONG_AMOUNT:
            return _changed(reply, amount=int(json.loads(reply).get("amount", 0)) + 1)
        case Mode.WRONG_CURRENCY:
            return _changed(reply, currency="USD" if json.loads(reply).get("currency") != "USD" else "EUR")
        case Mode.WRONG_REFERENCE:
            return _changed(reply, request_id="somebody-elses")
        case Mode.UNKNOWN_CODE:
            return _changed(reply, result="ZZ")
        case _:
            return reply


def _changed(reply: bytes, **values: object) -> bytes:
    return json.dumps(json.loads(reply) | values).encode()


def _matches(wanted: dict[str, str], message: Mapping[str, object]) -> bool:
    ending = wanted.pop("amount_ending", "")
    return str(message.get("amount", "")).endswith(ending) and all(
        message.get(key) == value for key, value in wanted.items()
    )
