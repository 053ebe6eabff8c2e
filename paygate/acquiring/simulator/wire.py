"""The way to the pretend acquirer, in this process or in one of its own, with the faults that were asked for."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from paygate import outbound
from paygate.acquiring.simulator import acquirer, faults, ledger
from paygate.outbound import Limits
from paygate.simulation import wire
from paygate.simulation.faults import Mode
from paygate.simulation.wire import Party

CONNECT_SECONDS: Final = 5.0  # safety.md OC-4, like the next two
READ_SECONDS: Final = 30.0
TOTAL_SECONDS: Final = 35.0

LEDGER: Final = "/simulator/ledger"  # where its book can be read
WHOLE_BOOK: Final = Limits(total=120, longest=1024**3)


def facts(message: bytes) -> Mapping[str, Any]:
    """What a fault can match."""
    said = json.loads(message)
    return {key: said[key] for key in ("op", "request_id", "terminal", "amount", "method") if key in said}


def answer(message: bytes, fault: Mode | None, origin: str) -> bytes:
    """The acquirer's reply."""
    return acquirer.answer(message, fault, origin)


ACQUIRER: Final = Party("/simulator/acquirer", facts, answer, faults.spoil)


def exchange(message: bytes) -> tuple[int, bytes]:
    """Status and body of the reply to a message. Raises `NothingArrived` or `NoReply`."""
    return wire.exchange(ACQUIRER, message, limits=Limits(CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS))


def listed() -> list[dict[str, object]]:
    """What the acquirer believes happened, wherever it runs: every operation by own reference with its count."""
    if not settings.PAYGATE_SIMULATOR_URL:
        return ledger.listed()
    _, body = outbound.get(settings.PAYGATE_SIMULATOR_URL + LEDGER, limits=WHOLE_BOOK)
    book: list[dict[str, object]] = json.loads(body)
    return book
