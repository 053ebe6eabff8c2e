"""The open period of a terminal, and 22:00 in Zurich (safety.md BA-1, TM-4)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from paygate.journal.batch_close import close_due
from paygate.journal.capture import capture
from paygate.journal.models import BookingPeriod
from paygate.journal.periods import last_closing_time, open_period
from paygate.journal.states import PeriodState
from tests.make.books import NOON, booking, the_open_period
from tests.make.journal import reservation

ZURICH = ZoneInfo("Europe/Zurich")


def zurich(text: str) -> datetime:
    """A moment as a clock in Zurich shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-11-23 21:59:59", "2026-11-22 22:00"),
        ("2026-11-23 22:00:00", "2026-11-23 22:00"),
        ("2026-11-23 23:59:59", "2026-11-23 22:00"),
        ("2026-11-24 00:00:00", "2026-11-23 22:00"),
        ("2026-01-01 10:00:00", "2025-12-31 22:00"),
        # The clocks go forward: this day has 23 hours.
        ("2026-03-29 01:59:59", "2026-03-28 22:00"),
        ("2026-03-29 03:00:00", "2026-03-28 22:00"),
        ("2026-03-29 22:00:00", "2026-03-29 22:00"),
        # And back: this one has 25.
        ("2026-10-25 02:30:00", "2026-10-24 22:00"),
        ("2026-10-25 21:59:59", "2026-10-24 22:00"),
        ("2026-10-25 22:00:00", "2026-10-25 22:00"),
    ],
)
def test_the_last_closing_time(now, last):
    assert last_closing_time(zurich(now).astimezone(UTC)) == zurich(last)


@pytest.mark.parametrize(
    ("day", "hours", "at_utc"),
    [("2026-03-29", 23, 20), ("2026-10-25", 25, 21), ("2026-07-01", 24, 20), ("2026-11-23", 24, 21)],
)
def test_each_day_has_exactly_one_close_also_when_the_clocks_change(anna, day, hours, at_utc):
    """The timer looks every five minutes; somebody paid late the evening before, and some pay at night."""
    midnight = zurich(f"{day} 00:00").astimezone(UTC)
    booking(anna.terminal, now=midnight - timedelta(minutes=1))
    closed: list[datetime] = []

    for minute in range(0, hours * 60, 5):
        now = midnight + timedelta(minutes=minute)
        if minute in {120, 180, 210}:
            booking(anna.terminal, now=now)
        before = BookingPeriod.objects.count()
        close_due(anna.terminal, now=now)
        closed += [now] * (BookingPeriod.objects.count() - before)

    assert closed == [datetime.fromisoformat(f"{day}T{at_utc}:00:00+00:00")]
    assert BookingPeriod.objects.get(number=1).line_count == 4


def test_the_first_booking_opens_the_first_period(anna):
    assert not BookingPeriod.objects.exists()

    booking(anna.terminal)

    period = the_open_period(anna.terminal)
    assert (period.number, period.state, period.opened_at) == (1, PeriodState.OPEN, NOON)


def test_a_booking_goes_to_the_period_open_when_its_answer_comes(anna):
    entry = reservation(anna.terminal, now=NOON)
    booking(anna.terminal)
    close_due(anna.terminal, now=NOON + timedelta(days=1))

    movement = capture(entry.pk, by=anna.actor, now=NOON + timedelta(days=1))

    assert movement.period is not None
    assert (movement.period.number, movement.period.state) == (2, PeriodState.OPEN)


def test_each_terminal_has_its_own_period(anna, carla):
    from paygate.tenants.context import within

    booking(anna.terminal)
    with within(carla.merchant.pk):
        booking(carla.terminal)
        assert the_open_period(carla.terminal).number == 1
    assert BookingPeriod.objects.get().terminal == anna.terminal


def test_asked_twice_it_is_the_same_period(anna):
    with transaction.atomic():
        assert open_period(anna.terminal, now=NOON) == open_period(anna.terminal, now=NOON)
