"""`paygate serve`: one server for a port and a data folder, and its processes live and die together."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def environment(data: Path, port: int) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PAYGATE_", "DATABASE_URL", "EMAIL_URL", "DJANGO_"))
    }
    return {**kept, "PAYGATE_DATA": str(data), "PORT": str(port)}


def until(happens, *, seconds: float = 60) -> None:
    """Wait for other processes to get there."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def children(pid: int) -> dict[str, int]:
    """The running processes of a server, by name."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True
    ).stdout
    lines = [line.split(maxsplit=1) for line in listed.splitlines()]
    return {"web" if "granian" in args else "worker": int(number) for number, args in lines}


@pytest.fixture
def server(tmp_path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    port = free_port()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "paygate.operations", "serve"],
            env=environment(tmp_path / "data", port),
            stdout=log,
            stderr=log,
            cwd=CHECKOUT,
        )
    until(lambda: is_ready(port) or process.poll() is not None)
    yield process, port, tmp_path
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def start_another(data: Path, port: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "paygate.operations", "serve"]
    return subprocess.run(
        command, env=environment(data, port), capture_output=True, text=True, cwd=CHECKOUT, timeout=60
    )


def test_one_server_for_a_port_and_a_folder_and_its_processes_live_and_die_together(server):
    process, port, folder = server

    same_port = start_another(folder / "other", port)
    assert same_port.returncode == 1
    assert f"Port {port} is in use" in same_port.stderr

    same_folder = start_another(folder / "data", free_port())
    assert same_folder.returncode == 1
    assert "Another PayGate serves from" in same_folder.stderr

    assert "WARNING" not in (folder / "log").read_text(), "a start that went well says nothing that worries"

    first = children(process.pid)
    os.kill(first["worker"], signal.SIGKILL)
    until(lambda: children(process.pid).get("worker", first["worker"]) != first["worker"])
    assert is_ready(port), "the web goes on meanwhile"
    assert "The worker process ended" in (folder / "log").read_text()

    process.kill()
    process.wait()
    until(lambda: not is_ready(port))
