"""EMV 3-D Secure 2.2.0 messages: built, read, checked, and answered when they are wrong (safety.md 3D-4)."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from paygate.threeds.message_fields import FIELDS, Body, Field

VERSIONS: Final = ("2.2.0",)  # what this code speaks, oldest first
LONGEST_MESSAGE: Final = 64 * 1024  # bytes; the largest real message is a fraction of it

Message = dict[str, Any]


class ErrorCode(StrEnum):
    """Why a message was turned away, in the protocol's numbers."""

    INVALID_MESSAGE = "101"
    VERSION = "102"
    MISSING = "201"
    FORMAT = "203"
    UNKNOWN_ID = "301"
    DATA = "305"
    TIMED_OUT = "402"
    TRANSIENT = "403"
    PERMANENT = "404"
    CONNECTION = "405"


DESCRIPTIONS: Final[Mapping[ErrorCode, str]] = {
    ErrorCode.INVALID_MESSAGE: "Message received invalid",
    ErrorCode.VERSION: "Message version number not supported",
    ErrorCode.MISSING: "Required data element missing",
    ErrorCode.FORMAT: "Format of one or more data elements is invalid",
    ErrorCode.UNKNOWN_ID: "Transaction ID not recognised",
    ErrorCode.DATA: "Transaction data not valid",
    ErrorCode.TIMED_OUT: "Transaction timed out",
    ErrorCode.TRANSIENT: "Transient system failure",
    ErrorCode.PERMANENT: "Permanent system failure",
    ErrorCode.CONNECTION: "System connection failure",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a message. It never repeats a value: values may be card data."""

    code: ErrorCode
    detail: str  # the names of the fields, or a few words


def highest_common_version(offered: tuple[str, ...]) -> str:
    """The newest version both sides speak, or "" (safety.md 7.1)."""
    return next((version for version in reversed(VERSIONS) if version in offered), "")


def validate(message_type: str, body: Body) -> Problem | None:
    """What is wrong with this message, or None. One kind of mistake is reported at a time, with all its fields."""
    fields = FIELDS.get(message_type)
    if fields is None or body.get("messageType") != message_type:
        return Problem(ErrorCode.INVALID_MESSAGE, "messageType")
    version = body.get("messageVersion")
    if isinstance(version, str) and version not in VERSIONS:
        return Problem(ErrorCode.VERSION, "messageVersion")
    missing = [
        field.name for field in fields if _is_needed(field, body) and body.get(field.name) in (None, "")
    ]
    if missing:
        return Problem(ErrorCode.MISSING, ",".join(missing))
    wrong = [field.name for field in fields if field.name in body and not _fits(field, body[field.name])]
    return Problem(ErrorCode.FORMAT, ",".join(wrong)) if wrong else None


def read(message_type: str, raw: bytes) -> Message | Problem:
    """The message in these bytes, checked; or what is wrong with it."""
    body = parse(raw)
    if isinstance(body, Problem):
        return body
    return validate(message_type, body) or body


def parse(raw: bytes) -> Message | Problem:
    """The JSON object in these bytes, unchecked otherwise."""
    if len(raw) > LONGEST_MESSAGE:
        return Problem(ErrorCode.INVALID_MESSAGE, "too long")
    try:
        body = json.loads(raw.decode(), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        return Problem(ErrorCode.INVALID_MESSAGE, "not a JSON object, or a name given twice")
    return body if isinstance(body, dict) else Problem(ErrorCode.INVALID_MESSAGE, "not a JSON object")


def write(body: Body) -> bytes:
    """A message as it travels."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def build(message_type: str, version: str, **fields: Any) -> Message:
    """A message of ours, without the fields that are empty.

    What we send must be right: raises `AssertionError` naming the fields that are not.
    """
    body: Message = {"messageType": message_type, "messageVersion": version}
    body |= {name: value for name, value in fields.items() if value not in (None, "")}
    problem = validate(message_type, body)
    assert problem is None, f"{message_type} of ours is wrong: {problem}"
    return body


def build_creq(*, server_trans_id: str, acs_trans_id: str, version: str, window_size: str) -> Message:
    """What the payer's browser carries to the issuer."""
    return build(
        "CReq",
        version,
        threeDSServerTransID=server_trans_id,
        acsTransID=acs_trans_id,
        challengeWindowSize=window_size,
    )


def build_rres(rreq: Body, *, results_status: str = "01") -> Message:
    """The receipt for a result: 01 says it is stored."""
    ids = {name: rreq[name] for name in ("threeDSServerTransID", "dsTransID", "acsTransID")}
    return build("RRes", str(rreq["messageVersion"]), **ids, resultsStatus=results_status)


def build_erro(problem: Problem, *, about: str, body: Body | None = None) -> Message:
    """The answer to a message that was turned away. `about` is the type we expected."""
    given = body or {}
    ids = {
        name: _uuid_or_none(given.get(name)) for name in ("threeDSServerTransID", "dsTransID", "acsTransID")
    }
    return build(
        "Erro",
        VERSIONS[-1],
        **ids,
        errorCode=problem.code.value,
        errorComponent="S",
        errorDescription=DESCRIPTIONS[problem.code],
        errorDetail=problem.detail,
        errorMessageType=about,
    )


def encode(body: Body) -> str:
    """A message for a form field: base64url without padding."""
    return base64.urlsafe_b64encode(write(body)).rstrip(b"=").decode()


def decode(text: str) -> bytes | Problem:
    """The bytes behind a form field. Padding is forgiven: some banks send it."""
    bare = text.strip().rstrip("=")
    if len(bare) > LONGEST_MESSAGE * 2 or re.fullmatch(r"[A-Za-z0-9_-]+", bare) is None:
        return Problem(ErrorCode.INVALID_MESSAGE, "not base64url")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return Problem(ErrorCode.INVALID_MESSAGE, "not base64url")


def masked(body: Body) -> Message:
    """A message as the log keeps it: card number 6 and 4, no name, value shortened (safety.md 3D-5, CD-1).

    Fields that are not in the table of the message are dropped, and values longer than the table allows are cut.
    """
    fields = {field.name: field for field in FIELDS.get(str(body.get("messageType")), ())}
    kept = {name: _cut(value, fields[name].longest) for name, value in body.items() if name in fields}
    kept.pop("cardholderName", None)
    if "acctNumber" in kept:
        number = str(kept["acctNumber"])
        kept["acctNumber"] = f"{number[:6]}{'x' * max(0, len(number) - 10)}{number[-4:]}"
    if "authenticationValue" in kept:
        kept["authenticationValue"] = f"{str(kept['authenticationValue'])[:4]}..."
    kept.pop("cardExpiryDate", None)
    return kept


def _is_needed(field: Field, body: Body) -> bool:
    return field.needed if isinstance(field.needed, bool) else field.needed(body)


def _fits(field: Field, value: object) -> bool:
    if type(value) is not field.kind:
        return False
    if not isinstance(value, str):
        return True
    if not field.shortest <= len(value) <= field.longest:
        return False
    if field.values and value not in field.values:
        return False
    return not field.pattern or re.fullmatch(field.pattern, value, re.ASCII) is not None


def _cut(value: object, longest: int) -> object:
    return value[: longest or 1] if isinstance(value, str) else value


def _uuid_or_none(value: object) -> str | None:
    try:
        return str(UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _without_repeats(pairs: list[tuple[str, Any]]) -> Message:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise ValueError("a name was given twice")
    return body
