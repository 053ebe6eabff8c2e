"""Automatic booking is a second step: reserved first, then a job of its own (safety.md ST-3, SPG-SET-10)."""

from datetime import timedelta

import pytest

from paygate import clock
from paygate.acquiring.simulator.faults import set_fault
from paygate.checkout.next_step import Paid
from paygate.jobs.interface import run_due
from paygate.jobs.sweep import sweep
from paygate.journal import tasks
from paygate.journal.cancel import cancel
from paygate.journal.capture import capture
from paygate.journal.models import Entry, Kind, Movement
from paygate.journal.states import EntryState, MovementState
from paygate.journal.unanswered import ask_again
from paygate.merchants.models import Booking
from paygate.offers.models import Offer
from paygate.threeds.liability import Condition
from tests.jobs.queue import lose_all_jobs
from tests.make.books import again, asked_of_acquirer, book_behind_our_back, the_movement
from tests.make.journal import reservation
from tests.make.offers import offer as an_offer
from tests.make.walk import pay


def paid(anna, booking: Booking = Booking.AUTOMATIC) -> Entry:
    """An offer paid through the whole walk."""
    now = clock.now()
    offer: Offer = an_offer(anna.terminal, booking=booking, condition=Condition.ATTEMPTED, now=now)
    assert isinstance(pay(offer, now=now), Paid)
    return Entry.objects.get(single_use_of=str(offer.pk))


def test_the_payment_is_a_reservation_first_and_booked_by_the_job(anna):
    entry = paid(anna)
    assert (entry.state, entry.booked_minor) == (EntryState.AUTHORIZED, 0)
    assert asked_of_acquirer("CAPTURE") == []

    run_due()

    assert again(entry).state == EntryState.CAPTURED
    assert the_movement(entry, Kind.CAPTURE).by == "system"


@pytest.mark.parametrize("booking", [Booking.FINAL, Booking.PRE_AUTHORIZATION])
def test_otherwise_it_stays_a_reservation(anna, booking):
    entry = paid(anna, booking)

    run_due()
    sweep()
    run_due()

    assert again(entry).state == EntryState.AUTHORIZED
    assert asked_of_acquirer("CAPTURE") == []


def test_a_lost_queue_loses_no_booking(anna):
    entry = paid(anna)
    lose_all_jobs()

    sweep()
    run_due()

    assert again(entry).state == EntryState.CAPTURED


def test_a_booking_by_hand_before_the_job_leaves_it_nothing_to_do(anna):
    entry = paid(anna)
    capture(entry.pk, by=anna.actor, now=clock.now())

    run_due()

    assert len(asked_of_acquirer("CAPTURE")) == 1


def test_a_canceled_reservation_is_not_booked(anna):
    entry = paid(anna)
    cancel(entry.pk, by=anna.actor, now=clock.now())

    run_due()
    sweep()
    run_due()

    assert again(entry).state == EntryState.CANCELED
    assert asked_of_acquirer("CAPTURE") == []


def test_a_booking_without_an_answer_is_asked_about_and_not_booked_again(anna, settings):
    entry = paid(anna)
    set_fault("CAPTURE", "drop_after_commit")
    run_due()
    assert the_movement(entry, Kind.CAPTURE).state == MovementState.UNKNOWN
    assert list(tasks.captures_due(clock.now())) == []

    settings.PAYGATE_CLOCK_OFFSET = "60"
    sweep()
    run_due()

    assert again(entry).state == EntryState.CAPTURED
    assert len(asked_of_acquirer("CAPTURE")) == 1


def test_a_booking_that_never_left_the_house_is_tried_again(anna):
    entry = paid(anna)
    set_fault("CAPTURE", "refuse_connect")
    run_due()
    assert again(entry).state == EntryState.AUTHORIZED
    assert list(tasks.captures_due(clock.now())) == [], "not every minute, while nobody can be reached"

    assert list(tasks.captures_due(clock.now() + tasks.NOT_SENT_REST)) != []
    tasks.capture_now(merchant_id=entry.merchant_id, entry_id=entry.pk)

    assert again(entry).state == EntryState.CAPTURED


def test_a_booking_that_provably_never_arrived_is_made_again(anna):
    entry = paid(anna)
    set_fault("CAPTURE", "drop_before_read")
    run_due()
    movement = the_movement(entry, Kind.CAPTURE)
    for seconds in (60, 121):
        Movement.objects.filter(pk=movement.pk).update(next_inquiry_at=movement.asked_at)
        ask_again(movement.pk, now=movement.asked_at + timedelta(seconds=seconds))
    assert again(entry).state == EntryState.AUTHORIZED

    sweep()
    run_due()

    assert again(entry).state == EntryState.CAPTURED


def test_a_refused_booking_is_not_tried_again_by_itself(anna):
    """The acquirer had its say; a person looks at it."""
    entry = reservation(anna.terminal, booking=Booking.AUTOMATIC, now=clock.now() - timedelta(hours=1))
    book_behind_our_back(entry)
    sweep()
    run_due()
    assert the_movement(entry, Kind.CAPTURE).state == MovementState.DECLINED

    assert list(tasks.captures_due(clock.now())) == []
