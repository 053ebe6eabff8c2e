"""The pretend acquirer's ledger is one book for several processes."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from paygate.acquiring.connector import Unknown
from paygate.acquiring.simulator import faults, ledger
from paygate.acquiring.simulator.connector import SimulatorConnector
from tests.acquiring.requests import authorize, inquire

ELSEWHERE = """
import sys
from django.conf import settings
settings.configure(
    PAYGATE_SIMULATOR_LEDGER=sys.argv[1], PAYGATE_CLOCK_OFFSET="", PAYGATE_SIMULATOR=True, PAYGATE_TEST_CARDS=True,
    PAYGATE_SIMULATOR_URL="",
)
from paygate.acquiring.simulator import faults
from paygate.acquiring.simulator.connector import SimulatorConnector
from tests.acquiring.requests import authorize
faults.set_fault("INQUIRY", "truncated")
for number in range(20):
    SimulatorConnector().authorize(authorize(request_id=f"{sys.argv[2]}-{number % 10}"))
SimulatorConnector().authorize(authorize(request_id="shared"))
"""


def test_processes_share_it():
    # The other processes ask ours for a broken inquiry, and all of them for one shared payment.
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", ELSEWHERE, settings.PAYGATE_SIMULATOR_LEDGER]
    running = [subprocess.Popen([*command, name], cwd=root) for name in ("one", "two")]
    assert [process.wait(timeout=60) for process in running] == [0, 0]

    counts = {str(row["request_id"]): row["count"] for row in ledger.listed()}

    assert counts == {f"{name}-{number}": 2 for name in ("one", "two") for number in range(10)} | {
        "shared": 2
    }
    assert isinstance(SimulatorConnector().inquire(inquire(authorize(request_id="shared"))), Unknown)


def test_it_holds_no_card_number():
    SimulatorConnector().authorize(authorize())

    folder = Path(settings.PAYGATE_SIMULATOR_LEDGER).parent
    assert all(b"9010003150000001" not in file.read_bytes() for file in folder.iterdir() if file.is_file())


def test_reset_forgets_operations_and_faults():
    SimulatorConnector().authorize(authorize())
    faults.set_fault("AUTH", "http_500")

    ledger.reset()

    assert ledger.listed() == []
    assert faults.take({"op": "AUTH"}) is None


def test_clear_forgets_faults_only():
    SimulatorConnector().authorize(authorize())
    faults.set_fault("AUTH", "http_500")

    faults.clear()

    assert len(ledger.listed()) == 1
    assert faults.take({"op": "AUTH"}) is None


@pytest.mark.parametrize(
    "wrong", [("NOTHING", "http_500", None), ("AUTH", "nothing", None), ("AUTH", "delay", {"x": "y"})]
)
def test_a_fault_that_does_not_exist_is_refused(wrong):
    op, mode, match = wrong

    with pytest.raises(ValueError, match=r"\w+"):
        faults.set_fault(op, mode, match=match)
