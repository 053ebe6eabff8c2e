"""What leaves the house, and waiting times without chance."""

import json
from typing import Any

import pytest

from paygate.acquiring.simulator import acquirer
from paygate.journal.schedules import JITTER


@pytest.fixture
def batches_sent(monkeypatch) -> list[bytes]:
    """Every batch that left the house, as its bytes."""
    sent: list[bytes] = []
    answer = acquirer.answer

    def listening(raw: bytes, *rest: Any) -> bytes:
        message = json.loads(raw)
        if message["op"] == "BATCH":
            sent.append(raw)
        return answer(raw, *rest)

    monkeypatch.setattr(acquirer, "answer", listening)
    return sent


@pytest.fixture
def no_jitter(monkeypatch) -> None:
    """Each waiting time is the one of the rule."""
    monkeypatch.setattr("paygate.journal.schedules.secrets.randbelow", lambda span: JITTER)
