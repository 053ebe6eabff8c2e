"""The pretended directory: answers by card number, in the real messages' bytes (safety.md 3D-6).

Beside the AReq it takes three messages of our own making, which real servers have in one form or another: what is known
about a card's range, what an issuer answered, and what became of a challenge. It knows nothing of the product.
"""

import base64
import hashlib
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from paygate.languages import ui_language
from paygate.money.currencies import by_numeric
from paygate.simulation.faults import Mode
from paygate.threeds.message_fields import NO_PAYMENT, PAYMENT
from paygate.threeds.messages import Message, Problem, build, masked, parse, validate, write
from paygate.threeds.simulator import store
from paygate.threeds.simulator.scenarios import (
    ANSWERS,
    WITH_METHOD_URL,
    WITHOUT_METHOD_URL,
    Scenario,
    eci_for,
    scenario_for,
)
from paygate.threeds.simulator.store import Asked, Challenge

VERSIONS: Final = ("2.1.0", "2.2.0")
REFERENCE: Final = "PAYGATE-TEST-BANK"

CARD_RANGE: Final = "CardRange"  # the messageType of our own questions
RESULT: Final = "Result"
ANSWER: Final = "Answer"
FIRST_OF_SERIES: Final = "02"  # threeDSRequestorAuthenticationInd


def answer(raw: bytes, fault: Mode | None = None, origin: str = "") -> bytes:
    """The reply to one message; `origin` is the address that the issuer's pages are under."""
    asked = parse(raw)
    if isinstance(asked, Problem):
        return write(_error(asked))
    kind = asked.get("messageType")
    if kind == CARD_RANGE:
        return write(_card_range(str(asked.get("acctNumber")), origin))
    if kind == RESULT:
        challenge = store.recall(server_trans_id=str(asked.get("threeDSServerTransID")))
        return write(result_message(challenge) if challenge is not None and challenge.visible else {})
    if kind == ANSWER:
        known = store.noted(str(asked.get("threeDSServerTransID")))
        return write(_as_ares(known) if known is not None and known.status != "C" else {})
    if (problem := validate("AReq", asked)) is not None:
        return write(_error(problem))
    scenario = scenario_for(asked["acctNumber"], mandated=asked.get("threeDSRequestorChallengeInd") == "04")
    return write(_ares(asked, scenario or Scenario.UNUSABLE, origin))


def page_url(name: str, origin: str) -> str:
    """The public address of one of the pretend issuer's pages."""
    return f"{origin or settings.PAYGATE_PUBLIC_URL}{reverse(f'threeds_simulator:{name}')}"


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
        messageCategory=PAYMENT if challenge.currency else NO_PAYMENT,
        transStatus=status,
        transStatusReason="" if proven else "01",
        eci=eci_for(challenge.card, status, recurring=_is_series(challenge.server_trans_id)),
        authenticationValue=_value(challenge.acs_trans_id) if proven else "",
        authenticationType="02",
        interactionCounter="01",
        challengeCancel=challenge.cancel,
    )
    if challenge.malformed:
        del rreq["dsTransID"]
    return rreq


def _card_range(number: str, origin: str) -> Message:
    """The test cards are in a range, all others in none."""
    if scenario_for(number, mandated=False) in (None, Scenario.ABSENT):
        return {}
    has_method = number.startswith(WITH_METHOD_URL) and not number.startswith(WITHOUT_METHOD_URL)
    return {"versions": list(VERSIONS), "methodURL": page_url("method", origin) if has_method else ""}


def _ares(areq: Message, scenario: Scenario, origin: str) -> Message:
    status = ANSWERS.get(scenario, "C")
    acs_trans_id, ds_trans_id = str(uuid4()), str(uuid4())
    asked = {}
    if status == "C":
        asked = {
            "acsURL": page_url("challenge", origin),
            "acsChallengeMandated": "Y",
            "authenticationType": "02",
        }
        store.remember(
            Challenge(
                server_trans_id=areq["threeDSServerTransID"],
                acs_trans_id=acs_trans_id,
                ds_trans_id=ds_trans_id,
                version=areq["messageVersion"],
                card=masked(areq)["acctNumber"],
                scenario=scenario,
                merchant_name=areq["merchantName"],
                amount_minor=int(areq.get("purchaseAmount", "0")),
                currency=by_numeric(areq["purchaseCurrency"]) if "purchaseCurrency" in areq else "",
                notification_url=areq["notificationURL"],
                result_url=areq["threeDSServerURL"],
                language=ui_language(areq["browserLanguage"]),
            )
        )
    known = Asked(
        server_trans_id=areq["threeDSServerTransID"],
        acs_trans_id=acs_trans_id,
        ds_trans_id=ds_trans_id,
        version=areq["messageVersion"],
        card=masked(areq)["acctNumber"],
        status=status,
        recurring=areq.get("threeDSRequestorAuthenticationInd") == FIRST_OF_SERIES,
    )
    store.note(known)
    return _as_ares(known, **asked)


def _as_ares(known: Asked, **asked: str) -> Message:
    status = known.status
    return build(
        "ARes",
        known.version,
        threeDSServerTransID=known.server_trans_id,
        dsTransID=known.ds_trans_id,
        acsTransID=known.acs_trans_id,
        transStatus=status,
        transStatusReason="22" if status == "U" else "",
        eci="" if status == "C" else eci_for(known.card, status, recurring=known.recurring),
        authenticationValue=_value(known.acs_trans_id) if status in ("Y", "A") else "",
        acsReferenceNumber=REFERENCE,
        dsReferenceNumber=REFERENCE,
        **asked,
    )


def _is_series(server_trans_id: str) -> bool:
    known = store.noted(server_trans_id)
    return known is not None and known.recurring


def _error(problem: Problem) -> Message:
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
