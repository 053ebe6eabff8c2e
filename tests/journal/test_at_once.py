"""Two at the same moment: real threads, real connections, on both databases (safety.md LK-2, LK-3, OC-10, BA-4)."""

from datetime import timedelta
from functools import partial

import pytest

from paygate.acquiring.simulator.faults import set_fault
from paygate.journal.batch_close import close_batch, close_due, freeze, submit
from paygate.journal.cancel import NotCancelable, cancel
from paygate.journal.capture import NotCapturable, NotWithinReservation, capture
from paygate.journal.models import BookingPeriod, Kind, Movement
from paygate.journal.parts import PartTaken, PartWish, capture_part, release_rest
from paygate.journal.periods import last_closing_time
from paygate.journal.refund import NotRefundable, NotWithinBooking, RefundWish, refund
from paygate.journal.states import EntryState, MovementState, PeriodState
from paygate.journal.unanswered import ask_again
from paygate.lifecycle.moves import history
from tests.at_once import at_once, refused
from tests.invariants import assert_invariants_hold
from tests.make.books import NOON, again, asked_of_acquirer, booking, the_movement, the_open_period
from tests.make.journal import reservation
from tests.make.money import chf

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def really_committed(transactional_db):
    """What one thread wrote, the others see."""


def test_two_bookings_of_one_reservation_book_once(anna):
    entry = reservation(anna.terminal, chf(100), now=NOON)

    outcomes = at_once(*[lambda: capture(entry.pk, amount=chf(60), by=anna.actor, now=NOON)] * 4)

    assert refused(outcomes, NotCapturable) == 3
    assert (again(entry).state, again(entry).booked_minor) == (EntryState.CAPTURED, 6000)
    assert [row["amount"] for row in asked_of_acquirer("CAPTURE")] == [6000]
    assert len(history(entry)) == 3


def test_of_a_booking_and_a_cancellation_one_wins(anna):
    for _ in range(3):
        entry = reservation(anna.terminal, chf(100), now=NOON)

        outcomes = at_once(
            partial(capture, entry.pk, by=anna.actor, now=NOON),
            partial(cancel, entry.pk, by=anna.actor, now=NOON),
        )

        booked, canceled = outcomes
        state = again(entry).state
        if isinstance(booked, NotCapturable):
            assert state == EntryState.CANCELED
        elif isinstance(canceled, NotCancelable):
            assert state == EntryState.CAPTURED
        else:
            # The booking was through before the cancellation looked, and its period was open.
            assert (booked.state, canceled.state, state) == ("APPROVED", "APPROVED", EntryState.CANCELED)
            assert the_movement(entry, Kind.CAPTURE).period is None
        undone = [row["undone"] for row in asked_of_acquirer("AUTH")][-1]
        assert bool(undone) == (state == EntryState.CANCELED), "the books say what the acquirer did"


def test_two_cancellations_release_once(anna):
    entry = reservation(anna.terminal, chf(100), now=NOON)

    outcomes = at_once(*[lambda: cancel(entry.pk, by=anna.actor, now=NOON)] * 3)

    assert refused(outcomes, NotCancelable) == 2
    assert len(asked_of_acquirer("CANCEL")) == 1


def test_two_closes_are_one_batch(anna):
    booking(anna.terminal, chf(10))
    booking(anna.terminal, chf(20))

    outcomes = at_once(*[lambda: close_batch(anna.terminal, by=anna.actor, now=NOON)] * 4)

    assert [type(outcome) for outcome in outcomes].count(BookingPeriod) == 1
    assert outcomes.count(None) == 3
    assert [(row["line_count"], row["count"]) for row in asked_of_acquirer("BATCH")] == [(2, 1)]
    assert BookingPeriod.objects.count() == 2


def test_the_timer_and_a_hand_are_one_batch(anna):
    booking(anna.terminal, now=NOON)
    evening = last_closing_time(NOON + timedelta(days=1))

    at_once(
        lambda: close_due(anna.terminal, now=evening),
        lambda: close_batch(anna.terminal, by=anna.actor, now=evening),
        lambda: close_due(anna.terminal, now=evening),
    )

    assert len(asked_of_acquirer("BATCH")) == 1
    assert the_open_period(anna.terminal).number == 2


def test_two_submits_of_one_period_send_it_once(anna):
    booking(anna.terminal)
    period = freeze(anna.terminal, by="member:1", now=NOON)
    assert period is not None

    refused(at_once(*[lambda: submit(period.pk, now=NOON)] * 3), NotCapturable)

    assert [row["count"] for row in asked_of_acquirer("BATCH")] == [1]
    assert BookingPeriod.objects.get(pk=period.pk).state == PeriodState.CLOSED


def test_bookings_beside_a_close_are_in_it_or_in_the_next_and_never_lost(anna):
    entries = [reservation(anna.terminal, chf(10 + index), now=NOON) for index in range(3)]
    booking(anna.terminal, chf(1))

    outcomes = at_once(
        *[partial(capture, entry.pk, by=anna.actor, now=NOON) for entry in entries],
        lambda: close_batch(anna.terminal, by=anna.actor, now=NOON),
    )
    refused(outcomes, NotCapturable)
    close_batch(anna.terminal, by=anna.actor, now=NOON + SECOND)

    filed = [line.entry_id for period in BookingPeriod.objects.all() for line in period.lines.all()]
    assert len(filed) == len(set(filed)) == 4
    assert not BookingPeriod.objects.exclude(state__in=[PeriodState.CLOSED, PeriodState.OPEN]).exists()
    assert sum(sum(row["totals"].values()) for row in asked_of_acquirer("BATCH")) == 100 + 1000 + 1100 + 1200


def test_a_cancellation_beside_a_close_is_in_time_or_too_late(anna):
    for round_ in range(3):
        entry, _ = booking(anna.terminal, chf(10)), booking(anna.terminal, chf(1))

        canceled, closed = at_once(
            partial(cancel, entry.pk, by=anna.actor, now=NOON),
            lambda: close_batch(anna.terminal, by=anna.actor, now=NOON),
        )

        assert isinstance(closed, BookingPeriod)
        assert closed.state == PeriodState.CLOSED
        in_batch = closed.lines.filter(entry=entry).exists()
        assert in_batch == isinstance(canceled, NotCancelable), (round_, canceled)
        assert again(entry).state == (EntryState.CAPTURED if in_batch else EntryState.CANCELED)


def test_refunds_beside_a_close_are_in_it_or_in_the_next_and_never_lost(anna):
    payments = [booking(anna.terminal, chf(10 + index)) for index in range(3)]
    close_batch(anna.terminal, by=anna.actor, now=NOON)
    booking(anna.terminal, chf(1))

    outcomes = at_once(
        *[partial(refund, payment.pk, RefundWish(), by=anna.actor, now=NOON) for payment in payments],
        lambda: close_batch(anna.terminal, by=anna.actor, now=NOON),
    )
    refused(outcomes, NotRefundable)
    close_batch(anna.terminal, by=anna.actor, now=NOON + SECOND)

    filed = [line.entry_id for period in BookingPeriod.objects.all() for line in period.lines.all()]
    assert len(filed) == len(set(filed)) == 3 + 1 + 3
    assert not BookingPeriod.objects.exclude(state__in=[PeriodState.CLOSED, PeriodState.OPEN]).exists()
    assert sum(sum(row["totals"].values()) for row in asked_of_acquirer("BATCH")) == 100
    assert_invariants_hold(now=NOON + SECOND)


def test_two_first_bookings_make_one_period(anna):
    entries = [reservation(anna.terminal, chf(10), now=NOON) for _ in range(3)]

    refused(
        at_once(*[partial(capture, entry.pk, by=anna.actor, now=NOON) for entry in entries]),
        NotCapturable,
    )

    assert the_open_period(anna.terminal).lines.count() == 3
    assert BookingPeriod.objects.count() == 1


def test_two_processes_never_ask_about_one_booking_at_once(anna):
    entry = reservation(anna.terminal, chf(100), now=NOON)
    set_fault("CAPTURE", "drop_before_read")
    movement = capture(entry.pk, by=anna.actor, now=NOON)

    refused(at_once(*[lambda: ask_again(movement.pk, now=NOON + 10 * SECOND)] * 4), NotCapturable)

    movement = the_movement(entry, Kind.CAPTURE)
    assert (movement.state, movement.inquiries) == (MovementState.UNKNOWN, 1)


def test_two_parts_at_once_never_exceed_the_reservation(anna):
    """behaviour.md H-10: together they are more than is reserved; whichever comes first is booked."""
    for _ in range(3):
        entry = reservation(anna.terminal, chf(100), now=NOON)

        outcomes = at_once(
            *[
                partial(capture_part, entry.pk, PartWish(chf(60), name), by=anna.actor, now=NOON)
                for name in ("shoes", "hat", "gloves")
            ]
        )

        assert sum(isinstance(one, Movement) for one in outcomes) == 1, outcomes
        assert (
            refused([one for one in outcomes if not isinstance(one, NotWithinReservation)], NotCapturable)
            <= 2
        )
        booked = again(entry)
        assert (booked.booked_minor, booked.parts_minor, booked.state) == (6000, 6000, EntryState.AUTHORIZED)
    assert [row["amount"] for row in asked_of_acquirer("CAPTURE")] == [6000] * 3


def test_the_same_part_twice_at_once_is_booked_once(anna):
    for _ in range(3):
        entry = reservation(anna.terminal, chf(100), now=NOON)
        shoes = PartWish(chf(30), "shoes")

        outcomes = at_once(*[partial(capture_part, entry.pk, shoes, by=anna.actor, now=NOON)] * 4)

        assert refused(outcomes, PartTaken) == 3
        assert again(entry).booked_minor == 3000
    assert [row["amount"] for row in asked_of_acquirer("CAPTURE")] == [3000] * 3


def test_of_a_part_and_the_release_of_the_rest_one_wins_or_they_follow_each_other(anna):
    for _ in range(3):
        entry = reservation(anna.terminal, chf(100), now=NOON)
        capture_part(entry.pk, PartWish(chf(40), "shoes"), by=anna.actor, now=NOON)

        at_once(
            partial(capture_part, entry.pk, PartWish(chf(50), "hat"), by=anna.actor, now=NOON),
            partial(release_rest, entry.pk, by=anna.actor, now=NOON),
        )

        done = again(entry)
        released = sum(
            one.amount_minor for one in entry.movements.filter(kind=Kind.RELEASE, state="APPROVED")
        )
        if released:
            assert (done.state, done.booked_minor + released) == (EntryState.CAPTURED, 10_000)
        else:
            assert (done.state, done.booked_minor) == (EntryState.AUTHORIZED, 9000)
    assert_invariants_hold(now=NOON)


def test_of_a_part_and_a_whole_booking_one_wins(anna):
    """behaviour.md H-11."""
    for _ in range(3):
        entry = reservation(anna.terminal, chf(100), now=NOON)

        outcomes = at_once(
            partial(capture_part, entry.pk, PartWish(chf(40), "shoes"), by=anna.actor, now=NOON),
            partial(capture, entry.pk, by=anna.actor, now=NOON),
        )

        assert refused(outcomes, NotCapturable) == 1
        assert again(entry).booked_minor in (4000, 10_000)


def test_refunds_of_one_part_at_once_stay_within_it(anna):
    entry = reservation(anna.terminal, chf(100), now=NOON)
    shoes = capture_part(entry.pk, PartWish(chf(40), "shoes"), by=anna.actor, now=NOON)
    capture_part(entry.pk, PartWish(chf(50), "hat"), by=anna.actor, now=NOON)

    wish = RefundWish(chf(25), part=shoes.pk)
    outcomes = at_once(*[partial(refund, entry.pk, wish, by=anna.actor, now=NOON)] * 3)

    assert refused(outcomes, NotWithinBooking) == 2
    shoes.refresh_from_db()
    assert (shoes.refunded_minor, again(entry).refunded_minor) == (2500, 2500)
