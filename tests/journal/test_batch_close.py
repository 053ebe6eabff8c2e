"""Closing a period: by timer, by hand and by command, once (safety.md BA-1, BA-4, TM-3)."""

from datetime import timedelta

import pytest

from paygate import clock
from paygate.journal import tasks
from paygate.journal.batch_close import (
    close_batch,
    close_due,
)
from paygate.journal.cancel import cancel
from paygate.journal.models import BookingPeriod, Kind
from paygate.journal.periods import last_closing_time
from paygate.journal.states import PeriodState
from paygate.lifecycle.moves import history
from paygate.merchants.models import Terminal
from paygate.merchants.reach import NotPermitted, system
from tests.make.books import (
    NOON,
    asked_of_acquirer,
    booking,
    period_now,
    the_movement,
    the_open_period,
    wallet_reservation,
)
from tests.make.money import chf, eur

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


class TestByHand:
    def test_it_files_what_was_booked_and_opens_the_next(self, anna):
        entries = [booking(anna.terminal, chf(100)), booking(anna.terminal, chf("49.90"))]
        booking(anna.terminal, eur(20))

        period = close_batch(anna.terminal, by=anna.actor, now=NOON)

        assert period is not None
        period = period_now(period)
        assert (period.state, period.number, period.line_count) == (PeriodState.CLOSED, 1, 3)
        assert period.totals == {"CHF": 14_990, "EUR": 2000}
        assert period.totals == {
            currency: sum(line.amount_minor for line in period.lines.filter(currency=currency))
            for currency in ("CHF", "EUR")
        }
        assert {line.entry for line in period.lines.all()} > set(entries)
        assert the_open_period(anna.terminal).number == 2
        (batch,) = asked_of_acquirer("BATCH")
        assert (batch["totals"], batch["line_count"], batch["batch"]) == (period.totals, 3, 1)

    def test_it_writes_each_step_into_the_history(self, anna):
        booking(anna.terminal)
        period = close_batch(anna.terminal, by=anna.actor, now=NOON)

        assert period is not None
        assert [(step.new, step.by) for step in history(period)] == [
            ("OPEN", "system"),
            ("CLOSING", anna.actor.name),
            ("CLOSED", "system"),
        ]

    def test_an_empty_period_is_not_sent_and_not_closed(self, anna):
        assert close_batch(anna.terminal, by=anna.actor, now=NOON) is None
        booking(anna.terminal)
        close_batch(anna.terminal, by=anna.actor, now=NOON)

        assert close_batch(anna.terminal, by=anna.actor, now=NOON) is None

        assert the_open_period(anna.terminal).number == 2
        assert BookingPeriod.objects.count() == 2
        assert len(asked_of_acquirer("BATCH")) == 1

    def test_a_period_whose_bookings_were_all_canceled_is_empty(self, anna):
        entry = booking(anna.terminal)
        cancel(entry.pk, by=anna.actor, now=NOON)

        assert close_batch(anna.terminal, by=anna.actor, now=NOON) is None

    def test_later_bookings_go_to_the_next(self, anna):
        first = booking(anna.terminal, chf(10))
        close_batch(anna.terminal, by=anna.actor, now=NOON)
        second = booking(anna.terminal, chf(20))

        period = close_batch(anna.terminal, by=anna.actor, now=NOON + SECOND)

        assert period is not None
        assert [line.entry for line in period.lines.all()] == [second]
        assert [row["totals"] for row in asked_of_acquirer("BATCH")] == [{"CHF": 1000}, {"CHF": 2000}]
        assert the_movement(first, Kind.CAPTURE).period != period

    def test_who_may_not_close_changes_nothing(self, anna, beat):
        booking(anna.terminal)

        with pytest.raises(NotPermitted):
            close_batch(anna.terminal, by=beat.actor, now=NOON)

        assert the_open_period(anna.terminal).number == 1

    def test_wallets_are_in_the_batch_where_the_table_says_so(self, anna):
        from paygate.journal.capture import capture

        for method in ("TWINT", "POSTFINANCEPAY"):
            entry = wallet_reservation(anna.terminal, method, chf(30))
            capture(entry.pk, by=anna.actor, now=NOON)

        period = close_batch(anna.terminal, by=anna.actor, now=NOON)

        assert period is not None
        assert [line.entry.method for line in period.lines.all()] == ["TWINT"]


class TestByTimer:
    def test_it_closes_at_ten_in_the_evening_and_not_before(self, anna):
        booking(anna.terminal, now=NOON)
        evening = last_closing_time(NOON + DAY)

        close_due(anna.terminal, now=evening - SECOND)
        assert the_open_period(anna.terminal).number == 1

        close_due(anna.terminal, now=evening)
        assert BookingPeriod.objects.get(number=1).state == PeriodState.CLOSED

    def test_it_closes_once_a_day_however_often_it_looks(self, anna):
        booking(anna.terminal, now=NOON)
        evening = last_closing_time(NOON + DAY)
        close_due(anna.terminal, now=evening)
        booking(anna.terminal, now=evening + SECOND)

        for minutes in range(0, 24 * 60, 30):
            close_due(anna.terminal, now=evening + timedelta(minutes=minutes))

        assert len(asked_of_acquirer("BATCH")) == 1
        close_due(anna.terminal, now=evening + DAY)
        assert len(asked_of_acquirer("BATCH")) == 2

    def test_after_a_close_by_hand_it_closes_what_came_since(self, anna):
        booking(anna.terminal, now=NOON)
        close_batch(anna.terminal, by=anna.actor, now=NOON)
        booking(anna.terminal, now=NOON)

        close_due(anna.terminal, now=last_closing_time(NOON + DAY))

        assert len(asked_of_acquirer("BATCH")) == 2

    def test_an_empty_day_is_not_made_up_for(self, anna):
        """Nothing was booked by 22:00, so what is booked at 22:01 waits for the next evening."""
        booking(anna.terminal, now=NOON)
        evening = last_closing_time(NOON + DAY)
        close_due(anna.terminal, now=evening)
        close_due(anna.terminal, now=evening + DAY)
        booking(anna.terminal, now=evening + DAY + SECOND)

        close_due(anna.terminal, now=evening + DAY + 60 * SECOND)
        assert len(asked_of_acquirer("BATCH")) == 1

        close_due(anna.terminal, now=evening + 2 * DAY)
        assert len(asked_of_acquirer("BATCH")) == 2

    def test_a_clock_that_jumps_closes_nothing_twice(self, anna):
        booking(anna.terminal, now=NOON)
        evening = last_closing_time(NOON + DAY)

        for now in (evening, evening - DAY, evening + SECOND, evening + DAY, evening - DAY, evening + DAY):
            close_due(anna.terminal, now=now)

        assert len(asked_of_acquirer("BATCH")) == 1

    def test_what_was_missed_while_the_house_was_down_is_closed_at_once(self, anna):
        booking(anna.terminal, now=NOON)

        close_due(anna.terminal, now=NOON + 5 * DAY)

        assert len(asked_of_acquirer("BATCH")) == 1

    def test_it_leaves_terminals_alone_that_close_by_hand(self, anna):
        Terminal.objects.filter(pk=anna.terminal.pk).update(automatic_closing=False)
        booking(anna.terminal, now=clock.now() - 2 * DAY)

        tasks.close_due()
        assert the_open_period(anna.terminal).number == 1

        Terminal.objects.filter(pk=anna.terminal.pk).update(automatic_closing=True)
        tasks.close_due()
        assert the_open_period(anna.terminal).number == 2


def test_by_command_it_is_the_same_function(anna):
    booking(anna.terminal, now=NOON)

    period = close_batch(anna.terminal, by=system(anna.merchant.pk), now=NOON)

    assert period is not None
    assert period_now(period).state == PeriodState.CLOSED
    assert history(period).filter(new="CLOSING").get().by == "system"


def test_a_booking_is_in_one_period_only(anna):
    entries = []
    for amount in range(1, 7):
        entries.append(booking(anna.terminal, chf(amount)))
        if amount in {2, 5}:
            close_batch(anna.terminal, by=anna.actor, now=NOON)
        if amount in {3, 6}:
            cancel(entries[-1].pk, by=anna.actor, now=NOON)

    close_batch(anna.terminal, by=anna.actor, now=NOON)

    filed = [
        [line.entry_id for line in period.lines.all()] for period in BookingPeriod.objects.order_by("number")
    ]
    one, two, _, four, five, _ = [entry.pk for entry in entries]
    assert filed == [[one, two], [four, five], []]
