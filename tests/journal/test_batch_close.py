"""Closing a period: by timer, by hand and by command, once, with the same bytes each time (safety.md BA-1 to BA-4)."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from paygate import clock
from paygate.acquiring.registry import connector_for
from paygate.acquiring.simulator import acquirer, ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.jobs.interface import run_due
from paygate.jobs.sweep import sweep
from paygate.journal import tasks
from paygate.journal.batch_close import (
    PeriodChanged,
    close_batch,
    close_due,
    file_again,
    freeze,
    request_for,
    submit,
)
from paygate.journal.cancel import cancel
from paygate.journal.models import BookingPeriod, Kind, Movement
from paygate.journal.periods import last_closing_time
from paygate.journal.states import PeriodState
from paygate.lifecycle.moves import MoveRefused, history
from paygate.merchants.models import Terminal
from paygate.merchants.reach import NotPermitted, system
from tests.make.books import (
    NOON,
    asked_of_acquirer,
    booking,
    file_behind_our_back,
    the_movement,
    the_open_period,
    wallet_reservation,
)
from tests.make.money import chf, eur

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


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


def latest(period: BookingPeriod) -> BookingPeriod:
    """As it stands now."""
    return BookingPeriod.objects.get(pk=period.pk)


class TestByHand:
    def test_it_files_what_was_booked_and_opens_the_next(self, anna):
        entries = [booking(anna.terminal, chf(100)), booking(anna.terminal, chf("49.90"))]
        booking(anna.terminal, eur(20))

        period = close_batch(anna.terminal, by=anna.actor, now=NOON)

        assert period is not None
        period = latest(period)
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
    assert latest(period).state == PeriodState.CLOSED
    assert history(period).filter(new="CLOSING").get().by == "system"


class TestAFall:
    def test_between_freezing_and_sending_is_resumed_with_the_same_bytes(self, anna, batches_sent):
        booking(anna.terminal, chf(10))
        booking(anna.terminal, chf(20))
        period = freeze(anna.terminal, by="member:1", now=NOON)  # and the process dies
        assert period is not None
        frozen = request_for(latest(period), request_id=latest(period).request_id)
        booking(anna.terminal, chf(30))  # goes to the next

        submit(period.pk, now=NOON + 60 * SECOND)

        (sent,) = [json.loads(raw) for raw in batches_sent]
        assert sent["body"].encode() == frozen.body
        assert sent["content_hash"] == latest(period).content_hash
        assert latest(period).state == PeriodState.CLOSED

    @pytest.mark.parametrize(
        "mode", ["drop_after_commit", "late_reply", "malformed", "http_500", "wrong_reference"]
    )
    def test_after_the_acquirer_took_it_ends_with_a_duplicate(self, anna, batches_sent, mode):
        booking(anna.terminal, chf(10))
        set_fault("BATCH", mode)
        period = close_batch(anna.terminal, by=anna.actor, now=NOON)
        assert period is not None
        assert (latest(period).state, latest(period).sent_at) == (PeriodState.CLOSING, NOON)

        submit(period.pk, now=NOON + 10 * SECOND)

        assert batches_sent[0] == batches_sent[1]
        assert latest(period).state == PeriodState.CLOSED
        assert list(history(period))[-1].cause == "acknowledged"  # the same request id: told again
        assert latest(period).sent_at == NOON
        assert len(asked_of_acquirer("BATCH")) == 1

    @pytest.mark.parametrize("mode", ["drop_before_read", "refuse_connect"])
    def test_before_the_acquirer_had_it_is_sent_again(self, anna, mode):
        booking(anna.terminal, chf(10))
        set_fault("BATCH", mode)
        period = close_batch(anna.terminal, by=anna.actor, now=NOON)
        assert period is not None
        assert latest(period).state == PeriodState.CLOSING
        assert asked_of_acquirer("BATCH") == []

        submit(period.pk, now=NOON + 10 * SECOND)

        assert latest(period).state == PeriodState.CLOSED

    def test_in_the_middle_of_sending_is_taken_up_when_the_lease_ends(self, anna, monkeypatch):
        booking(anna.terminal)
        period = freeze(anna.terminal, by="member:1", now=NOON)
        assert period is not None

        def died(*_: object) -> bytes:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(acquirer, "answer", died)
            with pytest.raises(KeyboardInterrupt):
                submit(period.pk, now=NOON)

        assert submit(period.pk, now=NOON + 59 * SECOND).state == PeriodState.CLOSING
        assert submit(period.pk, now=NOON + 61 * SECOND).state == PeriodState.CLOSED

    def test_is_found_by_the_sweep_when_every_job_was_lost(self, anna):
        begun = clock.now() - timedelta(minutes=5)
        booking(anna.terminal, now=begun)
        period = freeze(anna.terminal, by="member:1", now=begun)
        assert period is not None
        assert list(tasks.periods_due(clock.now())) == [
            {"merchant_id": anna.merchant.pk, "period_id": period.pk}
        ]

        sweep()
        run_due()

        assert latest(period).state == PeriodState.CLOSED


def test_tries_again_at_growing_pauses_while_there_is_no_answer(anna):
    booking(anna.terminal)
    set_fault("BATCH", "drop_before_read", count=7)
    period = close_batch(anna.terminal, by=anna.actor, now=NOON)
    assert period is not None

    waits, now = [], NOON
    for _ in range(6):
        due = latest(period).next_try_at
        assert due is not None
        waits.append(round((due - now).total_seconds()))
        now = due
        submit(period.pk, now=now)

    assert waits == [10, 30, 120, 600, 3600, 3600]
    assert latest(period).state == PeriodState.CLOSING


def test_before_its_time_nothing_is_sent(anna, batches_sent):
    booking(anna.terminal)
    set_fault("BATCH", "drop_before_read")
    period = close_batch(anna.terminal, by=anna.actor, now=NOON)
    assert period is not None

    submit(period.pk, now=NOON + 9 * SECOND)

    assert batches_sent == []


def test_what_is_closed_is_not_sent_again(anna, batches_sent):
    booking(anna.terminal)
    period = close_batch(anna.terminal, by=anna.actor, now=NOON)
    assert period is not None

    submit(period.pk, now=NOON + DAY)

    assert len(batches_sent) == 1


class TestAContradiction:
    def test_another_batch_of_this_number_is_for_a_person_to_look_at(self, anna):
        booking(anna.terminal, chf(10))
        file_behind_our_back(booking(anna.terminal, chf(20)), number=1)

        period = close_batch(anna.terminal, by=anna.actor, now=NOON)

        assert period is not None
        period = latest(period)
        assert (period.state, period.refused_because) == (PeriodState.REFUSED, "other_content")
        assert period.review_since == NOON

    def test_the_same_batch_under_another_request_id_is_acknowledged_as_a_duplicate(self, anna):
        entry = booking(anna.terminal, chf(10))
        period = freeze(anna.terminal, by="member:1", now=NOON)
        assert period is not None
        connector_for(entry.contract).submit_batch(
            request_for(latest(period), request_id="before-the-restore")
        )

        period = submit(period.pk, now=NOON)

        assert period.state == PeriodState.CLOSED
        assert list(history(period))[-1].cause == "duplicate"
        assert period.review_since is None

    def test_a_line_the_acquirer_does_not_know_refuses_the_whole(self, anna):
        booking(anna.terminal, chf(10))
        ledger.reset()

        period = close_batch(anna.terminal, by=anna.actor, now=NOON)

        assert period is not None
        period = latest(period)
        assert (period.state, period.refused_because) == (PeriodState.REFUSED, "line")
        assert period.review_since is None

    def test_books_that_were_changed_after_freezing_are_not_sent(self, anna, batches_sent):
        booking(anna.terminal, chf(10))
        late = booking(anna.terminal, chf(20))
        period = freeze(anna.terminal, by="member:1", now=NOON)
        assert period is not None
        movement = the_movement(late, Kind.CAPTURE)
        Movement.objects.filter(pk=movement.pk).update(amount_minor=1999)

        with pytest.raises(PeriodChanged):
            submit(period.pk, now=NOON)

        assert batches_sent == []
        assert latest(period).sent_at is None

    def test_a_line_that_vanished_after_freezing_is_noticed(self, anna, batches_sent):
        booking(anna.terminal, chf(10))
        gone = booking(anna.terminal, chf(20))
        period = freeze(anna.terminal, by="member:1", now=NOON)
        assert period is not None
        Movement.objects.filter(pk=the_movement(gone, Kind.CAPTURE).pk).update(period=None)

        with pytest.raises(PeriodChanged):
            submit(period.pk, now=NOON)

        assert batches_sent == []


class TestFilingAgain:
    @pytest.fixture
    def refused(self, anna) -> BookingPeriod:
        """A period of which the acquirer does not find one line; later it does."""
        gone = the_movement(booking(anna.terminal, chf(10)), Kind.CAPTURE)
        booking(anna.terminal, chf(20))
        in_another_batch(gone, 99)
        period = close_batch(anna.terminal, by=anna.actor, now=NOON)
        assert period is not None
        assert latest(period).state == PeriodState.REFUSED
        in_another_batch(gone, 0)
        return latest(period)

    def test_has_the_same_number_and_bytes_under_a_new_request_id(self, anna, refused, batches_sent):
        booking(anna.terminal, chf(30))

        file_again(refused.pk, by=anna.actor, now=NOON + DAY)

        period = latest(refused)
        (sent,) = [json.loads(raw) for raw in batches_sent]
        assert (period.state, period.refused_because) == (PeriodState.CLOSED, "")
        assert (sent["number"], sent["content_hash"]) == (refused.number, refused.content_hash)
        assert period.request_id != refused.request_id
        assert [step.new for step in history(period)] == ["OPEN", "CLOSING", "REFUSED", "CLOSING", "CLOSED"]

    def test_is_for_refused_periods_only(self, anna):
        booking(anna.terminal)
        period = close_batch(anna.terminal, by=anna.actor, now=NOON)
        assert period is not None

        for row in (period, the_open_period(anna.terminal)):
            with pytest.raises(MoveRefused):
                file_again(row.pk, by=anna.actor, now=NOON)
        assert len(asked_of_acquirer("BATCH")) == 1

    def test_waits_for_a_person_where_another_batch_has_the_number(self, anna):
        booking(anna.terminal, chf(10))
        file_behind_our_back(booking(anna.terminal, chf(20)), number=1)
        period = close_batch(anna.terminal, by=anna.actor, now=NOON)
        assert period is not None

        with pytest.raises(MoveRefused):
            file_again(period.pk, by=anna.actor, now=NOON)

    def test_is_for_those_who_may(self, beat, refused):
        with pytest.raises(NotPermitted):
            file_again(refused.pk, by=beat.actor, now=NOON)

        assert latest(refused).state == PeriodState.REFUSED


def in_another_batch(movement: Movement, number: int) -> None:
    """The acquirer has put this booking into a batch of its own, or (0) taken it out again."""
    with ledger.opened() as book:
        row = book.find(movement.request_id)
        assert row is not None
        book.write(replace(row, batch=number))


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
