"""A setting that is wrong is told in one sentence by each command, before it does anything."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.operations.test_serve import environment


def told(data: Path, command: str, **wrong: str) -> tuple[int, list[str]]:
    """How the command ended, and the lines it said."""
    done = subprocess.run(
        [sys.executable, "-m", "paygate.operations", command],
        env=environment(data, 8000) | wrong,
        capture_output=True,
        text=True,
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


@pytest.mark.parametrize(
    ("name", "typed", "right"),
    [
        ("PORT", "eight thousand", "a whole number"),
        ("PAYGATE_ENV", "prod", "one of demo, production"),
        ("DATABASE_URL", "mysql://localhost/paygate", "such as postgresql://"),
        ("EMAIL_URL", "http://mail.example.com", "such as smtp://"),
        ("EMAIL_URL", "mail.example.com:587", "such as smtp://"),
        ("PAYGATE_VIRUS_SCANNER", "clamd://nowhere", "clamd:///run/clamav/clamd.ctl"),
        ("PAYGATE_VIRUS_SCANNER", "scan 'it", "a command such as"),
        ("PAYGATE_ALARM_EMAIL", "the boss", "such as operator@example.com"),
        ("PAYGATE_ALARM_EMAIL", "a@example.com, b@example.com", "one e-mail address"),
    ],
)
def test_it_is_named_with_what_would_be_right(tmp_path, name, typed, right):
    """contract.md 6: one clear sentence about what is wrong and where."""
    code, lines = told(tmp_path, "check", **{name: typed})

    assert code == 2
    (line,) = lines
    assert line.startswith(f"{name} must be ")
    assert right in line
