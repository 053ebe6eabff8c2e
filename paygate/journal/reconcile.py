"""Compare a day of the acquirer's list with the books, by our own request ids (safety.md OC-12).

What is approved there and unknown here, for example after a lost database, comes into the journal as an orphan and
waits for two people to give it back. What is approved here and unknown there is held back: nobody books it, until an
inquiry finds it after all.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import structlog
from django.db import transaction

from paygate import tokens
from paygate.acquiring.choose import terminal_ref
from paygate.acquiring.connector import Approved, Line, NotSent, Operation, Unknown
from paygate.acquiring.models import Contract
from paygate.acquiring.registry import connector_for
from paygate.alarms.kinds import AlarmKind
from paygate.alarms.models import Alarm
from paygate.alarms.raising import clear, raise_alarm
from paygate.journal.models import Entry, Kind, Movement, Origin, ReconciledDay
from paygate.journal.movements import BEGINNINGS, MONEY_IS_MOVED, ask, give_back, lock
from paygate.journal.states import ENTRY_LIFE, MOVEMENT_LIFE, EntryState, MovementState
from paygate.journal.unanswered import OPERATIONS, inquire
from paygate.merchants.models import Booking, Terminal
from paygate.merchants.reach import SYSTEM
from paygate.money.model_fields import columns

log = structlog.get_logger("paygate.journal")

# A day is compared when the acquirer's list of it no longer grows.
READY_AFTER: Final = timedelta(hours=6)
DAYS_BACK: Final = 7
A_DAY: Final = timedelta(days=1)


def days_to_compare(terminal: Terminal, *, now: datetime) -> list[date]:
    """The days of the last week that were not compared yet, the oldest first; none before the first payment."""
    first = (
        Movement.objects.filter(entry__terminal=terminal)
        .order_by("pk")
        .values_list("asked_at", flat=True)
        .first()
    )
    if first is None:
        return []
    last = (now - READY_AFTER - A_DAY).astimezone(UTC).date()
    days = [last - timedelta(days=back) for back in reversed(range(DAYS_BACK))]
    done = set(ReconciledDay.objects.filter(terminal=terminal, day__in=days).values_list("day", flat=True))
    return [day for day in days if day not in done and day >= first.astimezone(UTC).date()]


def reconcile(terminal: Terminal, day: date, *, now: datetime) -> ReconciledDay | None:
    """Compare one day; None while the acquirer does not tell. Asked outside any transaction; safe to repeat."""
    contract = Contract.objects.filter(terminal=terminal).select_related("terminal", "merchant").first()
    if contract is None:
        return None
    there = _listed(contract, day)
    if there is None:
        return None
    with transaction.atomic(durable=True):
        orphans = _take_in_orphans(contract, there[day], day, now=now)
        around = {line.request_id: line for lines in there.values() for line in lines}
        missing = _hold_back_missing(terminal, day, around, now=now)
        compared, _ = ReconciledDay.objects.update_or_create(
            merchant_id=terminal.merchant_id,
            terminal=terminal,
            day=day,
            defaults={"done_at": now, "orphans": orphans, "missing": missing},
        )
    return compared


def look_after_held_back(terminal: Terminal) -> int:
    """Ask about what the acquirer's list lacked: who is found after all can be booked again. How many there were."""
    found = 0
    held_back = Entry.objects.filter(
        terminal=terminal, held_back_since__isnull=False, state=EntryState.AUTHORIZED
    )
    for entry in held_back[:50]:
        movement = entry.movements.select_related("entry__contract__terminal").get(kind__in=BEGINNINGS)
        if isinstance(inquire(movement), Approved):
            Entry.objects.filter(pk=entry.pk).update(held_back_since=None)
            log.info("found after all", movement=movement.request_id)
            found += 1
    return found


def _listed(contract: Contract, day: date) -> Mapping[date, tuple[Line, ...]] | None:
    """The acquirer's lists of the day and of its neighbours: our clocks and theirs may differ around midnight."""
    connector = connector_for(contract)
    there: dict[date, tuple[Line, ...]] = {}
    for one in (day - A_DAY, day, day + A_DAY):
        answer = connector.list_day(terminal_ref(contract), one)
        if isinstance(answer, Unknown | NotSent):
            log.warning("no list of the day", terminal=contract.terminal.number, cause=answer.cause)
            return None
        there[one] = answer
    return there


def _take_in_orphans(contract: Contract, lines: Iterable[Line], day: date, *, now: datetime) -> int:
    """What is approved there: known here, contradicted here, or an orphan."""
    standing = {line.request_id: line for line in lines if not line.undone}
    ours = {
        movement.request_id: movement
        for movement in Movement.objects.filter(request_id__in=list(standing)).select_related("entry")
    }
    orphans = 0
    for request_id, line in standing.items():
        movement = ours.get(request_id)
        if movement is None:
            orphans += 1
            if line.operation is Operation.AUTHORIZE:
                _take_in(contract, line, now=now)
            else:
                _tell_of(contract, line, day, now=now)
        elif (
            movement.settled_at
            and movement.state != MovementState.APPROVED
            and movement.kind in MONEY_IS_MOVED
        ):
            log.error("approved there, not here", movement=request_id, state=movement.state)
            lock(movement.entry_id)
            give_back(movement, because="in the acquirer's list", by=SYSTEM, now=now)
    return orphans


def _tell_of(contract: Contract, line: Line, day: date, *, now: datetime) -> None:
    """A booking or refund without its payment here: an alarm until the acquirer's list lacks it."""
    detail = f"{day.isoformat()} {contract.terminal.number}: {line.operation} of {line.amount}"
    raise_alarm(AlarmKind.ORPHAN, line.request_id, merchant_id=contract.merchant_id, now=now, detail=detail)


def look_after_orphans(terminal: Terminal, *, now: datetime) -> int:
    """Read again the lists that had bookings unknown to us; what stands there no longer is no alarm. How many."""
    cleared = 0
    contract = Contract.objects.filter(terminal=terminal).select_related("terminal", "merchant").first()
    ours = Alarm.objects.filter(kind=AlarmKind.ORPHAN, detail__contains=f" {terminal.number}: ")
    open_ones = list(ours.filter(cleared_at=None))
    for day in sorted({_day_of(alarm) for alarm in open_ones} if contract else ()):
        assert contract is not None
        there = _listed(contract, day)
        if there is None:
            continue
        standing = {line.request_id for lines in there.values() for line in lines if not line.undone}
        for alarm in open_ones:
            if _day_of(alarm) == day and alarm.subject not in standing:
                cleared += clear(AlarmKind.ORPHAN, alarm.subject, merchant_id=terminal.merchant_id, now=now)
    return cleared


def _day_of(alarm: Alarm) -> date:
    """The day in whose list it stood, as `_tell_of` wrote it."""
    return date.fromisoformat(alarm.detail[:10])


def _take_in(contract: Contract, line: Line, *, now: datetime) -> None:
    """Into the journal, to be decided by two people."""
    log.error("approved there, unknown here", movement=line.request_id, kind=str(line.operation))
    entry = Entry.objects.create(
        merchant_id=contract.merchant_id,
        transaction_id=tokens.transaction_id(),
        terminal_id=contract.terminal_id,
        contract=contract,
        origin=Origin.ORPHAN,
        booking=Booking.FINAL,
        method=contract.method,
        acquirer_reference=line.reference,
        created_at=now,
        **columns(line.amount),
    )
    ENTRY_LIFE.begin(entry, by=SYSTEM, cause="found in the acquirer's list", now=now)
    movement = ask(
        entry,
        Kind.AUTHORIZE,
        line.amount,
        by=SYSTEM,
        now=now,
        request_id=line.request_id,
        sent_at=now,
        acquirer_reference=line.reference,
    )
    MOVEMENT_LIFE.move(
        movement, MovementState.UNKNOWN, by=SYSTEM, cause="an orphan", now=now, review_since=now
    )


def _hold_back_missing(terminal: Terminal, day: date, there: Mapping[str, Line], *, now: datetime) -> int:
    """What is approved here, and there is not, or for another amount, or was undone without us."""
    begins = datetime.combine(day, time(), UTC)
    ours = Movement.objects.filter(
        entry__terminal=terminal,
        kind__in=MONEY_IS_MOVED,
        state=MovementState.APPROVED,
        entry__state__in=[EntryState.AUTHORIZED, EntryState.CAPTURED],
        sent_at__gte=begins,
        sent_at__lt=begins + A_DAY,
    )
    missing = 0
    for movement in ours:
        line = there.get(movement.request_id)
        same = line is not None and (line.amount, line.operation) == (
            movement.amount,
            OPERATIONS[Kind(movement.kind)],
        )
        if same and line is not None and not line.undone:
            continue
        missing += 1
        log.error("approved here, unknown there", movement=movement.request_id, kind=movement.kind)
        Entry.objects.filter(pk=movement.entry_id, held_back_since=None).update(held_back_since=now)
    return missing
