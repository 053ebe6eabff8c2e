"""The way to a pretended other side, with the faults that were asked for: within this process, or over HTTP.

Over HTTP a process of its own answers (`paygate simulator`, PAYGATE_SIMULATOR_URL), and most faults happen on the wire
for real. A refused connection cannot be had for one message alone, so the way there asks for it beforehand: before
each message it asks whether a refusal is due (`CONNECT`), and if so leaves the message unsent.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings

from paygate import outbound
from paygate.clock import offset
from paygate.outbound import Limits, NoReply, NothingArrived
from paygate.outbound.causes import Cause
from paygate.simulation import faults
from paygate.simulation.faults import Facts, Mode

CONNECT: Final = "/simulator/connect"  # where the refusal of a connection is asked for
HERE: Final = ""  # the address of pages of this process: the product's own
ERROR_PAGES: Final[Mapping[Mode, tuple[int, bytes]]] = {
    Mode.HTTP_500: (500, b"Internal Server Error"),
    Mode.HTML_502: (502, b"<html><title>502 Bad Gateway</title></html>"),
}


@dataclass(frozen=True, slots=True)
class Party:
    """One other side: where it takes messages over HTTP, and how its messages are named, answered and spoiled."""

    path: str
    facts: Callable[[bytes], Facts]  # of a message; nothing secret
    answer: Callable[[bytes, Mode | None, str], bytes]  # message, fault, the address that its pages are under
    spoil: Callable[[Mode, bytes], bytes]  # an answer gone wrong


def exchange(
    party: Party, message: bytes, *, limits: Limits, wait: Callable[[float], None] = time.sleep
) -> tuple[int, bytes]:
    """Status and body of the reply to a message. Raises `NothingArrived` or `NoReply`."""
    if settings.PAYGATE_SIMULATOR_URL:
        return _over_http(party, message, limits)
    return _here(party, message, outbound.in_time(limits), wait)


def _over_http(party: Party, message: bytes, limits: Limits) -> tuple[int, bytes]:
    base: str = settings.PAYGATE_SIMULATOR_URL
    facts = party.facts(message)
    if facts.get("op") and _is_refused(base, facts, limits):
        raise NothingArrived(Cause.CONNECTION_REFUSED)
    return outbound.post(base + party.path, message, limits=limits)


def _is_refused(base: str, facts: Facts, limits: Limits) -> bool:
    """Is the connection for this message to be refused? Whatever else comes of the asking, the message is unsent."""
    try:
        status, answer = outbound.post(base + CONNECT, json.dumps(dict(facts)).encode(), limits=limits)
        return status != 200 or bool(json.loads(answer)["refused"])
    except (NoReply, ValueError, KeyError, TypeError) as failure:
        raise NothingArrived(Cause.NO_CONNECTION) from failure


def _here(party: Party, message: bytes, limits: Limits, wait: Callable[[float], None]) -> tuple[int, bytes]:
    let_arrive()
    sent_at = _now()
    fault = faults.take(party.facts(message))
    if fault is None:
        return 200, party.answer(message, None, HERE)
    if fault.mode is Mode.REFUSE_CONNECT:
        raise NothingArrived(Cause.CONNECTION_REFUSED)
    if fault.mode is Mode.DROP_BEFORE_READ:
        raise NoReply(Cause.DROPPED)
    wait(min(fault.delay_s, limits.read))
    is_late = fault.delay_s >= limits.read
    if fault.mode is Mode.DELAY and is_late:
        _send_off(party, message, sent_at + timedelta(seconds=fault.delay_s))
        raise NoReply(Cause.TIMEOUT)
    reply = party.answer(message, fault.mode, HERE)
    if fault.mode is Mode.DROP_AFTER_COMMIT:
        raise NoReply(Cause.DROPPED)
    if fault.mode is Mode.LATE_REPLY or is_late:
        raise NoReply(Cause.TIMEOUT)
    return ERROR_PAGES.get(fault.mode) or (200, party.spoil(fault.mode, reply))


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A message that nobody waits for any more, and that arrives all the same."""

    party: Party
    message: bytes
    due: datetime
    ledger: str


# In memory only: messages hold card numbers, and what dies with its sender has never arrived.
_under_way: list[_UnderWay] = []
_under_way_lock = threading.Lock()


def _send_off(party: Party, message: bytes, due: datetime) -> None:
    with _under_way_lock:
        _under_way.append(_UnderWay(party, message, due, str(settings.PAYGATE_SIMULATOR_LEDGER)))


def let_arrive(*, everything: bool = False) -> None:
    """Let the late messages of this process arrive that are due by the clock, or all. Happens before each message."""
    ledger, now = str(settings.PAYGATE_SIMULATOR_LEDGER), _now()
    with _under_way_lock:
        due = [one for one in _under_way if one.ledger != ledger or everything or one.due <= now]
        for one in due:
            _under_way.remove(one)
    for one in due:
        if one.ledger == ledger:  # the others' book is gone
            one.party.answer(one.message, None, HERE)


def forget_under_way() -> None:
    """What is under way in this process gets lost."""
    with _under_way_lock:
        _under_way.clear()


def _now() -> datetime:
    return datetime.now(UTC) + offset()
