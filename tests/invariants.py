"""What must be true after every story (safety.md 23), for whoever tells one."""

from datetime import datetime

from paygate import clock
from paygate.operations.invariants import evaluate


def broken(*, now: datetime | None = None) -> dict[str, list[str]]:
    """What breaks which invariant."""
    results = evaluate(now=now or clock.now())
    return {
        result.invariant.id: [one.what for one in result.broken] for result in results if not result.holds
    }


def assert_invariants_hold(*, now: datetime | None = None) -> None:
    """Fails with the list of what broke."""
    found = broken(now=now)
    assert not found, "\n".join(f"{name}: {what}" for name, whats in found.items() for what in whats)
