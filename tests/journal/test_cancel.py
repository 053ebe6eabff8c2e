"""Releasing a reservation, or a booking whose period is still open."""

import pytest

from paygate.acquiring.simulator.faults import set_fault
from paygate.journal.batch_close import close_batch
from paygate.journal.cancel import NotCancelable, cancel, may_cancel
from paygate.journal.capture import NotCapturable, capture
from paygate.journal.models import Kind
from paygate.journal.states import EntryState, MovementState, PeriodState
from paygate.merchants.reach import NotPermitted
from tests.make.books import (
    NOON,
    again,
    asked_of_acquirer,
    booking,
    file_behind_our_back,
    the_movement,
    the_open_period,
    wallet_reservation,
)
from tests.make.journal import reservation
from tests.make.money import chf


def test_a_reservation_is_released(anna):
    entry = reservation(anna.terminal, chf(100), now=NOON)

    movement = cancel(entry.pk, by=anna.actor, now=NOON)

    assert (movement.state, movement.amount) == (MovementState.APPROVED, chf(100))
    assert again(entry).state == EntryState.CANCELED
    assert again(entry).succeeded, "it was a success, and its offer is not sold again"
    assert [row["undone"] for row in asked_of_acquirer("AUTH")] == ["CANCEL"]


def test_a_booking_in_the_open_period_is_released_and_leaves_the_period(anna):
    entry = booking(anna.terminal, chf(100))
    other = booking(anna.terminal, chf(20))

    cancel(entry.pk, by=anna.actor, now=NOON)

    assert again(entry).state == EntryState.CANCELED
    assert [line.entry for line in the_open_period(anna.terminal).lines.all()] == [other]


@pytest.mark.parametrize("answer", ["accepted", "unanswered"])
def test_a_booking_in_a_closed_period_stays(anna, answer):
    entry = booking(anna.terminal)
    if answer == "unanswered":
        set_fault("BATCH", "drop_before_read")
    period = close_batch(anna.terminal, by=anna.actor, now=NOON)
    assert period is not None
    assert period.state == (PeriodState.CLOSED if answer == "accepted" else PeriodState.CLOSING)

    with pytest.raises(NotCancelable):
        cancel(entry.pk, by=anna.actor, now=NOON)

    assert again(entry).state == EntryState.CAPTURED
    assert not entry.movements.filter(kind=Kind.CANCEL).exists()


def test_a_cancellation_that_the_acquirer_refuses_puts_the_booking_back(anna):
    entry = booking(anna.terminal, chf(100))
    file_behind_our_back(entry)

    movement = cancel(entry.pk, by=anna.actor, now=NOON)

    assert movement.state == MovementState.DECLINED
    assert again(entry).state == EntryState.CAPTURED
    assert the_movement(entry, Kind.CAPTURE).period == the_open_period(anna.terminal)


def test_a_booking_whose_refused_cancellation_outlasted_the_period_goes_into_the_next(anna):
    entry, other = booking(anna.terminal, chf(100)), booking(anna.terminal, chf(20))
    first = the_open_period(anna.terminal)
    set_fault("CANCEL", "drop_before_read")
    cancel(entry.pk, by=anna.actor, now=NOON)

    close_batch(anna.terminal, by=anna.actor, now=NOON)

    assert [line.entry for line in first.lines.all()] == [other]
    assert the_movement(entry, Kind.CAPTURE).period is None


def test_a_cancellation_that_was_never_sent_puts_the_booking_back(anna):
    entry = booking(anna.terminal)
    set_fault("CANCEL", "refuse_connect")

    assert cancel(entry.pk, by=anna.actor, now=NOON).state == MovementState.NOT_SENT

    assert again(entry).state == EntryState.CAPTURED
    assert the_movement(entry, Kind.CAPTURE).period == the_open_period(anna.terminal)
    assert may_cancel(again(entry))


def test_an_unanswered_cancellation_holds_everything_until_it_is_known(anna):
    entry = reservation(anna.terminal, now=NOON)
    set_fault("CANCEL", "drop_after_commit")

    assert cancel(entry.pk, by=anna.actor, now=NOON).state == MovementState.UNKNOWN

    assert again(entry).state == EntryState.AUTHORIZED
    with pytest.raises(NotCancelable):
        cancel(entry.pk, by=anna.actor, now=NOON)
    with pytest.raises(NotCapturable):
        capture(entry.pk, by=anna.actor, now=NOON)


def test_a_booking_on_its_way_is_not_canceled(anna):
    entry = reservation(anna.terminal, now=NOON)
    set_fault("CAPTURE", "drop_after_commit")
    capture(entry.pk, by=anna.actor, now=NOON)

    with pytest.raises(NotCancelable):
        cancel(entry.pk, by=anna.actor, now=NOON)


def test_what_is_canceled_is_not_canceled_or_booked_again(anna):
    entry = reservation(anna.terminal, now=NOON)
    cancel(entry.pk, by=anna.actor, now=NOON)

    with pytest.raises(NotCancelable):
        cancel(entry.pk, by=anna.actor, now=NOON)
    with pytest.raises(NotCapturable):
        capture(entry.pk, by=anna.actor, now=NOON)


def test_what_is_booked_outside_of_batches_is_not_canceled(anna):
    entry = wallet_reservation(anna.terminal, "POSTFINANCEPAY")
    capture(entry.pk, by=anna.actor, now=NOON)

    with pytest.raises(NotCancelable):
        cancel(entry.pk, by=anna.actor, now=NOON)


def test_who_may_not_cancel_asks_nothing(anna, beat):
    entry = reservation(anna.terminal, now=NOON)

    with pytest.raises(NotPermitted):
        cancel(entry.pk, by=beat.actor, now=NOON)

    assert not entry.movements.filter(kind=Kind.CANCEL).exists()
