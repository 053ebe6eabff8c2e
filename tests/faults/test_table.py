"""Every fault with every operation, told by the table: right after, and when the schedule has run (table.py)."""

from itertools import product

import pytest

from paygate.acquiring.simulator.faults import set_fault
from paygate.jobs.interface import run_due
from paygate.simulation.faults import Mode
from tests.faults.counter import LATE, Counter, go_home, held, in_seconds, run_on, undecided
from tests.faults.table import CANNOT_BE, MESSAGES, OPERATIONS, TABLE
from tests.invariants import assert_invariants_hold

pytestmark = pytest.mark.django_db


def suffer(counter: Counter, operation: str, mode: Mode) -> str:
    """Let the fault happen to the operation; what whoever asked for it is told."""

    def fault() -> None:
        set_fault(
            MESSAGES.get(operation, operation),
            mode,
            delay_s=LATE if mode in (Mode.DELAY, Mode.SLOW_DRIP) else 0,
        )

    match operation:
        case "AUTH":
            fault()
            return counter.pay()
        case "INQUIRY":
            set_fault("AUTH", Mode.DROP_AFTER_COMMIT)
            assert counter.pay() == "checking"
            fault()
            in_seconds(3)
            return counter.look()
        case "REVERSAL":
            set_fault("AUTH", Mode.PARTIAL_AMOUNT)
            assert counter.pay() == "checking"
            fault()
            run_due()
            return counter.look()
    assert counter.pay() == "paid"
    if operation in ("BATCH", "REFUND"):
        assert counter.book() == "booked"
    if operation == "RELEASE":
        assert counter.book_part() == "booked"
    fault()
    return {
        "CAPTURE": counter.book,
        "PART": counter.book_part,
        "CREDIT": counter.send_money,
        "RELEASE": counter.release,
        "CANCEL": counter.cancel,
        "REFUND": counter.refund,
        "BATCH": counter.close,
    }[operation]()


CELLS = [pytest.param(op, mode, id=f"{op}-{mode}") for op, row in TABLE.items() for mode in row]


@pytest.mark.parametrize(("operation", "mode"), CELLS)
def test_a_fault_ends_as_the_table_says(operation, mode):
    cell, counter = TABLE[operation][mode], Counter()

    told = suffer(counter, operation, mode)
    assert (counter.books, told) == (cell.after, cell.told)
    run_on()
    go_home()

    assert (counter.books, held(), counter.letters) == (cell.end, cell.held, cell.letters)
    assert undecided() == []
    assert_invariants_hold()


def test_every_mode_with_every_operation_is_in_the_table_or_cannot_be():
    run = {(operation, mode) for operation, row in TABLE.items() for mode in row}

    assert not run & set(CANNOT_BE)
    assert run | set(CANNOT_BE) == set(product(OPERATIONS, Mode))
    assert len(run) + len(CANNOT_BE) == 10 * 19
    assert all(CANNOT_BE.values())
