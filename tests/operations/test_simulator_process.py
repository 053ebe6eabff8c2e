"""`paygate simulator`: a process of its own that needs no database and outlives everything else (safety.md TE-1)."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from paygate.acquiring.connector import Approved, Elsewhere, NotSent, Unknown
from paygate.acquiring.simulator import wire
from paygate.acquiring.simulator.connector import SimulatorConnector
from tests.acquiring.requests import authorize, chf, inquire, twint
from tests.simulator_process import CHECKOUT, SimulatorProcess, simulator_process

SIMULATOR = SimulatorConnector()


@pytest.fixture
def running(tmp_path: Path, settings) -> Iterator[SimulatorProcess]:
    """One of this test's own; the product is told where."""
    with simulator_process(tmp_path / "ledger.sqlite3") as simulator:
        settings.PAYGATE_SIMULATOR_URL = simulator.url
        yield simulator


def plan(running: SimulatorProcess, **fault: object) -> None:
    answer = httpx2.post(f"{running.url}/simulator/faults", json={"target": "acquirer", "op": "AUTH"} | fault)
    assert answer.status_code == 200, answer.text


def test_it_survives_its_own_death_and_the_products(running, tmp_path, settings):
    asked = authorize(amount=chf(4990))
    assert isinstance(SIMULATOR.authorize(asked), Approved)

    running.process.kill()
    running.process.wait()

    assert SIMULATOR.authorize(authorize()) in (NotSent("connection refused"), Unknown("dropped"))
    assert SIMULATOR.authorize(authorize()) == NotSent("connection refused")
    with simulator_process(tmp_path / "ledger.sqlite3") as again:
        settings.PAYGATE_SIMULATOR_URL = again.url
        assert isinstance(SIMULATOR.inquire(inquire(asked)), Approved)
        assert [row["request_id"] for row in wire.listed()] == [asked.request_id]


def test_it_ends_at_once_when_asked_to_even_with_an_answer_under_way(running):
    plan(running, mode="delay", delay_s=300)
    threading.Thread(target=lambda: SIMULATOR.authorize(authorize()), daemon=True).start()
    deadline = time.monotonic() + 20
    while open_connections(running) == 0:
        assert time.monotonic() < deadline, "nobody asked"
        time.sleep(0.05)

    running.process.send_signal(signal.SIGTERM)

    assert running.process.wait(timeout=10) == 0


def open_connections(running: SimulatorProcess) -> int:
    """Sockets of the process beside the one that listens."""
    links = [os.path.basename(path) for path in Path(f"/proc/{running.process.pid}/fd").iterdir()]
    kinds = [os.readlink(f"/proc/{running.process.pid}/fd/{link}") for link in links]
    return sum(kind.startswith("socket:") for kind in kinds) - 1


def test_a_slow_answer_delays_nobody(running):
    plan(running, mode="delay", delay_s=20, count=10, match={"amount_ending": "77"})
    for _ in range(10):
        slow = threading.Thread(target=lambda: SIMULATOR.authorize(authorize(amount=chf(177))), daemon=True)
        slow.start()
    begun = time.monotonic()

    answers = [SIMULATOR.authorize(authorize(amount=chf(100))) for _ in range(20)]

    assert all(isinstance(answer, Approved) for answer in answers)
    assert time.monotonic() - begun < 15


@pytest.mark.parametrize("mode", ["drop_before_read", "drop_after_commit"])
def test_a_dropped_connection_is_reset_on_the_wire(running, mode):
    plan(running, mode=mode)
    message = json.dumps(
        {"op": "AUTH", "request_id": "r1", "terminal": "1", "merchant_id": "", "acquirer_bin": "", "amount": 100,
         "currency": "CHF", "method": "VISA", "card": None, "three_ds": None, "allow_partial": False}
    ).encode()  # fmt: skip
    host, port = running.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        head = f"POST /simulator/acquirer HTTP/1.1\r\nHost: x\r\nContent-Length: {len(message)}\r\n\r\n"
        line.sendall(head.encode() + message)

        with pytest.raises(ConnectionResetError):
            line.recv(1000)

    assert len(wire.listed()) == (1 if mode == "drop_after_commit" else 0)


def test_its_pages_are_at_its_own_address_and_lead_back_to_the_product(running):
    asked = twint(return_url="http://localhost:8000/vt2/back")
    answer = SIMULATOR.authorize(asked)
    assert isinstance(answer, Elsewhere)
    assert answer.url.startswith(f"{running.url}/simulator/wallet/")

    page = httpx2.get(answer.url)
    left = httpx2.post(answer.url, data={"choice": "leave"})

    assert "TEST" in page.text
    assert 'data-action="approve"' in page.text
    assert "form-action 'self' http://localhost:8000" in page.headers["Content-Security-Policy"]
    assert "/static/paypage/simulator.css" in page.text
    assert httpx2.get(f"{running.url}/static/paypage/simulator.css").status_code == 200
    assert (left.status_code, "waits here" in left.text) == (200, True)
    assert SIMULATOR.inquire(inquire(asked)) == answer, "who left has not answered"

    httpx2.post(answer.url, data={"choice": "approve"})
    assert isinstance(SIMULATOR.inquire(inquire(asked)), Approved), "and may answer later"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"op": "NOTHING", "request_id": "r"}', b'{"op": "AUTH"}']
)
def test_what_is_no_message_is_refused(running, body):
    for path in ("acquirer", "connect", "3ds/directory"):
        answer = httpx2.post(f"{running.url}/simulator/{path}", content=body)
        assert answer.status_code in (200, 400), answer.text
    assert wire.listed() == []


def test_it_says_what_stands_in_its_way(running, tmp_path):
    port = running.url.rpartition(":")[2]
    command = [sys.executable, "-m", "paygate.operations", "simulator", "--port", port]

    taken = subprocess.run(
        [*command, "--ledger", str(tmp_path / "other")], cwd=CHECKOUT, capture_output=True, text=True
    )
    real = subprocess.run(
        [*command, "--ledger", str(tmp_path / "other")],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        env={**os.environ, "PAYGATE_ENV": "production"},
    )

    assert (taken.returncode, "cannot be listened on" in taken.stderr) == (1, True)
    assert (real.returncode != 0, "refused in production" in real.stderr) == (True, True)


def test_its_help_says_what_it_is_for():
    said = subprocess.run(
        [sys.executable, "-m", "paygate.operations", "simulator", "--help"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    for word in ("PAYGATE_SIMULATOR_URL", "/simulator/faults", "--ledger", "--host", "production"):
        assert word in said
