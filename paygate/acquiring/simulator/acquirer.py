"""The pretend acquirer: takes a message, works on its ledger, and gives the bytes of its reply.

It knows nothing of the product. The same message again, under the same request id, gets the same reply.
"""

import hashlib
import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from paygate.acquiring.connector import Operation
from paygate.acquiring.reply import APPROVED, DUPLICATE_BATCH, ELSEWHERE, NOT_FOUND
from paygate.acquiring.simulator.follow_ups import FOLLOW_UPS, NO_ORIGINAL, TOO_MUCH, Message
from paygate.acquiring.simulator.ledger import Ledger, Record, opened
from paygate.acquiring.simulator.scenarios import (
    APPROVE,
    IN_APP,
    INVALID_CARD,
    WALLETS,
    Verdict,
    verdict,
    wallet_code,
)
from paygate.clock import offset
from paygate.simulation.faults import Mode

# Result codes of declines.py.
GIVEN_BACK: Final = "21"
FORMAT: Final = "30"
AUTHENTICATE_FIRST: Final = "65"
TOO_LATE: Final = "68"
TOTALS: Final = "95"

Reply = dict[str, object]

_DECIDED_THERE: Final = (Operation.AUTHORIZE, Operation.REGISTER)
_TO_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")  # nothing made here looks like a card number

PAGE: Final = "/simulator/wallet/"
WALLET_WAITS: Final = timedelta(minutes=30)
CERTIFICATE_LASTS: Final = timedelta(days=395)  # TWINT's: 13 months (behaviour.md K)


def answer(raw: bytes, fault: Mode | None = None, origin: str = "") -> bytes:
    """The reply to one message. Some faults change what is decided; `origin` is the address our pages are under."""
    message: Message = json.loads(raw)
    with opened() as ledger:
        reply = _reply(ledger, message, fault)
    if reply.get("url"):
        reply["url"] = f"{origin}{reply['url']}"
    return json.dumps(reply).encode()


def choose(reference: str, choice: str) -> Record:
    """The payer's choice on the wallet page: `approve`, `refuse` or `cancel`. The first one counts.

    Gives what it was about as it is then. Raises `KeyError` for another choice or reference.
    """
    with opened() as ledger:
        record = ledger.by_reference(reference)
        if record is None:
            raise KeyError(reference)
        if record.is_open and not is_too_late(record):
            code = wallet_code(record.method, record.amount, choice)
            approved = record.amount if code == APPROVED else 0
            record = replace(record, code=code, approved=approved, approval_code=_approval_code(code))
            record = ledger.write(_with_token(record) if record.keeps and code == APPROVED else record)
        return record


def waiting(reference: str) -> Record | None:
    """What a wallet page asks about, as it stands. None: there is no such page."""
    with opened() as ledger:
        record = ledger.by_reference(reference)
    return record if record is not None and record.op in _DECIDED_THERE else None


def is_too_late(record: Record) -> bool:
    """A wallet does not wait for ever: who has not chosen by then is told as "the payer took too long"."""
    return record.is_open and datetime.now(UTC) + offset() > datetime.fromisoformat(record.at) + WALLET_WAITS


def _reply(ledger: Ledger, message: Message, fault: Mode | None) -> Reply:
    op = Operation(message["op"])
    if op is Operation.LIST:
        return _day(ledger, message)
    if op is Operation.CHECK:
        return _check(message, fault)
    known = ledger.find(message["request_id"])
    if op is Operation.INQUIRE:
        return _told_wrong(_inquiry(known, message), fault)
    if known is not None:
        known = ledger.write(replace(known, count=known.count + 1))
        return _as_batch(known, known.request_id) if op is Operation.BATCH else _as_reply(known)
    if op is Operation.BATCH:
        return _told_wrong(_batch(ledger, message, fault), fault)
    # Somebody gave it back before it arrived; it must not be kept (safety.md OC-8).
    if op is not Operation.REVERSE and ledger.about(message["request_id"], Operation.REVERSE):
        return _as_reply(_write(ledger, message, GIVEN_BACK))
    if op is Operation.REGISTER:
        return _as_reply(_register(ledger, message, fault))
    if op is Operation.AUTHORIZE:
        return _as_reply(_authorize(ledger, message, fault))
    return _as_reply(_follow_up(ledger, message, op, fault))


def _check(message: Message, fault: Mode | None) -> Reply:
    """Is the card good? It moves nothing, so it stands in no ledger."""
    eci = (message["three_ds"] or {}).get("eci", "")
    code = (
        AUTHENTICATE_FIRST
        if fault is Mode.SOFT_DECLINE
        else verdict(message["card"]["number"], 0, eci=eci).code
    )
    return {key: message[key] for key in ("op", "request_id", "terminal", "amount", "currency")} | {
        "original_request_id": "",
        "result": code,
        "reference": secrets.token_hex(12),
        "approved_amount": 0,
        "approval_code": _approval_code(code),
        "shift_refused": False,
    }


def _told_wrong(reply: Reply, fault: Mode | None) -> Reply:
    """An inquiry decides nothing, and a batch is booked whole: here a fault changes only what is told."""
    match fault, reply:
        case Mode.PARTIAL_AMOUNT, {"approved_amount": int(amount)}:
            return reply | {"approved_amount": amount // 2}
        case Mode.PARTIAL_AMOUNT, {"totals": dict(totals)}:
            return reply | {"totals": {code: total // 2 for code, total in totals.items()}}
        case Mode.SHIFT_REFUSED, _:
            return reply | {"shift_refused": True}
        case _:
            return reply


def _follow_up(ledger: Ledger, message: Message, op: Operation, fault: Mode | None) -> Record:
    code = AUTHENTICATE_FIRST if fault is Mode.SOFT_DECLINE else FOLLOW_UPS[op](ledger, message)
    return _write(
        ledger,
        message,
        code,
        approved=_half(message["amount"]) if fault is Mode.PARTIAL_AMOUNT else message["amount"],
        shift_refused=fault is Mode.SHIFT_REFUSED,
    )


def _half(amount: int) -> int:
    return max(1, amount // 2)


def _register(ledger: Ledger, message: Message, fault: Mode | None) -> Record:
    """The payer of a wallet is asked whether it may be charged later; nothing is reserved."""
    can = message["method"] in WALLETS and message["amount"] == 0
    code = AUTHENTICATE_FIRST if fault is Mode.SOFT_DECLINE else ELSEWHERE if can else FORMAT
    return _write(ledger, {**message, "keeps": True}, code)


def _with_token(record: Record) -> Record:
    """The payer agreed: from now on the wallet can be charged with this."""
    until = datetime.now(UTC) + offset() + CERTIFICATE_LASTS
    return replace(
        record,
        token=secrets.token_hex(16).translate(_TO_LETTERS),
        token_until=until.isoformat(timespec="seconds") if record.method == "TWINT" else "",
    )


def _by_token(ledger: Ledger, message: Message) -> Verdict:
    """Did the payer of this wallet agree, with this merchant, and is that still good?"""
    agreed = ledger.of_token(message["wallet"])
    if agreed is None or (agreed.method, agreed.token_of) != (message["method"], message["merchant_id"]):
        return INVALID_CARD
    if agreed.token_until and agreed.token_until < (datetime.now(UTC) + offset()).isoformat():
        return INVALID_CARD
    return Verdict(wallet_code(message["method"], message["amount"], "approve"))


def _authorize(ledger: Ledger, message: Message, fault: Mode | None) -> Record:
    first = ledger.find(message.get("series", ""))
    known = first is not None and first.initial and first.approved > 0
    if message.get("wallet") and message["amount"] > 0:
        decided = _twisted(_by_token(ledger, message), fault)
    else:
        decided = _twisted(_decided(message, is_first_of_series=known), fault)
    if decided.own_page:
        return _write(ledger, message, ELSEWHERE)
    return _write(
        ledger,
        message,
        decided.code,
        approved=_half(message["amount"]) if decided.less else message["amount"],
        shift_refused=decided.shift_refused,
    )


def _decided(message: Message, *, is_first_of_series: bool) -> Verdict:
    if message["amount"] <= 0:
        return Verdict(TOO_MUCH)
    if message["method"] in WALLETS:
        return Verdict(own_page=True)
    if message.get("series"):
        return APPROVE if is_first_of_series else Verdict(NO_ORIGINAL)
    if message["card"] is None:
        return Verdict(own_page=True) if message["method"] in IN_APP else Verdict(FORMAT)
    eci = (message["three_ds"] or {}).get("eci", "")
    return verdict(
        message["card"]["number"], message["amount"], eci=eci, allow_partial=message["allow_partial"]
    )


def _twisted(decided: Verdict, fault: Mode | None) -> Verdict:
    match fault:
        case Mode.PARTIAL_AMOUNT:
            return Verdict(less=True)
        case Mode.SHIFT_REFUSED:
            return Verdict(shift_refused=True)
        case Mode.SOFT_DECLINE:
            return Verdict(AUTHENTICATE_FIRST)
        case _:
            return decided


def _batch(ledger: Ledger, message: Message, fault: Mode | None) -> Reply:
    body: str = message["body"]
    content = json.loads(body)
    rows = [(ledger.find(request_id), op, amount) for request_id, op, amount, _ in content["lines"]]
    batches = (
        row for row in ledger.of_terminal(message["terminal"]) if row.op == Operation.BATCH and row.stands
    )
    booked = next((row for row in batches if row.batch == message["number"]), None)
    if booked is not None:
        return _as_batch(booked, message["request_id"]) | {"result": DUPLICATE_BATCH}
    if fault is Mode.SOFT_DECLINE:  # nonsense for a batch: nothing is booked, and nothing noted
        return {key: message[key] for key in ("op", "request_id", "terminal", "number")} | {
            "result": AUTHENTICATE_FIRST
        }
    agreed = (hashlib.sha256(body.encode()).hexdigest(), len(rows), content["totals"])
    code = APPROVED
    if agreed != (message["content_hash"], message["count"], message["totals"]):
        code = TOTALS
    elif not all(_fits(row, op, amount, message["terminal"]) for row, op, amount in rows):
        code = NO_ORIGINAL
    else:
        for row, _, _ in rows:
            if row is not None:
                ledger.write(replace(row, batch=message["number"]))
    written = _write(
        ledger,
        {**message, "amount": 0, "currency": ""},
        code,
        batch=message["number"],
        content_hash=message["content_hash"],
        line_count=message["count"],
        totals=message["totals"],
    )
    return _as_batch(written, written.request_id)


def _fits(row: Record | None, op: str, amount: int, terminal: str) -> bool:
    """Did we do what this line of a batch says, and has no batch taken it yet?"""
    if row is None or not row.stands or row.batch:
        return False
    return (row.op, row.approved, row.terminal) == (op, amount, terminal)


def _inquiry(known: Record | None, message: Message) -> Reply:
    if known is not None:
        return _as_reply(known) | {"op": Operation.INQUIRE, "about": known.op}
    echoed = ("op", "about", "request_id", "terminal", "amount", "currency", "original_request_id")
    return {key: message[key] for key in echoed} | {"result": NOT_FOUND}


def _day(ledger: Ledger, message: Message) -> Reply:
    kinds = {Operation.AUTHORIZE, Operation.CAPTURE, Operation.REFUND}
    lines = [
        {
            "request_id": row.request_id,
            "op": row.op,
            "amount": row.approved,
            "currency": row.currency,
            "reference": row.reference,
            "original_request_id": row.original,
            "undone": bool(row.undone),
        }
        for row in ledger.of_terminal(message["terminal"])
        if row.at.startswith(message["day"]) and row.code == APPROVED and row.op in kinds
    ]
    return {key: message[key] for key in ("op", "terminal", "day")} | {"result": APPROVED, "lines": lines}


def _write(ledger: Ledger, message: Message, code: str, **facts: Any) -> Record:
    """Note an operation with its result. What was not approved has no approved amount."""
    approved = facts.pop("approved", message["amount"])
    return ledger.write(
        Record(
            request_id=message["request_id"],
            op=message["op"],
            terminal=message["terminal"],
            amount=message["amount"],
            currency=message["currency"],
            reference=secrets.token_hex(12).translate(_TO_LETTERS),
            code=code,
            at=(datetime.now(UTC) + offset()).isoformat(),
            original=message.get("original_request_id", ""),
            approved=approved if code == APPROVED else 0,
            approval_code=_approval_code(code),
            method=message.get("method", ""),
            return_url=message.get("return_url", ""),
            final=message.get("final", False),
            initial=message.get("initial", False),
            keeps=message.get("keeps", False),
            token_of=message.get("merchant_id", ""),
            **facts,
        )
    )


def _approval_code(code: str) -> str:
    """Six digits (behaviour.md P-6)."""
    return f"{secrets.randbelow(10**6):06}" if code == APPROVED else ""


def _as_reply(record: Record) -> Reply:
    """An operation as it is told, now or when asked again.

    What was reversed, and what was canceled before the payer chose, is told as given back.
    """
    given_back = record.undone == Operation.REVERSE or (record.undone != "" and record.code == ELSEWHERE)
    return {
        "op": record.op,
        "request_id": record.request_id,
        "terminal": record.terminal,
        "amount": record.amount,
        "currency": record.currency,
        "original_request_id": record.original,
        "result": GIVEN_BACK if given_back else TOO_LATE if is_too_late(record) else record.code,
        "reference": record.reference,
        "approved_amount": record.approved,
        "approval_code": record.approval_code,
        "shift_refused": record.shift_refused,
        "url": f"{PAGE}{record.reference}" if record.code == ELSEWHERE else "",
        "token": record.token,
        "token_until": record.token_until,
    }


def _as_batch(record: Record, request_id: str) -> Reply:
    """A batch as it is told: what is booked here, under the request id it was asked with."""
    return {
        "op": record.op,
        "request_id": request_id,
        "terminal": record.terminal,
        "number": record.batch,
        "result": record.code,
        "reference": record.reference,
        "count": record.line_count,
        "totals": record.totals,
        "content_hash": record.content_hash,
    }
