"""The way to the pretend acquirer within this process, with the faults that were asked for."""

import json
import time
from typing import Final

from paygate.acquiring.simulator import acquirer, faults
from paygate.acquiring.simulator.faults import TWISTS, Fault, Mode

READ_SECONDS: Final = 30.0  # safety.md OC-4


class NothingArrived(Exception):
    """No connection was made, so no byte of the message reached the other side."""


class NoReply(Exception):
    """The message left, and no reply came. The argument says how that was noticed."""


def exchange(message: bytes) -> tuple[int, bytes]:
    """Status and body of the reply to a message. Raises `NothingArrived` or `NoReply`."""
    fault = faults.take(json.loads(message))
    if fault is None:
        return 200, acquirer.answer(message)
    if fault.mode is Mode.REFUSE_CONNECT:
        raise NothingArrived("connection refused")
    if fault.mode is Mode.DROP_BEFORE_READ:
        raise NoReply("dropped")
    reply = acquirer.answer(message, fault.mode if fault.mode in TWISTS else None)
    return _delivered(reply, fault)


def _delivered(reply: bytes, fault: Fault) -> tuple[int, bytes]:
    """What arrives of a reply that was given."""
    time.sleep(min(fault.delay_s, READ_SECONDS))
    match fault.mode:
        case Mode.DROP_AFTER_COMMIT:
            raise NoReply("dropped")
        case Mode.LATE_REPLY:
            raise NoReply("timeout")
        case Mode.DELAY | Mode.SLOW_DRIP if fault.delay_s >= READ_SECONDS:
            raise NoReply("timeout")
        case Mode.HTTP_500:
            return 500, b"Internal Server Error"
        case Mode.HTML_502:
            return 502, b"<html><title>502 Bad Gateway</title></html>"
        case mode:
            return 200, faults.spoil(mode, reply)
