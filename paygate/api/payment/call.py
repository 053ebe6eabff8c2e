"""`Call`: one path of the JSON API, what it is sent, what it answers and who does the work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from paygate.api.authentication import Caller
from paygate.api.same_request import Errand
from paygate.api.wire.base import Container
from paygate.api.wire.common import ResponseHeader
from paygate.merchants.licence import Feature


@dataclass(frozen=True, slots=True)
class Task:
    """One request at work: when, in which version of the wire, and what an interrupted run of it has made."""

    now: datetime
    minor: int  # of the SpecVersion: 53 for 1.53
    header: ResponseHeader
    errand: Errand


@dataclass(frozen=True, slots=True)
class Call:
    """A row of the table in routes.py."""

    path: str  # "Transaction/Capture"
    asked: type[Container]
    told: type[Container]
    work: Callable[[Caller, Any, Task], Container]
    moves: bool = False  # creates or moves money: its repeats are answered from memory (safety.md ID-3)
    feature: Feature = Feature.PAYMENT_API
