"""What can go wrong with the messages of the pretend 3-D Secure side (safety.md TE-1), and with which of them."""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from uuid import uuid4

from paygate.simulation import faults
from paygate.simulation.faults import Fault, Mode


class Op(StrEnum):
    """The message that suffers."""

    ARES = "ARES"  # the issuer's answer to our question
    RREQ = "RREQ"  # the result, server to server
    CRES = "CRES"  # the browser's way back
    METHOD = "METHOD"  # the look at the browser


_LOST: Final = frozenset({Mode.REFUSE_CONNECT, Mode.DROP_BEFORE_READ, Mode.DROP_AFTER_COMMIT, Mode.DELAY})
_BROKEN: Final = frozenset({Mode.MALFORMED, Mode.TRUNCATED, Mode.WRONG_REFERENCE})
_ERROR_PAGE: Final = frozenset({Mode.HTTP_500, Mode.HTML_502})
_TWICE: Final = frozenset({Mode.DUPLICATE_REPLY, Mode.DUPLICATE_CONFLICTING})

MODES: Final[Mapping[Op, frozenset[Mode]]] = {
    # An answer over HTTP, like the acquirer's.
    Op.ARES: _LOST | _BROKEN | _ERROR_PAGE | _TWICE | {Mode.LATE_REPLY, Mode.SLOW_DRIP},
    # A message of theirs to us. Before it is read it is lost, and the bank never tells; where the connection is refused
    # or our receipt is lost, the status query still gives it. An error page would be ours to give.
    Op.RREQ: _LOST | _BROKEN | _TWICE,
    # Pages in the payer's browser: an error page, nothing at all, or a form with something wrong in it.
    Op.CRES: _LOST | _BROKEN | _ERROR_PAGE,
    Op.METHOD: _LOST | _BROKEN | _ERROR_PAGE,
}


def plan(
    op: Op,
    mode: Mode,
    *,
    delay_seconds: float = 0,
    count: int = 1,
    amount_ending: str = "",
    match: Mapping[str, str] | None = None,
) -> None:
    """Let it happen to the next `count` messages, or only to those of amounts ending so (in minor units).

    Raises `ValueError` for what cannot happen to this message, and for another match than `amount_ending`.
    """
    if mode not in MODES[op]:
        raise ValueError(f"{mode} cannot happen to {op}; {', '.join(sorted(MODES[op]))} can")
    wanted = dict(match or {}) | ({"amount_ending": amount_ending} if amount_ending else {})
    if unknown := wanted.keys() - {"amount_ending"}:
        raise ValueError(f"no fault of 3-D Secure can match {', '.join(sorted(unknown))}")
    faults.plan(op, mode, count=count, delay_s=delay_seconds, match=wanted)


def due(op: Op, amount_minor: int) -> Fault | None:
    """The fault planned for this message, if any; it is used up with the asking."""
    return faults.take({"op": op, "amount": amount_minor})


def forget() -> None:
    """Nothing goes wrong any more."""
    faults.forget(Op)


def spoil(mode: Mode, message: bytes) -> bytes:
    """A message gone wrong. Malformed is one that can be read and lacks what it must have."""
    match mode:
        case Mode.MALFORMED:
            body = json.loads(message)
            body.pop("dsTransID", None)
            return json.dumps(body).encode()
        case Mode.TRUNCATED:
            return message[: len(message) // 2]
        case Mode.WRONG_REFERENCE:
            return json.dumps(json.loads(message) | {"threeDSServerTransID": str(uuid4())}).encode()
        case Mode.DUPLICATE_REPLY:
            return message + b"\n" + message
        case Mode.DUPLICATE_CONFLICTING:
            return message + b"\n" + conflicting(message)
        case _:
            return message


def conflicting(message: bytes) -> bytes:
    """The same message with another result."""
    body = json.loads(message)
    return json.dumps(body | {"transStatus": "N" if body.get("transStatus") != "N" else "U"}).encode()
