"""The result of a challenge, taken server to server: checked, stored once, acknowledged (safety.md 3D-1, 3D-4)."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from paygate.checkpoints import reached
from paygate.tenants.context import across_tenants, within
from paygate.threeds.message_fields import Body
from paygate.threeds.message_log import note_message
from paygate.threeds.messages import (
    ErrorCode,
    Message,
    Problem,
    build_erro,
    build_rres,
    parse,
    validate,
    write,
)
from paygate.threeds.models import Authentication, Direction
from paygate.threeds.server import LATE_RESULT_SECONDS

log = structlog.get_logger("paygate.threeds")


def take_result(raw: bytes, *, now: datetime) -> bytes:
    """Take an RReq as it came from the directory; the RRes or `Erro` to answer with.

    Safe to repeat. A result up to 30 minutes late is stored, and an attempt that is closed stays closed. A message that
    is turned away stores no result, so without a good one the authentication ends as U.
    """
    body = parse(raw)
    if isinstance(body, Problem):
        return write(build_erro(body, about="RReq"))
    auth = authentication_of(body.get("threeDSServerTransID"))
    if auth is None:
        problem = validate("RReq", body) or Problem(ErrorCode.UNKNOWN_ID, "threeDSServerTransID")
        return write(build_erro(problem, about="RReq", body=body))
    with within(auth.merchant_id), transaction.atomic(durable=True):
        answer = _take(auth, body, now=now)
        note_message(auth, Direction.RECEIVED, body, now=now)
        note_message(auth, Direction.SENT, answer, now=now)
    reached("3ds.rreq_stored")
    return write(answer)


def authentication_of(server_trans_id: object) -> Authentication | None:
    """The authentication with this id, of whichever merchant; None for an id that we never issued."""
    try:
        issued = UUID(str(server_trans_id))
    except ValueError:
        return None
    with across_tenants():
        found: Authentication | None = Authentication.objects.filter(server_trans_id=issued).first()
        return found


def same_id(ours: UUID | None, theirs: object) -> bool:
    """Is this the id we know? Upper and lower case are the same."""
    return ours is not None and str(ours) == str(theirs).lower()


def _take(auth: Authentication, rreq: Body, *, now: datetime) -> Message:
    problem = validate("RReq", rreq) or _misfit(auth, rreq, now=now)
    if problem is None and not _store(auth, rreq, now=now):
        auth.refresh_from_db()
        if _columns(rreq).items() - _stored(auth).items():
            log.error("threeds.result_contradicted", merchant=auth.merchant_id, authentication=auth.pk)
            problem = Problem(ErrorCode.DATA, "another result is stored")
    return build_rres(rreq) if problem is None else build_erro(problem, about="RReq", body=rreq)


def _misfit(auth: Authentication, rreq: Body, *, now: datetime) -> Problem | None:
    """Is the result for the challenge we know of? Its directory id never passes the payer's browser."""
    if not auth.was_challenged or auth.answered_at is None:
        return Problem(ErrorCode.DATA, "no challenge was asked for")
    for name, ours in (("dsTransID", auth.ds_trans_id), ("acsTransID", auth.acs_trans_id)):
        if not same_id(ours, rreq[name]):
            return Problem(ErrorCode.UNKNOWN_ID, name)
    if now - auth.answered_at > timedelta(seconds=LATE_RESULT_SECONDS):
        return Problem(ErrorCode.TIMED_OUT, "too late")
    return None


def _store(auth: Authentication, rreq: Body, *, now: datetime) -> bool:
    waiting = Authentication.objects.filter(pk=auth.pk, result_at=None)
    return bool(waiting.update(result_at=now, **_columns(rreq)))


def _columns(rreq: Body) -> dict[str, str | bool]:
    return {
        "result_status": rreq["transStatus"],
        "result_reason": rreq.get("transStatusReason") or "",
        "result_eci": rreq.get("eci") or "",
        "result_has_value": bool(rreq.get("authenticationValue")),
        "challenge_cancel": rreq.get("challengeCancel") or "",
    }


def _stored(auth: Authentication) -> dict[str, str | bool]:
    return {
        "result_status": auth.result_status,
        "result_reason": auth.result_reason,
        "result_eci": auth.result_eci,
        "result_has_value": auth.result_has_value,
        "challenge_cancel": auth.challenge_cancel,
    }
