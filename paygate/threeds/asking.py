"""All that is asked of a 3-D Secure server: a card's range, the issuer, and the result of a challenge (safety.md 7.1).

What is said is written down once. Wholly outside a transaction: what is sent and what came is stored before and after,
in short ones.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from paygate.cards.number import CardNumber
from paygate.checkpoints import reached
from paygate.outbound import leave_database
from paygate.tenants.context import within
from paygate.tenants.kept import Given, KeptChange
from paygate.tenants.models import Merchant
from paygate.threeds.browser import FULL_PAGE, challenge_of
from paygate.threeds.liability import AuthenticationResult
from paygate.threeds.message_log import note_message
from paygate.threeds.messages import ErrorCode, Message, Problem, build_erro, validate, write
from paygate.threeds.models import Authentication, Direction
from paygate.threeds.opening import Question
from paygate.threeds.registry import server_for, server_of_kind
from paygate.threeds.results import same_id, take_result
from paygate.threeds.server import RESULT_PAUSES_SECONDS, RESULT_SECONDS, CardRange, NoAnswer

SHORTEST_NUMBER: Final = 13  # an AReq has no room for the 12 digits of some old Maestro cards


@dataclass(frozen=True, slots=True)
class Frictionless:
    """The issuer's answer is final without the payer. The result's value lives in memory only: decide at once."""

    result: AuthenticationResult


@dataclass(frozen=True, slots=True)
class ChallengeNeeded:
    """The payer's browser posts `creq` and `threeDSSessionData` to the bank."""

    acs_url: str
    creq: str
    session_data: str


Outcome = Frictionless | ChallengeNeeded


def look_up(number: CardNumber, *, merchant: Merchant) -> CardRange | None:
    """What the directories say about a card; None if it is in no range. Raises `NoServer`."""
    leave_database("a card range")
    return server_for(merchant).card_range(number) if len(number.digits) >= SHORTEST_NUMBER else None


def ask_issuer(question: Question, *, window_size: str = FULL_PAGE, now: datetime) -> Outcome:
    """Send the AReq and take the ARes. A card without a version in common, no answer and an invalid one end as U."""
    leave_database("an issuer")
    auth = question.auth
    with within(auth.merchant_id):
        if question.areq is None:
            return _settle_unusable(auth, now=now)
        answer = server_of_kind(auth.server, auth.terminal.merchant).authenticate(question.areq)
        reached("3ds.areq_sent")
        with transaction.atomic(durable=True):
            ares = _usable(auth, answer, now=now)
            if ares is not None:
                _store_answer(auth, ares, now=now)
        reached("3ds.ares_stored")
        if ares is None:
            return _settle_unusable(auth, now=now)
    if not auth.was_challenged:
        return Frictionless(_result(auth, value=str(ares.get("authenticationValue") or "")))
    return ChallengeNeeded(*challenge_of(auth, window_size=window_size))


def final_result(
    auth: Authentication,
    *,
    now: datetime,
    wait: Callable[[int], None] = time.sleep,
    ticks: Callable[[], float] = time.monotonic,
) -> AuthenticationResult:
    """What we go by. After a challenge: the result that came server to server, else the status query's, else U.

    Once the payer is back it is asked for up to 10 seconds of `ticks` (safety.md 3D-1), else just once. The first
    answer stands: what comes later changes nothing. The value is read from the server again: we do not store it. So it
    is too where the issuer answered at once, and money is asked for later.
    """
    leave_database("the result of a challenge")
    with within(auth.merchant_id):
        auth.refresh_from_db()
        assert auth.was_challenged or auth.final_status, "an ARes is waited for where it was asked for"
        rreq: Mapping[str, Any] | None = None
        if auth.was_challenged and (not auth.final_status or auth.result_has_value):
            rreq = _ask_for_result(auth, wait=wait, ticks=ticks, now=now)
        if not auth.final_status:
            with transaction.atomic(durable=True):
                _finish(auth, auth.result_status, now=now)
        if not auth.was_challenged and auth.has_value:
            server = server_of_kind(auth.server, auth.terminal.merchant)
            rreq = server.answer_of(str(auth.server_trans_id))
    eci = auth.result_eci if auth.was_challenged else auth.eci
    same = rreq is not None and (rreq.get("transStatus"), rreq.get("eci") or "") == (auth.final_status, eci)
    return _result(
        auth, value=str(rreq.get("authenticationValue") or "") if rreq is not None and same else ""
    )


def _ask_for_result(
    auth: Authentication, *, wait: Callable[[int], None], ticks: Callable[[], float], now: datetime
) -> Message | None:
    """The RReq by status query, stored if nothing was stored yet; None if there is none that can be used."""
    server = server_of_kind(auth.server, auth.terminal.merchant)
    patient = auth.browser_returned_at is not None and not auth.final_status
    until = ticks() + RESULT_SECONDS
    for pause in (0, *RESULT_PAUSES_SECONDS) if patient else (0,):
        if pause:
            if ticks() > until:
                return None  # however slowly the server says that it knows nothing, the payer waits no longer
            wait(pause)
        rreq = server.result_of(str(auth.server_trans_id))
        if rreq is not None and auth.result_at is None:
            take_result(write(rreq), now=now)
        auth.refresh_from_db()
        if rreq is not None:
            return rreq if auth.result_at is not None and validate("RReq", rreq) is None else None
        if auth.result_at is not None and not auth.result_has_value:
            return None
    return None


def _usable(auth: Authentication, answer: Message | NoAnswer, *, now: datetime) -> Message | None:
    """The answer, if it is an ARes to our question; whatever came goes into the message log."""
    if isinstance(answer, NoAnswer):
        problem: Problem | None = Problem(answer.code, answer.cause)
    else:
        note_message(auth, Direction.RECEIVED, answer, now=now)
        if answer.get("messageType") == "Erro":
            return None
        problem = validate("ARes", answer) or _misfit(auth, answer)
    if problem is None:
        assert not isinstance(answer, NoAnswer)
        return answer
    erro = build_erro(problem, about="ARes", body={"threeDSServerTransID": str(auth.server_trans_id)})
    note_message(auth, Direction.SENT, erro, now=now)
    return None


def _misfit(auth: Authentication, ares: Message) -> Problem | None:
    if not same_id(auth.server_trans_id, ares["threeDSServerTransID"]):
        return Problem(ErrorCode.UNKNOWN_ID, "threeDSServerTransID")
    if ares["messageVersion"] != auth.version:
        return Problem(ErrorCode.VERSION, "messageVersion")
    if auth.terminal.merchant.live and not str(ares.get("acsURL") or "https://").startswith("https://"):
        return Problem(ErrorCode.FORMAT, "acsURL")
    return None


def _store_answer(auth: Authentication, ares: Message, *, now: datetime) -> None:
    """Once: whoever asked is the only one who is answered. Without a challenge it is what we go by."""
    answer = {
        "answered_at": now,
        "trans_status": ares["transStatus"],
        "trans_status_reason": ares.get("transStatusReason") or "",
        "eci": ares.get("eci") or "",
        "has_value": bool(ares.get("authenticationValue")),
        "ds_trans_id": UUID(ares["dsTransID"]),
        "acs_trans_id": UUID(ares["acsTransID"]),
        "acs_url": ares.get("acsURL") or "",
        "message_version": ares["messageVersion"],
        "cardholder_info": ares.get("cardholderInfo") or "",
    }
    if ares["transStatus"] != "C":
        answer |= {"final_status": ares["transStatus"], "gave_up": False, "final_at": now}
    _write_once(auth, answer, answered_at=None, final_status="")


def _settle_unusable(auth: Authentication, *, now: datetime) -> Frictionless:
    with transaction.atomic(durable=True):
        _finish(auth, "", now=now)
    return Frictionless(_result(auth, value=""))


def _finish(auth: Authentication, status: str, *, now: datetime) -> None:
    """Write down what we go by, once. Without a status we give up: U."""
    end = {"final_status": status or "U", "gave_up": not status, "final_at": now}
    _write_once(auth, end, final_status="")


@cache
def _once(columns: tuple[str, ...], while_it_is: tuple[tuple[str, object], ...]) -> KeptChange:
    this_one = {"pk": Given("auth_id", Authentication._meta.pk), **dict(while_it_is)}
    return KeptChange(lambda: Authentication.objects.filter(**this_one), *columns)


def _write_once(auth: Authentication, columns: Mapping[str, object], **while_it_is: object) -> None:
    """Write them while the row is as told; else somebody was faster, and what they wrote stands."""
    if _once(tuple(columns), tuple(while_it_is.items())).run(columns, auth_id=auth.pk):
        for name, value in columns.items():
            setattr(auth, name, value)
    else:
        auth.refresh_from_db()


def _result(auth: Authentication, *, value: str) -> AuthenticationResult:
    challenged = auth.was_challenged
    eci = auth.result_eci if challenged else auth.eci
    return AuthenticationResult(
        status=auth.final_status,
        eci="" if auth.gave_up else eci,
        value="" if auth.gave_up else value,
        challenged=challenged,
        cancelled=challenged and not auth.gave_up and auth.challenge_cancel == "01",
        recurring=auth.recurring,
        server_trans_id=str(auth.server_trans_id),
        ds_trans_id=str(auth.ds_trans_id or ""),
        version=auth.message_version,
        purchase_date=auth.purchase_date_text,
    )
