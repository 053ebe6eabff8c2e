"""However large a file is, taking it needs little memory (safety.md UP-6)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
ROWS = 12_000
MOST_MORE = 60  # megabytes beyond those of a small file; all rows as objects would be hundreds

pytestmark = pytest.mark.on_sqlite


def megabytes(rows: int, kind: str, folder: Path) -> float:
    """The most that a process holds that reads, checks and creates such a file."""
    folder.mkdir()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PAYGATE_", "DATABASE_URL"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.bulk", str(rows), kind],
        env={**kept, "DJANGO_SETTINGS_MODULE": "paygate.project.settings", "PAYGATE_DATA": str(folder)},
        cwd=CHECKOUT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(json.loads(done.stdout.splitlines()[-1])["megabytes"])


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_large_file_takes_hardly_more_memory_than_a_small_one(tmp_path, kind):
    small, large = megabytes(10, kind, tmp_path / "small"), megabytes(ROWS, kind, tmp_path / "large")

    assert large < 300
    assert large - small < MOST_MORE, (small, large)
