"""A test can end the process at a named point, and nothing else happens there (safety.md TE-2)."""

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import paygate
from paygate import checkpoints

PACKAGE = Path(paygate.__file__).parent


def run_in_a_process(at: str, tmp_path: Path) -> "subprocess.CompletedProcess[str]":
    """A process that passes `mail.claimed` three times and says so."""
    story = (
        "import django; django.setup()\n"
        "from paygate.checkpoints import reached\n"
        "for turn in range(3): reached('mail.claimed'); print(turn, flush=True)\n"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "paygate.project.settings",
        "PAYGATE_DATA": str(tmp_path),
        "PAYGATE_CRASH_AT": at,
    }
    return subprocess.run(
        [sys.executable, "-c", story],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("at", "said", "end"),
    [
        ("", "0\n1\n2\n", 0),
        ("mail.accepted", "0\n1\n2\n", 0),
        ("mail.claimed", "", -signal.SIGKILL),
        ("mail.claimed:3", "0\n1\n", -signal.SIGKILL),
    ],
)
def test_the_process_ends_where_it_was_told_to(at, said, end, tmp_path):
    done = run_in_a_process(at, tmp_path)

    assert (done.stdout, done.returncode) == (said, end)


def test_a_point_that_does_not_exist_is_refused_at_the_start(tmp_path):
    done = run_in_a_process("auth.somewhere", tmp_path)

    assert done.returncode == 1
    assert "PAYGATE_CRASH_AT" in done.stderr


def test_a_simulation_raises_instead(monkeypatch):
    def died(name: str) -> None:
        raise InterruptedError(name)

    monkeypatch.setattr(checkpoints, "hook", died)

    with pytest.raises(InterruptedError, match=r"auth\.prepared"):
        checkpoints.reached("auth.prepared")


def test_every_point_stands_once_in_the_code():
    found = [
        str(node.args[0].value)
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "reached"
        and isinstance(node.args[0], ast.Constant)
    ]

    assert sorted(found) == sorted(checkpoints.CHECKPOINTS)
