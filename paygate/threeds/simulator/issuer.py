"""The pretend issuer at work: what a button means, the result sent server to server, and the browser's way back."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import connections

from paygate.threeds.messages import Message, Problem, build, decode, encode, parse, validate, write
from paygate.threeds.results import take_result
from paygate.threeds.simulator import store
from paygate.threeds.simulator.faults import Mode, Op, due
from paygate.threeds.simulator.scenarios import APPROVED, Press, Scenario
from paygate.threeds.simulator.server import result_message
from paygate.threeds.simulator.store import Challenge

CANCELLED_BY_PAYER: Final = "01"


def challenge_of(creq_form: str) -> Challenge | None:
    """The challenge a browser comes for, if its CReq is in order and ours."""
    raw = decode(creq_form)
    creq = raw if isinstance(raw, Problem) else parse(raw)
    if isinstance(creq, Problem) or validate("CReq", creq) is not None:
        return None
    challenge = store.recall(acs_trans_id=creq["acsTransID"])
    fits = challenge is not None and challenge.server_trans_id == creq["threeDSServerTransID"].lower()
    return challenge if fits else None


def press(acs_trans_id: str, pressed: Press, *, now: datetime) -> Challenge | None:
    """The payer pressed a button. The first press counts, and sends the result before the browser goes back."""
    challenge = store.recall(acs_trans_id=acs_trans_id) if acs_trans_id else None
    if challenge is None:
        return None
    fault = None if challenge.status else due(Op.RREQ, challenge.amount_minor)
    is_first = store.decide(
        challenge.acs_trans_id,
        status=APPROVED[Scenario(challenge.scenario)] if pressed is Press.APPROVE else "N",
        cancel=CANCELLED_BY_PAYER if pressed is Press.CANCEL else "",
        malformed=fault is not None and fault.mode is Mode.MALFORMED,
    )
    if is_first and not (fault is not None and fault.mode is Mode.DROP):
        if fault is not None and fault.mode is Mode.DELAY:
            late = now + timedelta(seconds=fault.delay_seconds)
            _later(fault.delay_seconds, lambda: _send_result(challenge.acs_trans_id, now=late))
        else:
            _send_result(challenge.acs_trans_id, now=now)
    return store.recall(acs_trans_id=acs_trans_id)


def cres_for(challenge: Challenge) -> str:
    """What the browser carries back. Only Y and N exist here; the truth went server to server."""
    cres: Message = build(
        "CRes",
        challenge.version,
        threeDSServerTransID=challenge.server_trans_id,
        acsTransID=challenge.acs_trans_id,
        challengeCompletionInd="Y",
        transStatus="Y" if challenge.status in ("Y", "A") else "N",
    )
    return encode(cres)


def _send_result(acs_trans_id: str, *, now: datetime) -> None:
    """Hand the RReq over in bytes, as HTTP would; from then on the status query sees it too."""
    store.reveal(acs_trans_id)
    challenge = store.recall(acs_trans_id=acs_trans_id)
    if challenge is not None:
        take_result(write(result_message(challenge)), now=now)


def _later(seconds: int, send: Callable[[], None]) -> None:
    def sent() -> None:
        try:
            send()
        finally:
            connections.close_all()

    timer = threading.Timer(seconds, sent)
    timer.daemon = True
    timer.start()
