"""Answers that come late, twice or never, and what is given back for them (safety.md OC-6, OC-7, OC-9)."""

import pytest

from paygate.acquiring.connector import (
    Declined,
)
from paygate.acquiring.declines import DeclineReason
from paygate.acquiring.simulator.faults import set_fault
from paygate.journal.capture import capture
from paygate.journal.models import Kind, Movement
from paygate.journal.states import EntryState, MovementState
from paygate.journal.unanswered import ask_again
from tests.journal.give_backs import (
    MINUTE,
    approved,
    give_backs,
    given_back,
    now_is,
    put,
    told,
    unanswered_booking,
    unanswered_reservation,
)
from tests.make.books import NOON, again, the_movement
from tests.make.journal import DECLINED_VISA, reservation
from tests.make.money import chf


class TestALateAnswer:
    def test_that_it_is_approved_is_written_down_and_never_kept(self, anna):
        """safety.md OC-7: its giving back was asked for."""
        movement = unanswered_reservation(anna)
        question = given_back(movement)

        told(movement, approved(movement))

        assert now_is(movement).state == MovementState.APPROVED
        assert (again(movement.entry).state, again(movement.entry).succeeded) == (EntryState.PENDING, False)
        assert give_backs(movement) == [question]
        put(question, now=NOON)
        assert again(movement.entry).state == EntryState.CANCELED

    def test_that_it_was_declined_leaves_the_giving_back_to_end_the_payment(self, anna):
        movement = unanswered_reservation(anna)
        question = given_back(movement)

        told(movement, Declined(DeclineReason.DO_NOT_HONOR))

        assert now_is(movement).state == MovementState.DECLINED
        assert again(movement.entry).state == EntryState.PENDING
        put(question, now=NOON)
        assert again(movement.entry).state == EntryState.CANCELED

    def test_after_the_payment_was_canceled_is_given_back_again(self, anna):
        movement = unanswered_reservation(anna)
        put(given_back(movement), now=NOON)

        told(movement, approved(movement))

        assert again(movement.entry).state == EntryState.CANCELED
        assert [one.state for one in give_backs(movement)] == [MovementState.APPROVED, MovementState.ASKED]

    @pytest.mark.parametrize("how", ["declined", "not sent"])
    def test_that_contradicts_a_reservation_we_do_not_keep_is_given_back(self, anna, how, caplog):
        """safety.md OC-9."""
        if how == "declined":
            entry = reservation(anna.terminal, chf("49.05"), card=DECLINED_VISA, now=NOON)
        else:
            set_fault("AUTH", "refuse_connect")
            entry = reservation(anna.terminal, chf(100), now=NOON)
        movement, state = the_movement(entry, Kind.AUTHORIZE), again(entry).state
        assert state in (EntryState.DECLINED, EntryState.FAILED)

        told(movement, approved(movement), now=NOON + MINUTE)

        (question,) = give_backs(movement)
        assert (question.kind, question.next_inquiry_at) == (Kind.REVERSE, NOON + MINUTE)
        assert (now_is(movement).state, again(entry).state) == (movement.state, state), "no state is changed"
        assert "contradicting answer" in caplog.text
        assert put(question, now=NOON + MINUTE).state == MovementState.APPROVED
        assert again(entry).state == state

    def test_that_contradicts_a_booking_we_do_not_keep_is_given_back(self, anna):
        entry = reservation(anna.terminal, chf(100), now=NOON)
        set_fault("CAPTURE", "refuse_connect")
        movement = capture(entry.pk, by=anna.actor, now=NOON)

        told(movement, approved(movement))

        (question,) = give_backs(movement)
        assert question.amount == chf(100)
        assert again(entry).state == EntryState.AUTHORIZED

    def test_that_contradicts_a_cancellation_holds_no_money_and_is_not_given_back(self, anna, caplog):
        from paygate.journal.cancel import cancel

        entry = reservation(anna.terminal, chf(100), now=NOON)
        set_fault("CANCEL", "refuse_connect")
        movement = cancel(entry.pk, by=anna.actor, now=NOON)

        told(movement, approved(movement))

        assert give_backs(movement) == []
        assert "contradicting answer" in caplog.text

    def test_that_repeats_an_approval_we_keep_gives_nothing_back(self, anna, caplog):
        movement = the_movement(reservation(anna.terminal, chf(100), now=NOON), Kind.AUTHORIZE)

        told(movement, approved(movement))

        assert give_backs(movement) == []
        assert "contradicting answer" not in caplog.text

    def test_that_repeats_a_refusal_is_no_contradiction(self, anna, caplog):
        entry = reservation(anna.terminal, chf("49.05"), card=DECLINED_VISA, now=NOON)

        told(the_movement(entry, Kind.AUTHORIZE), Declined(DeclineReason.DO_NOT_HONOR))

        assert "contradicting answer" not in caplog.text

    def test_that_an_acknowledged_giving_back_is_refused_is_an_alarm_and_gives_nothing_back(
        self, anna, caplog
    ):
        question = put(given_back(unanswered_reservation(anna)), now=NOON)

        told(question, Declined(DeclineReason.DO_NOT_HONOR))

        assert now_is(question).state == MovementState.APPROVED
        assert "contradicting answer" in caplog.text
        assert give_backs(question) == []


class TestNeverArrived:
    """safety.md OC-6: proof enough to go on, but the question may still be under way."""

    def never_arrived(self, movement: Movement) -> None:
        for minutes in (2, 4):
            Movement.objects.filter(pk=movement.pk).update(next_inquiry_at=NOON)
            ask_again(movement.pk, now=NOON + minutes * MINUTE)
        assert now_is(movement).decline_reason == "NEVER_ARRIVED"

    def test_a_reservation_is_declined_and_given_back(self, anna):
        movement = unanswered_reservation(anna, "drop_before_read")

        self.never_arrived(movement)

        (question,) = give_backs(movement)
        assert again(movement.entry).state == EntryState.DECLINED
        assert put(question, now=NOON + 4 * MINUTE).state == MovementState.APPROVED
        assert again(movement.entry).state == EntryState.DECLINED

    def test_a_booking_may_be_made_anew_and_the_lost_one_is_given_back(self, anna):
        movement = unanswered_booking(anna, "drop_before_read")

        self.never_arrived(movement)

        (question,) = give_backs(movement)
        assert again(movement.entry).booked_minor == 0
        assert put(question, now=NOON + 4 * MINUTE).state == MovementState.APPROVED
        assert capture(movement.entry_id, by=anna.actor, now=NOON + 5 * MINUTE).state == "APPROVED"

    def test_a_cancellation_holds_no_money_and_is_not_given_back(self, anna):
        from paygate.journal.cancel import cancel

        entry = reservation(anna.terminal, chf(100), now=NOON)
        set_fault("CANCEL", "drop_before_read")
        movement = cancel(entry.pk, by=anna.actor, now=NOON)

        self.never_arrived(movement)

        assert give_backs(movement) == []

    def test_any_other_refusal_gives_nothing_back(self, anna):
        movement = unanswered_reservation(anna)

        told(movement, Declined(DeclineReason.DO_NOT_HONOR))

        assert give_backs(movement) == []
