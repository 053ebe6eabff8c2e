"""A simulator as a process of its own, for tests that want to be told the truth from outside."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class SimulatorProcess:
    """A running one: where it answers, its ledger's file, and the process."""

    url: str
    ledger: str
    process: subprocess.Popen[str]


@contextmanager
def simulator_process(ledger: Path, **told: str) -> Iterator[SimulatorProcess]:
    """Run `paygate simulator` on a free port until the end of the block. It is told of no database."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PAYGATE_", "DATABASE_URL", "EMAIL_URL", "DJANGO_"))
    }
    command = [
        sys.executable,
        "-m",
        "paygate.operations",
        "simulator",
        "--port",
        "0",
        "--ledger",
        str(ledger),
    ]
    process = subprocess.Popen(
        command,
        env={**kept, "DATABASE_URL": "nowhere://", "PAYGATE_DATA": "/nowhere", **told},
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()  # comes when it is ready, or nothing when it ended
        assert " ready at " in line, f"it ended with {process.wait()}"
        yield SimulatorProcess(line.split(" ready at ")[1].split(";")[0], str(ledger), process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=10)
