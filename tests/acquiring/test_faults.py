"""Every fault does something to every operation, and the acquirer's ledger tells what."""

from collections.abc import Callable
from typing import Any

import pytest

from paygate.acquiring.connector import (
    Approved,
    BatchAccepted,
    Connector,
    Declined,
    NotSent,
    Operation,
    Unknown,
)
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.connector import SimulatorConnector
from paygate.acquiring.simulator.faults import set_fault
from paygate.simulation import wire
from paygate.simulation.faults import Mode
from tests.acquiring.requests import (
    authorize,
    batch,
    booked,
    cancel,
    capture,
    chf,
    inquire,
    refund,
    reserved,
    reverse,
)

OPERATIONS = [
    Operation(name) for name in ("AUTH", "CAPTURE", "REFUND", "REVERSAL", "CANCEL", "BATCH", "INQUIRY")
]

# What is told after one fault of a mode. A class for all operations, or by operation where they differ.
UNCHANGED = {Mode.DELAY, Mode.SLOW_DRIP, Mode.DUPLICATE_REPLY, Mode.SHIFT_REFUSED}
NOT_A_DECLINE = {Operation.BATCH: Unknown, Operation.INQUIRE: Approved}


def expected(mode: Mode, operation: Operation) -> type:
    """The kind of answer."""
    if mode is Mode.REFUSE_CONNECT:
        return NotSent
    if mode in UNCHANGED:
        return BatchAccepted if operation is Operation.BATCH else Approved
    if mode is Mode.SOFT_DECLINE:
        return NOT_A_DECLINE.get(operation, Declined)
    return Unknown


def question(connector: Connector, operation: Operation) -> tuple[Any, Callable[[], Any]]:
    """What would be approved, and the call that asks for it."""
    asked: Any
    ask: Callable[[Any], Any]
    match operation:
        case Operation.AUTHORIZE:
            asked, ask = authorize(), connector.authorize
        case Operation.CAPTURE:
            asked, ask = capture(reserved(connector)), connector.capture
        case Operation.REFUND:
            asked, ask = refund(booked(connector)), connector.refund
        case Operation.REVERSE:
            asked, ask = reverse(reserved(connector)), connector.reverse
        case Operation.CANCEL:
            asked, ask = cancel(reserved(connector)), connector.cancel
        case Operation.BATCH:
            asked, ask = batch(booked(connector)), connector.submit_batch
        case _:
            asked, ask = inquire(reserved(connector)), connector.inquire
    return asked, lambda: ask(asked)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("mode", Mode)
def test_every_mode_happens_to_every_operation_once(mode, operation):
    _, ask = question(SimulatorConnector(), operation)
    set_fault(operation, mode, delay_s=0.01)

    answer = ask()

    assert isinstance(answer, expected(mode, operation)), answer
    assert isinstance(getattr(answer, "raw", ""), str)
    if operation is Operation.INQUIRE or mode in (Mode.REFUSE_CONNECT, Mode.DROP_BEFORE_READ):
        assert isinstance(ask(), BatchAccepted if operation is Operation.BATCH else Approved)


@pytest.mark.parametrize("operation", [Operation.CAPTURE, Operation.REFUND])
def test_less_than_was_asked_is_what_the_ledger_holds(operation):
    asked, ask = question(SimulatorConnector(), operation)
    set_fault(operation, Mode.PARTIAL_AMOUNT)

    assert ask() == Unknown("partial", raw=ask().raw, to_be_given_back=True)

    (row,) = [row for row in ledger.listed() if row["request_id"] == asked.request_id]
    assert (row["approved"], asked.amount) == (5000, chf(10_000))


def test_a_batch_that_was_taken_for_nonsense_is_not_booked_and_may_be_filed_again():
    asked, ask = question(SimulatorConnector(), Operation.BATCH)
    set_fault(Operation.BATCH, Mode.SOFT_DECLINE)
    assert isinstance(ask(), Unknown)
    assert not [row for row in ledger.listed() if row["request_id"] == asked.request_id]

    assert isinstance(ask(), BatchAccepted)


@pytest.mark.parametrize("operation", [Operation.AUTHORIZE, Operation.CAPTURE, Operation.REFUND])
def test_what_was_given_back_before_it_arrived_is_not_kept(operation):
    connector = SimulatorConnector()
    asked, ask = question(connector, operation)

    assert isinstance(connector.reverse(reverse(asked)), Approved)

    answer = ask()
    assert isinstance(answer, Declined)
    assert answer.acquirer_code == "21"


def test_what_is_under_way_is_lost_with_a_fresh_start(monkeypatch):
    asked, ask = question(SimulatorConnector(), Operation.AUTHORIZE)
    set_fault(Operation.AUTHORIZE, Mode.DELAY, delay_s=60)
    monkeypatch.setattr("paygate.acquiring.simulator.wire.READ_SECONDS", 0.01)
    assert ask() == Unknown("timeout")
    wire.forget_under_way()

    wire.let_arrive(everything=True)

    assert ledger.listed() == []
