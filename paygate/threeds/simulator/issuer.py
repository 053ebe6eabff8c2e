"""The pretend issuer at work: what a button means, the result sent server to server, and the browser's way back."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connections

from paygate import outbound
from paygate.outbound import Limits, NoReply, NothingArrived
from paygate.simulation.faults import Fault, Mode
from paygate.threeds.messages import Message, Problem, build, decode, encode, parse, validate, write
from paygate.threeds.simulator import store
from paygate.threeds.simulator.directory import result_message
from paygate.threeds.simulator.faults import Op, conflicting, due, spoil
from paygate.threeds.simulator.scenarios import APPROVED, Press, Scenario
from paygate.threeds.simulator.store import Challenge

CANCELLED_BY_PAYER: Final = "01"
RESULT_LIMITS: Final = Limits(connect=5, read=10, total=10)


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
    if is_first:
        _tell(challenge.acs_trans_id, fault, now=now)
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


def _tell(acs_trans_id: str, fault: Fault | None, *, now: datetime) -> None:
    """Send the result, or what a fault makes of that."""
    mode = fault.mode if fault is not None else None
    if mode is Mode.DROP_BEFORE_READ:
        return
    if fault is not None and mode is Mode.DELAY:
        late = now + timedelta(seconds=fault.delay_s)
        _later(fault.delay_s, lambda: _send_result(acs_trans_id, None, now=late))
    else:
        _send_result(acs_trans_id, mode, now=now)


def _send_result(acs_trans_id: str, mode: Mode | None, *, now: datetime) -> None:
    """Send the RReq; from then on the status query sees it too, whether or not it got through."""
    store.reveal(acs_trans_id)
    challenge = store.recall(acs_trans_id=acs_trans_id)
    if challenge is None or mode is Mode.REFUSE_CONNECT:
        return
    rreq = write(result_message(challenge))
    match mode:
        case None:
            messages = [rreq]
        case Mode.DUPLICATE_REPLY | Mode.DROP_AFTER_COMMIT:  # whose receipt is lost, who sends again
            messages = [rreq, rreq]
        case Mode.DUPLICATE_CONFLICTING:
            messages = [rreq, conflicting(rreq)]
        case _:
            messages = [spoil(mode, rreq)]
    for message in messages:
        _hand_over(challenge, message, now=now)


def _hand_over(challenge: Challenge, rreq: bytes, *, now: datetime) -> None:
    if settings.PAYGATE_SIMULATOR_ALONE:
        try:
            outbound.post(challenge.result_url, rreq, limits=RESULT_LIMITS)
        except (NothingArrived, NoReply):
            pass  # the product is away; its status query will find the result here
        return
    # The product's books, which a simulator of its own does not have.
    from paygate.threeds.results import take_result

    take_result(rreq, now=now)


def _later(seconds: float, send: Callable[[], None]) -> None:
    def sent() -> None:
        try:
            send()
        finally:
            connections.close_all()

    timer = threading.Timer(seconds, sent)
    timer.daemon = True
    timer.start()
