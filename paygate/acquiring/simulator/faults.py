"""What can go wrong with the pretend acquirer's messages (safety.md TE-1): every mode, with every operation."""

import json
from collections.abc import Mapping
from typing import Final

from paygate.acquiring.connector import Operation
from paygate.simulation import faults
from paygate.simulation.faults import Fault, Mode

MATCHES: Final = frozenset({"amount_ending", "terminal", "method", "request_id"})


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
    if unknown := (match or {}).keys() - MATCHES:
        raise ValueError(f"no fault can match {', '.join(sorted(unknown))}")
    faults.plan(Operation(op), Mode(mode), count=count, delay_s=delay_s, match=match)


def clear() -> None:
    """Nothing goes wrong any more."""
    faults.forget(Operation)


def take(message: Mapping[str, object]) -> Fault | None:
    """The fault that happens to this message, used up by asking."""
    return faults.take(message)


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
            return _with_wrong_amount(json.loads(reply))
        case Mode.WRONG_CURRENCY:
            return _with_wrong_currency(json.loads(reply))
        case Mode.WRONG_REFERENCE:
            return _changed(reply, request_id="somebody-elses")
        case Mode.UNKNOWN_CODE:
            return _changed(reply, result="ZZ")
        case _:
            return reply


def _with_wrong_amount(reply: dict[str, object]) -> bytes:
    if isinstance(totals := reply.get("totals"), dict):
        wrong: dict[str, object] = {"totals": {code: total + 1 for code, total in totals.items()}}
    else:
        wrong = {"amount": int(str(reply.get("amount", 0))) + 1}
    return json.dumps(reply | wrong).encode()


def _with_wrong_currency(reply: dict[str, object]) -> bytes:
    if isinstance(totals := reply.get("totals"), dict):
        wrong: dict[str, object] = {"totals": {_other(code): total for code, total in totals.items()}}
    else:
        wrong = {"currency": _other(str(reply.get("currency")))}
    return json.dumps(reply | wrong).encode()


def _other(currency: str) -> str:
    return "USD" if currency != "USD" else "EUR"


def _changed(reply: bytes, **values: object) -> bytes:
    return json.dumps(json.loads(reply) | values).encode()
