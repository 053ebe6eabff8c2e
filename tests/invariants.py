"""What must be true after every story (safety.md 23), for whoever tells one."""

from collections.abc import Collection
from datetime import datetime

from paygate import clock
from paygate.operations.invariants import evaluate


def broken(*, now: datetime | None = None) -> dict[str, list[str]]:
    """What breaks which invariant."""
    results = evaluate(now=now or clock.now())
    return {
        result.invariant.id: [one.what for one in result.broken] for result in results if not result.holds
    }


def assert_invariants_hold(*, but: Collection[str] = (), now: datetime | None = None) -> None:
    """Fails with the list of what broke, and when one of `but` holds after all."""
    found = broken(now=now)
    assert set(found) == set(but), (
        "\n".join(f"{name}: {what}" for name, whats in found.items() for what in whats)
        or f"these hold: {', '.join(but)}"
    )
