"""Jobs: book now, ask about the unanswered, close what is due."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db.models import Q

from paygate import clock
from paygate.acquiring.declines import DeclineReason
from paygate.jobs.interface import TryAgainAt, every, task
from paygate.jobs.sweep import due
from paygate.journal import batch_close, unanswered
from paygate.journal import reconcile as reconciling
from paygate.journal.capture import HeldBack, NotCapturable, capture
from paygate.journal.models import BookingPeriod, Entry, Kind, Movement
from paygate.journal.movements import STEPS
from paygate.journal.states import EntryState, MovementState, PeriodState
from paygate.merchants.models import Booking, Terminal
from paygate.merchants.reach import system
from paygate.tenants.context import across_tenants, within

log = structlog.get_logger("paygate.journal")

NOT_SENT_REST: Final = timedelta(minutes=10)


@task("journal.capture_now")
def capture_now(*, merchant_id: int, entry_id: int) -> None:
    """Automatic booking: a second step after the reservation (safety.md ST-3, SPG-SET-10)."""
    with within(merchant_id):
        try:
            capture(entry_id, by=system(merchant_id), now=clock.now())
        except (NotCapturable, HeldBack):
            return  # booked, canceled, or on its way already


@due(capture_now)
def captures_due(now: datetime) -> Iterable[dict[str, int]]:
    """Reservations to be booked by themselves that nothing was asked for yet, or nothing that left the house."""
    with across_tenants():
        # What never left, or provably never arrived, is asked for again; not at once, while nobody can be reached.
        never_left = Q(state=MovementState.NOT_SENT, settled_at__lte=now - NOT_SENT_REST)
        never_arrived = Q(state=MovementState.DECLINED, decline_reason=DeclineReason.NEVER_ARRIVED)
        asked = Movement.objects.filter(kind__in=[Kind.CAPTURE, Kind.CANCEL]).exclude(
            Q(kind=Kind.CAPTURE) & (never_left | never_arrived)
        )
        waiting = Entry.objects.filter(
            state=EntryState.AUTHORIZED, booking=Booking.AUTOMATIC, booked_minor=0, held_back_since=None
        )
        rows = list(waiting.exclude(pk__in=asked.values("entry")).values_list("pk", "merchant_id")[:500])
    return [{"merchant_id": merchant_id, "entry_id": entry_id} for entry_id, merchant_id in rows]


@task("journal.ask_again")
def ask_again(*, merchant_id: int, movement_id: int) -> None:
    """One inquiry about one booking, cancellation, release or refund."""
    with within(merchant_id):
        unanswered.ask_again(movement_id, now=clock.now())


@due(ask_again)
def unanswered_due(now: datetime) -> Iterable[dict[str, int]]:
    """Bookings, cancellations, releases and refunds without an answer."""
    with across_tenants():
        waiting = unanswered.due(*STEPS, Kind.REFUND, now=now)
        rows = list(waiting.values_list("pk", "merchant_id")[:500])
    return [{"merchant_id": merchant_id, "movement_id": movement_id} for movement_id, merchant_id in rows]


@task("journal.submit_period")
def submit_period(*, merchant_id: int, period_id: int) -> None:
    """File a frozen period until the acquirer has answered."""
    with within(merchant_id):
        period = batch_close.submit(period_id, now=clock.now())
        if period.state == PeriodState.CLOSING:
            period.refresh_from_db()
            if period.next_try_at:
                raise TryAgainAt(period.next_try_at)


@due(submit_period)
def periods_due(now: datetime) -> Iterable[dict[str, int]]:
    """Frozen periods that the acquirer has not acknowledged."""
    with across_tenants():
        waiting = BookingPeriod.objects.filter(state=PeriodState.CLOSING, next_try_at__lte=now)
        rows = list(waiting.values_list("pk", "merchant_id")[:500])
    return [{"merchant_id": merchant_id, "period_id": period_id} for period_id, merchant_id in rows]


@every(minutes=1, name="journal.close_due")
def close_due() -> None:
    """The timer of the batch close."""
    now = clock.now()
    with across_tenants():
        terminals = list(Terminal.objects.filter(automatic_closing=True))
    for terminal in terminals:
        # One terminal's trouble must not keep the others' batches open, and each asks the acquirer in a job of its own.
        try:
            with within(terminal.merchant_id):
                period = batch_close.freeze_due(terminal, now=now)
        except Exception as defect:
            log.error("batch not closed", terminal=terminal.number, cause=type(defect).__name__)
            continue
        if period:
            submit_period.defer(merchant_id=terminal.merchant_id, period_id=period.pk)


@task("journal.reconcile")
def reconcile(*, merchant_id: int, terminal_id: int) -> None:
    """Compare what the acquirer tells of the last days of one terminal with the books (safety.md OC-12)."""
    now = clock.now()
    with within(merchant_id):
        terminal = Terminal.objects.get(pk=terminal_id)
        for day in reconciling.days_to_compare(terminal, now=now):
            if reconciling.reconcile(terminal, day, now=now) is None:
                return  # the acquirer does not answer; the next hour asks again
        reconciling.look_after_held_back(terminal)
        reconciling.look_after_orphans(terminal, now=now)


@every(minutes=60, name="journal.reconcile_due")
def reconcile_due() -> None:
    """Once an hour, so that a day is compared in the morning after it."""
    with across_tenants():
        rows = list(Terminal.objects.values_list("merchant_id", "pk"))
    for merchant_id, terminal_id in rows:
        reconcile.defer(merchant_id=merchant_id, terminal_id=terminal_id, unique=f"terminal {terminal_id}")
