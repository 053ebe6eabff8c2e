"""The open period of a terminal, and when the timer closes it."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from paygate.journal.models import BookingPeriod
from paygate.journal.states import PERIOD_LIFE, PeriodState
from paygate.merchants.models import Terminal
from paygate.tenants.kept import Given, Kept

# The acquirer closes its own day at 23:00, so a period closed later would be filed a day late.
CLOSING_TIME: Final = time(22, 0)
CLOSING_ZONE: Final = ZoneInfo("Europe/Zurich")


_OPEN: Final = Kept(
    lambda: (
        BookingPeriod.objects.select_for_update()
        .filter(terminal=Given("terminal_id", Terminal._meta.pk), state=PeriodState.OPEN)
        .order_by()
    )
)


def open_period(terminal: Terminal, *, now: datetime) -> BookingPeriod:
    """The terminal's open period, locked until the transaction ends; the first one is made here."""
    assert transaction.get_connection().in_atomic_block, "a period is locked for what is put into it"
    # A close that held the lock leaves another period open, which only a new question sees.
    for _ in range(3):
        if period := _OPEN.first(terminal_id=terminal.pk):
            return period
        # Two first bookings at once: the terminal's row decides which of them makes the period.
        Terminal.objects.select_for_update().get(pk=terminal.pk)
        if not BookingPeriod.objects.filter(terminal=terminal).exists():
            return begin_period(terminal, number=1, now=now)
    raise AssertionError(f"terminal {terminal.number} has no open period")


def begin_period(terminal: Terminal, *, number: int, now: datetime) -> BookingPeriod:
    """A new open period. The database refuses a second one (safety.md BA-1)."""
    period = BookingPeriod.objects.create(
        merchant_id=terminal.merchant_id,
        terminal=terminal,
        number=number,
        opened_at=now,
        business_day_from=now,
    )
    PERIOD_LIFE.begin(period, by="system", cause="opened", now=now)
    return period


def last_closing_time(now: datetime) -> datetime:
    """The latest 22:00 in Zurich that is not after `now`, on both clock-change days too (safety.md TM-4)."""
    local = now.astimezone(CLOSING_ZONE)
    moment = datetime.combine(local.date(), CLOSING_TIME, CLOSING_ZONE)
    if moment > local:
        moment = datetime.combine(local.date() - timedelta(days=1), CLOSING_TIME, CLOSING_ZONE)
    return moment
