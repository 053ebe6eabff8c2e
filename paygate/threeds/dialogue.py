"""One authentication from the card's range to its use, as the walk of a payment needs it (safety.md 7.1).

A function is either wholly inside the caller's transaction (`open_authentication`, `note_*`, `use_for_authorisation`,
`close_authentication`) or wholly outside one (`look_up`, `write_question`, `ask_issuer`, `final_result`): the second
sort talks to the 3-D Secure server and stores before and after with short transactions of its own.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from paygate.cards.number import Card, CardNumber
from paygate.checkpoints import reached
from paygate.merchants.models import Terminal
from paygate.money.amount import Money
from paygate.money.model_fields import columns
from paygate.outbound import assert_no_transaction
from paygate.refusals import Kind, Refusal
from paygate.sealing import mac, macs
from paygate.tenants.context import within
from paygate.tenants.kept import Given, KeptChange
from paygate.tenants.models import Merchant
from paygate.threeds.areq import Told, build_areq
from paygate.threeds.liability import AuthenticationResult, Condition
from paygate.threeds.message_log import note_message
from paygate.threeds.messages import (
    ErrorCode,
    Message,
    Problem,
    build_creq,
    build_erro,
    decode,
    encode,
    highest_common_version,
    parse,
    validate,
    write,
)
from paygate.threeds.models import Authentication, CompInd, Direction
from paygate.threeds.registry import server_for, server_of_kind
from paygate.threeds.results import authentication_of, same_id, take_result
from paygate.threeds.server import (
    CHALLENGE_SECONDS,
    RESULT_PAUSES_SECONDS,
    RESULT_SECONDS,
    CardRange,
    NoAnswer,
)

SHORTEST_NUMBER: Final = 13  # an AReq has no room for the 12 digits of some old Maestro cards
CARD_PURPOSE: Final = "threeds card"  # of the keyed hash that names a card
FULL_PAGE: Final = "05"  # challengeWindowSize

log = structlog.get_logger("paygate.threeds")


class AuthenticationMismatch(Refusal):
    """The authentication is not for this amount or card, is not finished, or was used before (safety.md 3D-2)."""

    code = "AUTHENTICATION_MISMATCH"
    kind = Kind.CONFLICT


class AlreadyAsked(Refusal):
    """The issuer was asked before: a second press, or a page loaded again."""

    code = "WRONG_STATE"
    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the issuer that is written down as on its way; whoever has it, and nobody else, puts it."""

    auth: Authentication
    areq: Message | None = field(repr=False)  # None: no version in common, so there is nobody to ask


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
    assert_no_transaction("a card range")
    return server_for(merchant).card_range(number) if len(number.digits) >= SHORTEST_NUMBER else None


def open_authentication(
    *,
    merchant_id: int,
    terminal: Terminal,
    method: str,
    card: Card,
    card_range: CardRange | None,
    amount: Money,
    condition: Condition,
    force_challenge: bool = False,
    recurring: bool = False,
    told: Told | None = None,
    now: datetime,
) -> tuple[Authentication, Question | None]:
    """Begin one authentication, in the caller's transaction.

    Where `told` says what to tell the issuer, and it need not look at the browser first, the question is written down
    too, to be put as soon as this is committed. The challenge is mandated for the Condition that wants one, the first
    of a series, and by `force_challenge` (a card to be saved, the second try after a soft decline; safety.md 3D-12,
    OC-13).
    """
    known = card_range or CardRange(versions=())
    asks = told is not None and not known.method_url
    auth: Authentication = Authentication.objects.create(
        merchant_id=merchant_id,
        terminal=terminal,
        server_trans_id=uuid4(),
        server=server_for(terminal.merchant).kind,
        method=method,
        version=highest_common_version(known.versions),
        purchase_date=now.replace(microsecond=0),
        card_fingerprint=mac(CARD_PURPOSE, card.number.digits.encode()).hex(),
        condition=condition,
        challenge_requested=force_challenge or recurring or condition is Condition.CHALLENGE,
        recurring=recurring,
        method_url=known.method_url,
        comp_ind=CompInd.NO if known.method_url else CompInd.UNAVAILABLE,
        asked_at=now if asks else None,
        **columns(amount),
    )
    auth.terminal = terminal
    return auth, _question(auth, card, told, now=now) if told is not None and asks else None


def method_data(auth: Authentication, *, notification_url: str) -> str:
    """`threeDSMethodData` for the hidden frame that lets the bank look at the browser."""
    return encode(
        {"threeDSServerTransID": str(auth.server_trans_id), "threeDSMethodNotificationURL": notification_url}
    )


def note_method_done(method_data_form: str) -> UUID | None:
    """The bank has looked at the browser. Takes the posted `threeDSMethodData`; answers with the id, if it was ours and
    waiting, and else with None (safety.md 3D-3)."""
    raw = decode(method_data_form)
    body = raw if isinstance(raw, Problem) else parse(raw)
    auth = None if isinstance(body, Problem) else authentication_of(body.get("threeDSServerTransID"))
    if auth is None:
        return None
    with within(auth.merchant_id):
        waiting = Authentication.objects.filter(pk=auth.pk, asked_at=None, closed_at=None).exclude(
            method_url=""
        )
        return auth.server_trans_id if waiting.update(comp_ind=CompInd.YES) else None


def write_question(auth: Authentication, *, card: Card, told: Told, now: datetime) -> Question:
    """Write the AReq down as on its way. threeDSCompInd is what `open_authentication` and `note_method_done` wrote.

    Raises `AlreadyAsked`, `AuthenticationMismatch`, `NoServer`.
    """
    assert_no_transaction("an issuer")
    with within(auth.merchant_id):
        if auth.method_url:
            auth.refresh_from_db(fields=["comp_ind"])  # the bank may have looked at the browser meanwhile
        _must_fit(auth, amount=auth.amount, card=card)
        with transaction.atomic(durable=True):
            unasked = Authentication.objects.filter(pk=auth.pk, asked_at=None, closed_at=None)
            if not unasked.update(asked_at=now):
                raise AlreadyAsked(_("The bank has been asked already."))
            return _question(auth, card, told, now=now)


def _question(auth: Authentication, card: Card, told: Told, *, now: datetime) -> Question:
    server = server_of_kind(auth.server, auth.terminal.merchant)
    if not auth.version:
        return Question(auth, None)
    areq = build_areq(auth, card=card, told=told, identity=server.identity())
    note_message(auth, Direction.SENT, areq, now=now)
    return Question(auth, areq)


def ask_issuer(question: Question, *, window_size: str = FULL_PAGE, now: datetime) -> Outcome:
    """Send the AReq and take the ARes. A card without a version in common, no answer and an invalid one end as U."""
    assert_no_transaction("an issuer")
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


def challenge_of(auth: Authentication, *, window_size: str = FULL_PAGE) -> tuple[str, str, str]:
    """Where the browser goes for the challenge, and what it posts there: address, `creq`, `threeDSSessionData`."""
    creq = build_creq(
        server_trans_id=str(auth.server_trans_id),
        acs_trans_id=str(auth.acs_trans_id),
        version=auth.message_version,
        window_size=window_size,
    )
    return auth.acs_url, encode(creq), encode({"id": str(auth.server_trans_id)})


def note_browser_return(cres: str, *, now: datetime) -> UUID | None:
    """The bank sent the browser back. Takes the posted `cres`; answers with the id if it is one that waits (3D-3).

    It only means "look now": the result in it is not read, and nothing but the moment is written. None means a plain
    page without detail.
    """
    raw = decode(cres)
    body = raw if isinstance(raw, Problem) else parse(raw)
    if isinstance(body, Problem) or validate(str(body.get("messageType")), body) is not None:
        return None
    if body["messageType"] not in ("CRes", "Erro"):
        return None
    auth = authentication_of(body.get("threeDSServerTransID"))
    if auth is None or not same_id(auth.acs_trans_id, body.get("acsTransID")) or not _is_waiting(auth, now):
        return None
    with within(auth.merchant_id):
        if Authentication.objects.filter(pk=auth.pk, browser_returned_at=None).update(
            browser_returned_at=now
        ):
            note_message(auth, Direction.RECEIVED, body, now=now)
    return auth.server_trans_id


def is_too_late(auth: Authentication, *, now: datetime) -> bool:
    """Did the payer's time at the bank pass without a result (safety.md 3D-1)?"""
    if not auth.was_challenged or auth.final_status or auth.answered_at is None:
        return False
    until = auth.answered_at + timedelta(seconds=CHALLENGE_SECONDS)
    return now > until and (auth.result_at is None or auth.result_at > until)


def final_result(
    auth: Authentication,
    *,
    now: datetime,
    wait: Callable[[int], None] = time.sleep,
    ticks: Callable[[], float] = time.monotonic,
) -> AuthenticationResult:
    """What we go by. After a challenge: the result that came server to server, else the status query's, else U.

    Once the payer is back it is asked for up to 10 seconds of `ticks` (safety.md 3D-1), else just once. The first
    answer stands: what comes later changes nothing. The value is read from the server again: we do not store it.
    """
    assert_no_transaction("the result of a challenge")
    with within(auth.merchant_id):
        auth.refresh_from_db()
        assert auth.was_challenged or auth.final_status, "an ARes is waited for where it was asked for"
        rreq: Mapping[str, Any] | None = None
        if auth.was_challenged and (not auth.final_status or auth.result_has_value):
            rreq = _ask_for_result(auth, wait=wait, ticks=ticks, now=now)
        if not auth.final_status:
            with transaction.atomic(durable=True):
                _finish(auth, auth.result_status, now=now)
    same = rreq is not None and (rreq.get("transStatus"), rreq.get("eci") or "") == (
        auth.final_status,
        auth.result_eci,
    )
    return _result(
        auth, value=str(rreq.get("authenticationValue") or "") if rreq is not None and same else ""
    )


_SPENT: Final = KeptChange(
    lambda: Authentication.objects.filter(
        pk=Given("auth_id", Authentication._meta.pk), used_at=None, closed_at=None
    ).exclude(final_status=""),
    "used_at",
)


def use_for_authorisation(auth: Authentication, *, amount: Money, card: Card, now: datetime) -> None:
    """Spend an authentication on one authorization, in the caller's transaction (safety.md 3D-2).

    Checks amount, currency and card again. Raises `AuthenticationMismatch`: then nothing is sent, and an alarm is due.
    """
    _must_fit(auth, amount=amount, card=card)
    if not _SPENT.run({"used_at": now}, auth_id=auth.pk):
        raise _mismatch(auth, "unfinished, closed or used before")
    auth.used_at = now


def close_authentication(auth: Authentication, *, now: datetime) -> None:
    """The attempt is over. A result that still comes is stored and changes nothing. May be called again."""
    Authentication.objects.filter(pk=auth.pk, closed_at=None).update(closed_at=now)


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


def _is_waiting(auth: Authentication, now: datetime) -> bool:
    """Is the payer at the bank's page, and has time left?"""
    if not auth.was_challenged or auth.final_status or auth.closed_at is not None or auth.answered_at is None:
        return False
    return now - auth.answered_at <= timedelta(seconds=CHALLENGE_SECONDS)


def _must_fit(auth: Authentication, *, amount: Money, card: Card) -> None:
    if amount != auth.amount:
        raise _mismatch(auth, "another amount")
    if auth.card_fingerprint not in {one.hex() for one in macs(CARD_PURPOSE, card.number.digits.encode())}:
        raise _mismatch(auth, "another card")


def _mismatch(auth: Authentication, why: str) -> AuthenticationMismatch:
    log.error("threeds.mismatch", merchant=auth.merchant_id, authentication=auth.pk, cause=why)
    return AuthenticationMismatch(_("The payment does not match what your bank confirmed."))
