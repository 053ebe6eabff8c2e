"""The pretend 3-D Secure server and directory: answers by card number, in the real messages' bytes (safety.md 3D-6)."""

import base64
import hashlib
import time
from collections.abc import Callable
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from paygate.cards.number import CardNumber
from paygate.languages import ui_language
from paygate.money.currencies import by_numeric
from paygate.threeds.messages import ErrorCode, Message, Problem, build, masked, parse, validate, write
from paygate.threeds.server import AREQ_SECONDS, CardRange, NoAnswer, ServerIdentity
from paygate.threeds.simulator import store
from paygate.threeds.simulator.faults import Fault, Mode, Op, due
from paygate.threeds.simulator.scenarios import (
    ANSWERS,
    WITH_METHOD_URL,
    WITHOUT_METHOD_URL,
    Scenario,
    eci_for,
    scenario_for,
)
from paygate.threeds.simulator.store import Challenge

VERSIONS: Final = ("2.1.0", "2.2.0")
REFERENCE: Final = "PAYGATE-TEST-BANK"


class Simulator:
    """A `ThreeDSServer` for the sandbox."""

    kind: str = "simulator"

    def __init__(self, wait: Callable[[int], None] = time.sleep) -> None:
        self.wait = wait

    def identity(self) -> ServerIdentity:
        """A name that no approving body has given."""
        return ServerIdentity("PAYGATE-TEST-3DSS", page_url("challenge"))

    def card_range(self, number: CardNumber) -> CardRange | None:
        """The test cards are in a range, all others in none."""
        scenario = scenario_for(number.digits, mandated=False)
        if scenario in (None, Scenario.ABSENT):
            return None
        digits = number.digits
        has_method = digits.startswith(WITH_METHOD_URL) and not digits.startswith(WITHOUT_METHOD_URL)
        return CardRange(VERSIONS, page_url("method") if has_method else "")

    def authenticate(self, areq: Message) -> Message | NoAnswer:
        """The issuer's answer, unless a fault was planned."""
        fault = due(Op.ARES, int(areq.get("purchaseAmount") or 0))
        if fault is not None and fault.mode is Mode.DELAY:
            self.wait(min(fault.delay_seconds, AREQ_SECONDS))
        if lost := _lost(fault):
            return lost
        answer = parse(
            self._answer(write(areq), malformed=fault is not None and fault.mode is Mode.MALFORMED)
        )
        return NoAnswer(answer.code, answer.detail) if isinstance(answer, Problem) else answer

    def result_of(self, server_trans_id: str) -> Message | None:
        """The result of a challenge, once the payer has pressed a button."""
        challenge = store.recall(server_trans_id=server_trans_id)
        return result_message(challenge) if challenge is not None and challenge.visible else None

    def _answer(self, raw: bytes, *, malformed: bool) -> bytes:
        areq = parse(raw)
        problem = areq if isinstance(areq, Problem) else validate("AReq", areq)
        if isinstance(areq, Problem) or problem is not None:
            return write(_error(problem))
        scenario = scenario_for(areq["acctNumber"], mandated=areq.get("threeDSRequestorChallengeInd") == "04")
        ares = _ares(areq, scenario or Scenario.UNUSABLE)
        if malformed:
            del ares["dsTransID"]
        return write(ares)


def page_url(name: str) -> str:
    """The public address of one of the pretend issuer's pages."""
    return f"{settings.PAYGATE_PUBLIC_URL.rstrip('/')}{reverse(f'threeds_simulator:{name}')}"


def result_message(challenge: Challenge) -> Message:
    """The RReq of a decided challenge."""
    status = challenge.status
    proven = status in ("Y", "A")
    rreq = build(
        "RReq",
        challenge.version,
        threeDSServerTransID=challenge.server_trans_id,
        dsTransID=challenge.ds_trans_id,
        acsTransID=challenge.acs_trans_id,
        messageCategory="01",
        transStatus=status,
        transStatusReason="" if proven else "01",
        eci=eci_for(challenge.card, status),
        authenticationValue=_value(challenge.acs_trans_id) if proven else "",
        authenticationType="02",
        interactionCounter="01",
        challengeCancel=challenge.cancel,
    )
    if challenge.malformed:
        del rreq["dsTransID"]
    return rreq


def _ares(areq: Message, scenario: Scenario) -> Message:
    status = ANSWERS.get(scenario, "C")
    acs_trans_id, ds_trans_id = str(uuid4()), str(uuid4())
    asked = {}
    if status == "C":
        asked = {"acsURL": page_url("challenge"), "acsChallengeMandated": "Y", "authenticationType": "02"}
        store.remember(
            Challenge(
                server_trans_id=areq["threeDSServerTransID"],
                acs_trans_id=acs_trans_id,
                ds_trans_id=ds_trans_id,
                version=areq["messageVersion"],
                card=masked(areq)["acctNumber"],
                scenario=scenario,
                merchant_name=areq["merchantName"],
                amount_minor=int(areq["purchaseAmount"]),
                currency=by_numeric(areq["purchaseCurrency"]),
                notification_url=areq["notificationURL"],
                language=ui_language(areq["browserLanguage"]),
            )
        )
    return build(
        "ARes",
        areq["messageVersion"],
        threeDSServerTransID=areq["threeDSServerTransID"],
        dsTransID=ds_trans_id,
        acsTransID=acs_trans_id,
        transStatus=status,
        transStatusReason="22" if status == "U" else "",
        eci="" if status == "C" else eci_for(areq["acctNumber"], status),
        authenticationValue=_value(acs_trans_id) if status in ("Y", "A") else "",
        acsReferenceNumber=REFERENCE,
        dsReferenceNumber=REFERENCE,
        **asked,
    )


def _lost(fault: Fault | None) -> NoAnswer | None:
    if fault is not None and fault.mode is Mode.DROP:
        return NoAnswer(ErrorCode.CONNECTION, "the connection was cut")
    if fault is not None and fault.mode is Mode.DELAY and fault.delay_seconds >= AREQ_SECONDS:
        return NoAnswer(ErrorCode.TIMED_OUT, "no answer in time")
    return None


def _error(problem: Problem | None) -> Message:
    assert problem is not None
    return build(
        "Erro",
        VERSIONS[-1],
        errorCode=problem.code.value,
        errorComponent="D",
        errorDescription="The test directory does not take this question",
        errorDetail=problem.detail,
        errorMessageType="AReq",
    )


def _value(acs_trans_id: str) -> str:
    """28 letters that look like the issuer's proof."""
    return base64.b64encode(hashlib.sha256(f"test bank {acs_trans_id}".encode()).digest()[:20]).decode()
