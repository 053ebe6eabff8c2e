"""Jobs: look at the invariants once an hour, and tell whoever is concerned (safety.md 23, LG-6)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from paygate import clock
from paygate.alarms.kinds import AlarmKind
from paygate.alarms.models import Alarm, OperatorsAlarm
from paygate.alarms.raising import clear, operators_alarms, raise_alarm
from paygate.jobs.interface import every
from paygate.operations import watch
from paygate.operations.invariants import INVARIANTS, Result, evaluate
from paygate.operations.tell import tell
from paygate.operations.violations import purge
from paygate.tenants.context import across_tenants

NAMED: Final = 5  # of the things that break one invariant


@every(minutes=60, name="operations.invariants")
def check_invariants() -> None:
    """In service as after every test."""
    now = clock.now()
    note(evaluate(now=now), now=now)


@every(minutes=1, name="operations.watch")
def look_around() -> None:
    """Reviews, give-backs, batches, letters, the machine."""
    watch.look(now=clock.now())


@every(minutes=1, name="operations.tell")
def write_to_the_operators() -> None:
    """Alarms that nobody was told of."""
    tell(now=clock.now())


@every(minutes=1440, name="operations.forget_violations")
def forget_violations() -> None:
    """Reports of browsers are kept for 90 days."""
    purge(now=clock.now())


def note(results: Iterable[Result], *, now: datetime) -> None:
    """One alarm for each invariant and merchant; what holds again is cleared."""
    standing: set[tuple[str, int | None]] = set()
    for result in results:
        by_merchant: dict[int | None, list[str]] = defaultdict(list)
        for one in result.broken:
            by_merchant[one.merchant_id].append(one.what)
        for merchant_id, whats in by_merchant.items():
            more = [f"and {len(whats) - NAMED} more"] if len(whats) > NAMED else []
            raise_alarm(
                result.invariant.alarm,
                result.invariant.id,
                merchant_id=merchant_id,
                now=now,
                detail="; ".join([*whats[:NAMED], *more]),
            )
            standing.add((result.invariant.id, merchant_id))
    ours = {invariant.id for invariant in INVARIANTS}
    with across_tenants():
        opened: list[Alarm | OperatorsAlarm] = [*Alarm.objects.filter(cleared_at=None), *operators_alarms()]
    for alarm in opened:
        merchant_id = getattr(alarm, "merchant_id", None)
        if alarm.subject in ours and (alarm.subject, merchant_id) not in standing:
            clear(AlarmKind(alarm.kind), alarm.subject, merchant_id=merchant_id, now=now)
