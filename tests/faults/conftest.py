"""An acquirer that is waited for a hundredth of a second, and a clock that jumps."""

import pytest


@pytest.fixture(autouse=True)
def fast_clock(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    """Nothing here waits: the limit for an answer is short, and time goes on when a test says so."""
    monkeypatch.setattr("paygate.acquiring.simulator.wire.READ_SECONDS", 0.01)
    settings.PAYGATE_CLOCK_OFFSET = "0"
