"""No answer is not a no (safety.md OC-1, OC-2, OC-5, OC-6)."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from paygate.acquiring.simulator.faults import set_fault
from paygate.journal import tasks, unanswered
from paygate.journal.authorize import Payment, begin_payment
from paygate.journal.cancel import cancel
from paygate.journal.capture import capture
from paygate.journal.models import Kind, Movement, Origin
from paygate.journal.schedules import INQUIRIES, JITTER
from paygate.journal.settling import settle
from paygate.journal.states import EntryState, MovementState
from paygate.journal.unanswered import ask_again, find_out
from paygate.lifecycle.moves import history
from paygate.merchants.models import Booking
from tests.make.books import (
    NOON,
    again,
    asked_again,
    asked_of_acquirer,
    booking,
    the_movement,
    the_open_period,
)
from tests.make.journal import reservation
from tests.make.money import chf

# What may go wrong with an answer; in each case we cannot know what the acquirer did.
LOST = [
    "drop_before_read",
    "drop_after_commit",
    "late_reply",
    "malformed",
    "truncated",
    "duplicate_conflicting",
    "wrong_amount",
    "wrong_currency",
    "wrong_reference",
    "unknown_code",
    "http_500",
    "html_502",
]
NEVER_DONE = {"drop_before_read"}
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def unanswered_capture(anna, mode="drop_after_commit", *, amount=None) -> Movement:
    entry = reservation(anna.terminal, chf(100), now=NOON)
    set_fault("CAPTURE", mode)
    return capture(entry.pk, amount=amount, by=anna.actor, now=NOON)


@pytest.mark.parametrize("mode", LOST)
class TestALostAnswer:
    def test_to_a_booking_is_neither_yes_nor_no(self, anna, mode):
        movement = unanswered_capture(anna, mode)

        entry = again(movement.entry)
        assert (movement.state, movement.decline_reason) == (MovementState.UNKNOWN, "")
        assert movement.no_answer_because
        assert movement.next_inquiry_at == NOON + INQUIRIES[0]
        assert (entry.state, entry.booked_minor) == (EntryState.AUTHORIZED, 10_000)

    def test_to_a_booking_is_found_out(self, anna, mode):
        movement = unanswered_capture(anna, mode, amount=chf(60))

        later = NOON + 2 * MINUTE
        ask_again(movement.pk, now=later)
        ask_again(movement.pk, now=later + 2 * MINUTE)

        entry, movement = again(movement.entry), asked_again(movement)
        if mode in NEVER_DONE:
            assert (movement.state, movement.decline_reason) == (MovementState.DECLINED, "NEVER_ARRIVED")
            assert (entry.state, entry.booked_minor) == (EntryState.AUTHORIZED, 0)
        else:
            assert movement.state == MovementState.APPROVED
            assert (entry.state, entry.booked_minor) == (EntryState.CAPTURED, 6000)
            assert movement.period == the_open_period(anna.terminal)
        assert len(asked_of_acquirer("CAPTURE")) == (0 if mode in NEVER_DONE else 1)

    def test_to_a_cancellation_is_found_out(self, anna, mode):
        entry = booking(anna.terminal)
        set_fault("CANCEL", mode)
        movement = cancel(entry.pk, by=anna.actor, now=NOON)
        assert (movement.state, again(entry).state) == (MovementState.UNKNOWN, EntryState.CAPTURED)
        assert the_movement(entry, Kind.CAPTURE).period is None, "what may be canceled is not filed"

        ask_again(movement.pk, now=NOON + 2 * MINUTE)
        ask_again(movement.pk, now=NOON + 4 * MINUTE)

        if mode in NEVER_DONE:
            assert again(entry).state == EntryState.CAPTURED
            assert the_movement(entry, Kind.CAPTURE).period == the_open_period(anna.terminal)
        else:
            assert again(entry).state == EntryState.CANCELED

    def test_to_a_reservation_is_neither_yes_nor_no(self, anna, mode):
        set_fault("AUTH", mode)

        entry = reservation(anna.terminal, now=NOON)

        assert (entry.state, entry.succeeded) == (EntryState.PENDING, False)
        assert the_movement(entry, Kind.AUTHORIZE).state == MovementState.UNKNOWN


class TestAnInquiry:
    def test_about_less_than_was_asked_for_never_books_it(self, anna):
        """Nobody allowed a partial approval, so half a reservation is none."""
        set_fault("AUTH", "partial_amount")
        entry = reservation(anna.terminal, chf(100), now=NOON)
        movement = the_movement(entry, Kind.AUTHORIZE)
        assert movement.no_answer_because == "partial"

        ask_again(movement.pk, now=NOON + 10 * SECOND)

        assert again(entry).state == EntryState.PENDING

    def test_that_is_lost_itself_changes_nothing_and_another_follows(self, anna):
        movement = unanswered_capture(anna)
        for mode in ("drop_before_read", "drop_after_commit", "malformed", "wrong_amount", "refuse_connect"):
            set_fault("INQUIRY", mode)

        moment = NOON
        for _ in range(5):
            movement = asked_again(movement)
            assert movement.next_inquiry_at is not None
            moment = max(movement.next_inquiry_at, moment)
            ask_again(movement.pk, now=moment)
            assert asked_again(movement).state == MovementState.UNKNOWN

        ask_again(movement.pk, now=asked_again(movement).next_inquiry_at or NOON)
        assert asked_again(movement).state == MovementState.APPROVED

    def test_before_its_time_is_not_made(self, anna):
        movement = unanswered_capture(anna)

        ask_again(movement.pk, now=NOON + INQUIRIES[0] - SECOND)

        assert (asked_again(movement).state, asked_again(movement).inquiries) == (MovementState.UNKNOWN, 0)

    def test_about_what_is_settled_is_not_made(self, anna):
        movement = unanswered_capture(anna)
        ask_again(movement.pk, now=NOON + MINUTE)
        assert asked_again(movement).state == MovementState.APPROVED

        assert find_out(movement.pk, now=NOON + timedelta(days=1)) is None

    def test_of_two_processes_at_once_only_one_asks(self, anna):
        movement = unanswered_capture(anna)
        moment = NOON + 10 * SECOND

        assert find_out(movement.pk, now=moment) is not None
        assert find_out(movement.pk, now=moment) is None

        assert asked_again(movement).inquiries == 1

    def test_is_stored_before_it_is_made(self, anna):
        """A crash in the middle of asking leaves the next step with its time."""
        movement = unanswered_capture(anna)
        moment = NOON + 10 * SECOND

        unanswered._take_up(movement.pk, now=moment)  # and the process dies here

        movement = asked_again(movement)
        assert movement.inquiries == 1
        assert movement.next_inquiry_at is not None
        assert movement.next_inquiry_at > moment


class TestTheSchedule:
    def test_has_all_steps_to_the_seventh_day_and_then_a_person_decides(self, anna, monkeypatch):
        monkeypatch.setattr("paygate.journal.schedules.secrets.randbelow", lambda span: JITTER)  # no jitter
        movement = unanswered_capture(anna)
        set_fault("INQUIRY", "drop_before_read", count=100)

        moments: list[datetime] = []
        while (due := asked_again(movement).next_inquiry_at) and len(moments) < 50:
            ask_again(movement.pk, now=due)
            if asked_again(movement).review_since is None:
                moments.append(due)

        assert [moment - NOON for moment in moments] == list(INQUIRIES)
        assert asked_again(movement).state == MovementState.UNKNOWN, "still neither yes nor no"
        assert asked_again(movement).review_since == moments[-1] + INQUIRIES[0]
        assert again(movement.entry).booked_minor == 10_000
        assert find_out(movement.pk, now=NOON + timedelta(days=30)) is None

    def test_begins_while_the_payer_waits_and_then_follows_the_rule(self):
        seconds = [step.total_seconds() for step in INQUIRIES]

        assert len([step for step in seconds if step <= 20]) == 3
        assert seconds[3:8] == [30, 120, 600, 3600, 21600]
        assert seconds[8:] == [day * 86400 for day in range(1, 8)]

    @pytest.mark.parametrize("jitter", [0, 2 * JITTER])
    def test_strays_by_a_fifth_at_most(self, anna, monkeypatch, jitter):
        monkeypatch.setattr("paygate.journal.schedules.secrets.randbelow", lambda span: jitter)
        movement = unanswered_capture(anna)
        Movement.objects.filter(pk=movement.pk).update(inquiries=6)
        set_fault("INQUIRY", "drop_before_read")

        ask_again(movement.pk, now=NOON + 10 * MINUTE)

        wait = (asked_again(movement).next_inquiry_at or NOON) - NOON
        assert wait == timedelta(hours=6) * (80 if jitter == 0 else 120) / 100


class TestNeverHeardOfIt:
    @pytest.mark.parametrize(
        ("moments", "proven"),
        [
            ([10], False),
            ([10, 30], False),  # too soon after sending, twice
            ([59, 119], False),  # only one of them late enough
            ([60], False),  # only once
            ([60, 119], False),  # not a minute apart
            ([60, 120], True),
            ([10, 60, 90, 121], True),
            ([3600, 3660], True),
        ],
    )
    def test_is_proof_when_it_is_said_twice_late_enough_and_a_minute_apart(self, anna, moments, proven):
        movement = unanswered_capture(anna, "drop_before_read")

        for seconds in moments:
            Movement.objects.filter(pk=movement.pk).update(next_inquiry_at=NOON)
            ask_again(movement.pk, now=NOON + seconds * SECOND)

        state = asked_again(movement).state
        assert state == (MovementState.DECLINED if proven else MovementState.UNKNOWN)
        assert again(movement.entry).booked_minor == (0 if proven else 10_000)

    def test_asks_the_second_time_after_a_minute_by_itself(self, anna):
        movement = unanswered_capture(anna, "drop_before_read")

        ask_again(movement.pk, now=NOON + 2 * MINUTE)

        movement = asked_again(movement)
        assert movement.not_found_at == NOON + 2 * MINUTE
        assert movement.next_inquiry_at == NOON + 3 * MINUTE + INQUIRIES[0]


class TestARepeatedAnswer:
    def test_that_is_the_same_changes_nothing(self, anna):
        entry = reservation(anna.terminal, now=NOON)
        movement = capture(entry.pk, by=anna.actor, now=NOON)
        answer = _as_answered(movement)
        steps = list(history(movement)), list(history(entry))

        with transaction.atomic():
            settle(movement, answer, now=NOON + MINUTE)

        assert (list(history(movement)), list(history(entry))) == steps

    def test_that_contradicts_changes_nothing_and_is_an_alarm(self, anna, caplog):
        from paygate.acquiring.connector import Declined
        from paygate.acquiring.declines import DeclineReason

        entry = reservation(anna.terminal, now=NOON)
        movement = capture(entry.pk, by=anna.actor, now=NOON)

        with caplog.at_level("ERROR"), transaction.atomic():
            settle(movement, Declined(DeclineReason.DO_NOT_HONOR), now=NOON + MINUTE)

        assert asked_again(movement).state == MovementState.APPROVED
        assert again(entry).state == EntryState.CAPTURED
        assert "contradicting answer" in caplog.text


def _as_answered(movement: Movement):
    """The acquirer's answer, given again."""
    from paygate.acquiring.connector import Approved, Echo, Operation

    echo = Echo(movement.request_id, movement.entry.terminal.number, movement.amount, Operation.CAPTURE)
    return Approved(movement.acquirer_reference, movement.amount, echo, movement.approval_code)


def test_the_job_of_the_books_asks_about_bookings_and_cancellations_only(anna):
    """Reservations are the walk's: more follows from their answers than the books know."""
    booked = unanswered_capture(anna)
    set_fault("AUTH", "drop_after_commit")
    reservation(anna.terminal, now=NOON)

    due = list(tasks.unanswered_due(NOON + MINUTE))

    assert due == [{"merchant_id": anna.merchant.pk, "movement_id": booked.pk}]


def test_nothing_is_due_after_a_person_must_decide(anna):
    movement = unanswered_capture(anna)
    Movement.objects.filter(pk=movement.pk).update(review_since=NOON)

    assert list(tasks.unanswered_due(NOON + timedelta(days=9))) == []


def test_a_payment_begun_is_written_down_with_its_request_id_before_anything_is_asked(anna):
    contract = anna.terminal.contracts.get(method="VISA")
    payment = Payment(contract, chf(10), Origin.SECURE_PAYGATE, "R", "D", Booking.FINAL)

    with transaction.atomic():
        movement = begin_payment(payment, by="payer", now=NOON)

    assert (movement.state, movement.sent_at) == (MovementState.ASKED, None)
    assert len(movement.request_id) >= 20
    assert asked_of_acquirer("AUTH") == []
