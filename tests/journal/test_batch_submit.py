"""Filing what was frozen: the same bytes each time, through every fall and contradiction (safety.md BA-2, BA-3)."""

import json
from dataclasses import replace
from datetime import timedelta

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
    file_again,
    freeze,
    request_for,
    submit,
)
from paygate.journal.models import BookingPeriod, Kind, Movement
from paygate.journal.states import PeriodState
from paygate.lifecycle.moves import MoveRefused, history
from paygate.merchants.reach import NotPermitted
from tests.make.books import (
    NOON,
    asked_of_acquirer,
    booking,
    file_behind_our_back,
    period_now,
    the_movement,
    the_open_period,
)
from tests.make.money import chf

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


class TestAFall:
    def test_between_freezing_and_sending_is_resumed_with_the_same_bytes(self, anna, batches_sent):
        booking(anna.terminal, chf(10))
        booking(anna.terminal, chf(20))
        period = freeze(anna.terminal, by="member:1", now=NOON)  # and the process dies
        assert period is not None
        frozen = request_for(period_now(period), request_id=period_now(period).request_id)
        booking(anna.terminal, chf(30))  # goes to the next

        submit(period.pk, now=NOON + 60 * SECOND)

        (sent,) = [json.loads(raw) for raw in batches_sent]
        assert sent["body"].encode() == frozen.body
        assert sent["content_hash"] == period_now(period).content_hash
        assert period_now(period).state == PeriodState.CLOSED

    @pytest.mark.parametrize(
        "mode", ["drop_after_commit", "late_reply", "malformed", "http_500", "wrong_reference"]
    )
    def test_after_the_acquirer_took_it_ends_with_a_duplicate(self, anna, batches_sent, mode):
        booking(anna.terminal, chf(10))
        set_fault("BATCH", mode)
        period = close_batch(anna.terminal, by=anna.actor, now=NOON)
        assert period is not None
        assert (period_now(period).state, period_now(period).sent_at) == (PeriodState.CLOSING, NOON)

        submit(period.pk, now=NOON + 10 * SECOND)

        assert batches_sent[0] == batches_sent[1]
        assert period_now(period).state == PeriodState.CLOSED
        assert list(history(period))[-1].cause == "acknowledged"  # the same request id: told again
        assert period_now(period).sent_at == NOON
        assert len(asked_of_acquirer("BATCH")) == 1

    @pytest.mark.parametrize("mode", ["drop_before_read", "refuse_connect"])
    def test_before_the_acquirer_had_it_is_sent_again(self, anna, mode):
        booking(anna.terminal, chf(10))
        set_fault("BATCH", mode)
        period = close_batch(anna.terminal, by=anna.actor, now=NOON)
        assert period is not None
        assert period_now(period).state == PeriodState.CLOSING
        assert asked_of_acquirer("BATCH") == []

        submit(period.pk, now=NOON + 10 * SECOND)

        assert period_now(period).state == PeriodState.CLOSED

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

        assert period_now(period).state == PeriodState.CLOSED


def test_tries_again_at_growing_pauses_while_there_is_no_answer(anna):
    booking(anna.terminal)
    set_fault("BATCH", "drop_before_read", count=7)
    period = close_batch(anna.terminal, by=anna.actor, now=NOON)
    assert period is not None

    waits, now = [], NOON
    for _ in range(6):
        due = period_now(period).next_try_at
        assert due is not None
        waits.append(round((due - now).total_seconds()))
        now = due
        submit(period.pk, now=now)

    assert waits == [10, 30, 120, 600, 3600, 3600]
    assert period_now(period).state == PeriodState.CLOSING


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
        period = period_now(period)
        assert (period.state, period.refused_because) == (PeriodState.REFUSED, "other_content")
        assert period.review_since == NOON

    def test_the_same_batch_under_another_request_id_is_acknowledged_as_a_duplicate(self, anna):
        entry = booking(anna.terminal, chf(10))
        period = freeze(anna.terminal, by="member:1", now=NOON)
        assert period is not None
        connector_for(entry.contract).submit_batch(
            request_for(period_now(period), request_id="before-the-restore")
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
        period = period_now(period)
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
        assert period_now(period).sent_at is None

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
        assert period_now(period).state == PeriodState.REFUSED
        in_another_batch(gone, 0)
        return period_now(period)

    def test_has_the_same_number_and_bytes_under_a_new_request_id(self, anna, refused, batches_sent):
        booking(anna.terminal, chf(30))

        file_again(refused.pk, by=anna.actor, now=NOON + DAY)

        period = period_now(refused)
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

        assert period_now(refused).state == PeriodState.REFUSED


def in_another_batch(movement: Movement, number: int) -> None:
    """The acquirer has put this booking into a batch of its own, or (0) taken it out again."""
    with ledger.opened() as book:
        row = book.find(movement.request_id)
        assert row is not None
        book.write(replace(row, batch=number))
