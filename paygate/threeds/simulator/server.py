"""The 3-D Secure server of the sandbox: asks the pretended directory, in this process or over HTTP (safety.md 3D-6)."""

import time
from collections.abc import Callable
from typing import Final

from django.conf import settings

from paygate.cards.number import CardNumber
from paygate.outbound import Limits, NoReply, NothingArrived
from paygate.outbound.own_hosts import host_of
from paygate.simulation.wire import exchange
from paygate.threeds.messages import ErrorCode, Message, Problem, parse, write
from paygate.threeds.server import AREQ_SECONDS, CardRange, NoAnswer, ServerIdentity
from paygate.threeds.simulator.directory import ANSWER, CARD_RANGE, RESULT
from paygate.threeds.simulator.wire import DIRECTORY

RESULT_PATH: Final = "/3ds/result"  # where results are sent to: an address of the payment pages


class Simulator:
    """A `ThreeDSServer` for the sandbox."""

    kind: str = "simulator"

    def __init__(self, wait: Callable[[float], None] = time.sleep) -> None:
        self.wait = wait

    def hosts(self) -> tuple[str, ...]:
        """One, where it is a process of its own."""
        return (host_of(settings.PAYGATE_SIMULATOR_URL),)

    def identity(self) -> ServerIdentity:
        """A name that no approving body has given."""
        return ServerIdentity("PAYGATE-TEST-3DSS", settings.PAYGATE_PUBLIC_URL + RESULT_PATH)

    def card_range(self, number: CardNumber) -> CardRange | None:
        """The test cards are in a range, all others in none."""
        found = self._ask({"messageType": CARD_RANGE, "acctNumber": number.digits})
        if isinstance(found, NoAnswer) or not found:
            return None
        return CardRange(tuple(found["versions"]), found["methodURL"])

    def authenticate(self, areq: Message) -> Message | NoAnswer:
        """The issuer's answer, unless a fault was planned."""
        return self._ask(areq)

    def answer_of(self, server_trans_id: str) -> Message | None:
        """What the issuer answered at once."""
        found = self._ask({"messageType": ANSWER, "threeDSServerTransID": server_trans_id})
        return None if isinstance(found, NoAnswer) else found or None

    def result_of(self, server_trans_id: str) -> Message | None:
        """The result of a challenge, once the payer has pressed a button."""
        found = self._ask({"messageType": RESULT, "threeDSServerTransID": server_trans_id})
        return None if isinstance(found, NoAnswer) else found or None

    def _ask(self, question: Message) -> Message | NoAnswer:
        limits = Limits(read=AREQ_SECONDS, total=AREQ_SECONDS)
        try:
            status, body = exchange(DIRECTORY, write(question), limits=limits, wait=self.wait)
        except NothingArrived as failure:
            return NoAnswer(ErrorCode.CONNECTION, str(failure))
        except NoReply as failure:
            late = str(failure) == "timeout"
            return NoAnswer(ErrorCode.TIMED_OUT if late else ErrorCode.CONNECTION, str(failure))
        if status != 200:
            return NoAnswer(ErrorCode.CONNECTION, f"http_{status}")
        answer = parse(body)
        return NoAnswer(answer.code, answer.detail) if isinstance(answer, Problem) else answer
