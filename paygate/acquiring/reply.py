"""Turn what came over the wire into an answer, or into none (safety.md OC-2).

A reply is one line of JSON. It counts only if it can be read to its end, repeats our question exactly, and carries a
result code that we know. Everything else is `Unknown`: never a decline, because money may have moved.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from paygate.acquiring.causes import BatchRefusal, Doubt
from paygate.acquiring.connector import (
    Answer,
    Approved,
    BatchAccepted,
    BatchAnswer,
    BatchRefused,
    BatchRequest,
    DayAnswer,
    Declined,
    Echo,
    Elsewhere,
    InquiryAnswer,
    Line,
    NotFound,
    Operation,
    TerminalRef,
    Unknown,
)
from paygate.acquiring.declines import DECLINES
from paygate.cards.free_text import find_card_numbers
from paygate.money.amount import Money
from paygate.money.currencies import is_currency
from paygate.outbound.causes import Cause

APPROVED: Final = "00"
ELSEWHERE: Final = "ELSEWHERE"
NOT_FOUND: Final = "NOT_FOUND"
DUPLICATE_BATCH: Final = "94"
BATCH_REFUSALS: Final[Mapping[str, BatchRefusal]] = {"95": BatchRefusal.TOTALS, "25": BatchRefusal.LINE}

_AT_A_WALLET: Final = frozenset({Operation.AUTHORIZE, Operation.REGISTER})
_OF_NOTHING: Final = frozenset({Operation.CHECK, Operation.REGISTER})

LONGEST_REPLY: Final = 4 * 1024 * 1024  # bytes; a list of a day is long, an answer never is
LONGEST_COPY: Final = 2000  # characters of an unusable reply that are kept

_DIGITS_LIKE_A_CARD = re.compile(r"\d(?:[ -]?\d){11,18}")
_SECRETS = re.compile(r'("(?:cvc|cvv|number|expiry|holder|authentication_value|token)"\s*:\s*)"[^"]*"?')


class _Unusable(Exception):
    """The reply does not count."""

    def __init__(self, cause: Doubt | Cause) -> None:
        super().__init__(cause)


@dataclass(frozen=True, slots=True)
class Question:
    """What a reply has to repeat."""

    operation: Operation
    request_id: str
    terminal: str
    amount: Money
    original_request_id: str = ""
    allow_partial: bool = False


def redacted(raw: bytes) -> str:
    """A readable copy without anything that looks like card data, at most 2000 characters."""
    text = raw[: 4 * LONGEST_COPY].decode("utf-8", errors="replace")
    return _DIGITS_LIKE_A_CARD.sub("[digits]", _SECRETS.sub(r'\1"[removed]"', text))[:LONGEST_COPY]


def read_answer(raw: bytes, question: Question) -> Answer:
    """The answer to a question that moves money."""
    try:
        return _answer(_document(raw), question, question.operation)
    except _Unusable as doubt:
        return _none(doubt, raw)


def read_inquiry(raw: bytes, question: Question) -> InquiryAnswer:
    """The answer to an inquiry about `question`."""
    try:
        reply = _document(raw)
        if reply.get("about") != question.operation:
            raise _Unusable(Doubt.OPERATION)
        if reply.get("result") == NOT_FOUND:
            _check_echo(reply, question, Operation.INQUIRE)
            return NotFound()
        return _answer(reply, question, Operation.INQUIRE)
    except _Unusable as doubt:
        return _none(doubt, raw)


def read_batch(raw: bytes, request: BatchRequest) -> BatchAnswer:
    """The answer to a batch. A "duplicate" is good only if what is booked there is ours (safety.md BA-3)."""
    try:
        reply = _document(raw)
        echoed = (reply.get("op"), reply.get("request_id"), reply.get("terminal"), reply.get("number"))
        if echoed != (Operation.BATCH, request.request_id, request.terminal.number, request.number):
            raise _Unusable(Doubt.REFERENCE)
        booked = (reply.get("count"), reply.get("totals"), reply.get("content_hash"))
        same = booked == (len(request.lines), dict(request.totals), request.content_hash)
        match reply.get("result"):
            case "00" | "94" as result if same:
                return BatchAccepted(_text(reply, "reference"), duplicate=result == DUPLICATE_BATCH)
            case "94":
                return BatchRefused(BatchRefusal.OTHER_CONTENT, contradicts=True)
            case "00":
                raise _Unusable(Doubt.TOTALS)
            case str(code) if code in BATCH_REFUSALS:
                return BatchRefused(BATCH_REFUSALS[code])
            case _:
                raise _Unusable(Doubt.CODE)
    except _Unusable as doubt:
        return Unknown(str(doubt), redacted(raw))


def read_day(raw: bytes, terminal: TerminalRef, day: str) -> DayAnswer:
    """The acquirer's list of a day."""
    try:
        reply = _document(raw)
        if (reply.get("op"), reply.get("terminal"), reply.get("day")) != (
            Operation.LIST,
            terminal.number,
            day,
        ):
            raise _Unusable(Doubt.REFERENCE)
        rows = reply.get("lines")
        if reply.get("result") != APPROVED or not isinstance(rows, list):
            raise _Unusable(Doubt.CODE)
        return tuple(_line(row) for row in rows)
    except _Unusable as doubt:
        return Unknown(str(doubt), redacted(raw))


def _none(doubt: _Unusable, raw: bytes) -> Unknown:
    """No answer, and what came instead of one."""
    return Unknown(str(doubt), redacted(raw), to_be_given_back=str(doubt) == Doubt.PARTIAL)


def _document(raw: bytes) -> dict[str, object]:
    """The reply as read to its end. A repeat of the same line changes nothing, another line contradicts (OC-9)."""
    if len(raw) > LONGEST_REPLY:
        raise _Unusable(Cause.TOO_LONG)
    lines = {line for line in raw.split(b"\n") if line.strip()}
    if len(lines) > 1:
        raise _Unusable(Doubt.CONTRADICTORY)
    try:
        reply = json.loads(lines.pop().decode("utf-8"), object_pairs_hook=_no_key_twice)
    except (KeyError, ValueError, RecursionError):
        raise _Unusable(Doubt.UNREADABLE) from None
    if not isinstance(reply, dict):
        raise _Unusable(Doubt.UNREADABLE)
    return reply


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key is there twice")
    return made


def _check_echo(reply: dict[str, object], question: Question, operation: Operation) -> Echo:
    """Raise `_Unusable` with what differs first."""
    expected = {
        Doubt.REFERENCE: ("request_id", question.request_id),
        Doubt.TERMINAL: ("terminal", question.terminal),
        Doubt.CURRENCY: ("currency", question.amount.currency),
        Doubt.OPERATION: ("op", operation),
        Doubt.ORIGINAL: ("original_request_id", question.original_request_id),
    }
    for cause, (key, ours) in expected.items():
        if reply.get(key) != ours:
            raise _Unusable(cause)
    if _whole(reply, "amount") != question.amount.minor:
        raise _Unusable(Doubt.AMOUNT)
    return Echo(question.request_id, question.terminal, question.amount, question.operation)


def _answer(reply: dict[str, object], question: Question, operation: Operation) -> Answer:
    echo = _check_echo(reply, question, operation)
    code = reply.get("result")
    if code == APPROVED:
        return _approval(reply, question, echo)
    if code == ELSEWHERE and question.operation in _AT_A_WALLET:
        return Elsewhere(url=_text(reply, "url"), reference=_text(reply, "reference"))
    if isinstance(code, str) and code in DECLINES:
        row = DECLINES[code]
        return Declined(row.reason, acquirer_code=code, soft=row.soft, never_again=row.never_again)
    raise _Unusable(Doubt.CODE)


def _approval(reply: dict[str, object], question: Question, echo: Echo) -> Approved:
    code = reply.get("approval_code")
    if not isinstance(code, str) or not code:
        raise _Unusable(Doubt.NO_APPROVAL_CODE)
    approved = Money(_whole(reply, "approved_amount"), question.amount.currency)
    is_wrong = not approved.is_positive and question.operation not in _OF_NOTHING
    if question.amount < approved or is_wrong:
        raise _Unusable(Doubt.AMOUNT)
    if approved < question.amount and not (
        question.allow_partial and question.operation is Operation.AUTHORIZE
    ):
        # Less is reserved than was asked, and nobody said that this would do: it has to be given back.
        raise _Unusable(Doubt.PARTIAL)
    shift_refused = reply.get("shift_refused", False)
    if not isinstance(shift_refused, bool):
        raise _Unusable(Doubt.UNREADABLE)
    token, until = _token(reply, question)
    return Approved(
        _text(reply, "reference"),
        approved,
        echo,
        approval_code=code,
        shift_refused=shift_refused,
        wallet_token=token,
        wallet_until=until,
    )


def _token(reply: dict[str, object], question: Question) -> tuple[str, datetime | None]:
    """What a wallet can be charged with again, and until when. Whoever asked for nothing else must be told one."""
    if question.operation not in _AT_A_WALLET or not reply.get("token"):
        if question.operation is Operation.REGISTER:
            raise _Unusable(Doubt.NO_TOKEN)
        return "", None
    token = _text(reply, "token")
    if find_card_numbers(token):
        raise _Unusable(Doubt.UNREADABLE)
    try:
        until = datetime.fromisoformat(_text(reply, "token_until")) if reply.get("token_until") else None
    except ValueError:
        raise _Unusable(Doubt.UNREADABLE) from None
    if until and until.tzinfo is None:
        raise _Unusable(Doubt.UNREADABLE)
    return token, until


def _line(row: object) -> Line:
    if not isinstance(row, dict) or not is_currency(currency := _text(row, "currency")):
        raise _Unusable(Doubt.UNREADABLE)
    try:
        operation = Operation(_text(row, "op"))
    except ValueError:
        raise _Unusable(Doubt.OPERATION) from None
    return Line(
        request_id=_text(row, "request_id"),
        operation=operation,
        amount=Money(_whole(row, "amount"), currency),
        reference=_text(row, "reference"),
        original_request_id=str(row.get("original_request_id", "")),
        undone=row.get("undone") is True,
    )


# What the books have room for; a longer text is none that an acquirer sends.
LONGEST: Final = {"reference": 64, "approval_code": 12, "url": 2000, "token": 200}


def _text(reply: Mapping[str, object], key: str) -> str:
    value = reply.get(key)
    if not isinstance(value, str) or not value or len(value) > LONGEST.get(key, 64) or "\0" in value:
        raise _Unusable(Doubt.UNREADABLE)
    return value


def _whole(reply: Mapping[str, object], key: str) -> int:
    value = reply.get(key)
    if type(value) is not int:
        raise _Unusable(Doubt.UNREADABLE)
    return value
