"""What is given back stays given back: looks after an acknowledgement or a refusal (safety.md OC-6, OC-8)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.journal import reversal
from paygate.journal.models import Movement
from paygate.journal.schedules import ALARM_AFTER, GIVE_BACKS
from paygate.journal.states import EntryState, MovementState
from paygate.lifecycle.moves import history
from paygate.merchants.reach import SYSTEM
from tests.journal.give_backs import (
    DAY,
    HOUR,
    LATE_ENOUGH,
    MINUTE,
    SECOND,
    approved,
    give_backs,
    given_back,
    look_again,
    now_is,
    put,
    the_question_arrives_late,
    told,
    unanswered_reservation,
)
from tests.make.books import NOON, again, asked_of_acquirer


class TestAfterTheAcknowledgement:
    def acknowledged(self, anna, *, mode: str = "drop_before_read", put_at: datetime = NOON) -> Movement:
        """Given back, and nobody at the acquirer remembers it."""
        return put(given_back(unanswered_reservation(anna, mode)), now=put_at)

    def test_one_more_look_is_taken_once_the_question_can_no_longer_arrive(self, anna):
        question = self.acknowledged(anna, put_at=NOON + SECOND)
        assert question.look_again_at == LATE_ENOUGH
        assert question.inquiries == 0, "the looks are counted anew"

        look_again(question.pk, now=LATE_ENOUGH - SECOND)
        assert asked_of_acquirer("INQUIRY") == []
        assert now_is(question).look_again_at == LATE_ENOUGH

    def test_the_look_is_taken_at_once_when_it_is_late_enough_already(self, anna):
        assert self.acknowledged(anna, put_at=NOON + HOUR).look_again_at == NOON + HOUR

    def test_never_heard_of_it_means_that_it_is_over(self, anna):
        question = self.acknowledged(anna)
        movement = question.about
        assert movement is not None

        look_again(question.pk, now=LATE_ENOUGH)

        assert now_is(question).look_again_at is None
        assert (now_is(movement).state, now_is(movement).decline_reason) == (
            MovementState.DECLINED,
            "NEVER_ARRIVED",
        )
        assert again(movement.entry).state == EntryState.CANCELED
        assert not reversal.due(now=NOON + 30 * DAY).filter(about=movement, state="APPROVED").exists()

    def test_what_is_undone_there_is_over(self, anna):
        question = self.acknowledged(anna, mode="drop_after_commit")
        movement = question.about
        assert movement is not None

        look_again(question.pk, now=LATE_ENOUGH)

        assert now_is(question).look_again_at is None
        assert now_is(movement).state == MovementState.DECLINED
        assert give_backs(movement) == [question]
        assert again(movement.entry).state == EntryState.CANCELED

    def test_what_was_approved_after_all_is_in_the_books_and_given_back_again(self, anna, no_jitter):
        question = self.acknowledged(anna)
        movement = question.about
        assert movement is not None
        the_question_arrives_late(movement)

        look_again(question.pk, now=LATE_ENOUGH)

        assert now_is(movement).state == MovementState.APPROVED
        assert list(history(movement).values_list("new", "by"))[-1] == ("APPROVED", SYSTEM)
        assert now_is(question).look_again_at is None
        first, second = give_backs(movement)
        assert (first, second.state) == (question, MovementState.ASKED)
        assert second.request_id != first.request_id
        assert second.next_inquiry_at == LATE_ENOUGH + 2 * SECOND, "the second try of the schedule is overdue"

        put(second, now=LATE_ENOUGH + 2 * SECOND)
        look_again(second.pk, now=LATE_ENOUGH + MINUTE)

        entry = again(movement.entry)
        assert (entry.state, entry.succeeded) == (EntryState.CANCELED, False), "never kept (OC-7)"
        assert now_is(second).look_again_at is None
        assert give_backs(movement) == [first, second]

    def test_what_was_approved_for_less_is_given_back_again(self, anna):
        question = self.acknowledged(anna)
        movement = question.about
        assert movement is not None
        the_question_arrives_late(movement, approved=5000)

        look_again(question.pk, now=LATE_ENOUGH)

        assert now_is(question).look_again_at is None
        assert [one.state for one in give_backs(movement)] == [MovementState.APPROVED, MovementState.ASKED]

    def test_a_look_without_an_answer_is_taken_again_later(self, anna, no_jitter):
        question = self.acknowledged(anna)
        for mode in ("drop_before_read", "refuse_connect"):
            set_fault("INQUIRY", mode)

        look_again(question.pk, now=LATE_ENOUGH)
        first = now_is(question).look_again_at
        assert first == LATE_ENOUGH + MINUTE + 2 * SECOND, "not while the look may still be on its way"
        look_again(question.pk, now=first)
        second = now_is(question).look_again_at
        assert second is not None
        assert second > first
        assert now_is(question).inquiries == 2

        look_again(question.pk, now=second)
        assert now_is(question).look_again_at is None

    def test_the_next_look_is_stored_before_this_one(self, anna, no_jitter):
        """A crash in the middle leaves it with its time; two at once look once."""
        question = self.acknowledged(anna)

        assert reversal._take_up_look(question.pk, now=LATE_ENOUGH) is not None
        assert reversal._take_up_look(question.pk, now=LATE_ENOUGH) is None

        look = now_is(question).look_again_at
        assert look is not None
        assert look > LATE_ENOUGH

    def test_nothing_is_looked_after_that_was_not_acknowledged(self, anna):
        question = given_back(unanswered_reservation(anna))

        look_again(question.pk, now=NOON + DAY)
        look_again(question.pk + 1, now=NOON + DAY)

        assert now_is(question).inquiries == 0

    def test_an_acquirer_that_never_gives_it_back_is_an_alarm(self, anna, no_jitter, caplog):
        """It acknowledges each time, and holds the money all the same."""
        movement = unanswered_reservation(anna)
        moments, moment = [], NOON
        for number in range(ALARM_AFTER + 1):
            caplog.clear()
            question = given_back(movement, now=moment)
            moment = question.next_inquiry_at or moment
            moments.append(moment - NOON)
            assert ("not given back yet" in caplog.text) == (number >= ALARM_AFTER)
            reversal.put(question.pk, now=moment)
            told(question, approved(movement), now=moment)

        assert moments == [timedelta(0), *GIVE_BACKS[:ALARM_AFTER]], "one schedule, whatever their names"
        assert len(give_backs(movement)) == ALARM_AFTER + 1


class TestARefusal:
    """The acquirer will not give it back: no acknowledgement, and no proof that it holds something (OC-2, OC-8)."""

    def refused(self, anna, mode: str = "drop_after_commit", *, put_at: datetime = NOON + HOUR) -> Movement:
        """A give-back that the acquirer refused."""
        set_fault("REVERSAL", "soft_decline")
        return put(given_back(unanswered_reservation(anna, mode), now=put_at), now=put_at)

    def test_is_an_answer_and_is_not_asked_for_again_under_its_name(self, anna):
        question = self.refused(anna)

        assert (question.state, question.settled_at) == (MovementState.DECLINED, NOON + HOUR)
        assert (question.decline_reason, question.acquirer_code) == ("AUTHENTICATION_REQUIRED", "65")
        assert (question.next_inquiry_at, question.look_again_at) == (None, NOON + HOUR)
        assert reversal.put(question.pk, now=NOON + 8 * DAY) is None
        assert [row["count"] for row in asked_of_acquirer("REVERSAL")] == [1]
        assert again(question.entry).state == EntryState.PENDING

    def test_of_what_is_held_is_followed_by_another_give_back_under_a_new_name(self, anna, no_jitter):
        first = self.refused(anna)

        look_again(first.pk, now=NOON + HOUR)
        assert first.about is not None
        _, second = give_backs(first.about)
        assert second.request_id != first.request_id
        assert second.next_inquiry_at == NOON + HOUR + 15 * SECOND
        assert now_is(first).look_again_at is None
        put(second, now=NOON + HOUR + 15 * SECOND)

        assert now_is(second).state == MovementState.APPROVED
        assert again(first.entry).state == EntryState.CANCELED

    def test_of_what_is_not_held_is_followed_by_nothing(self, anna):
        """It was declined there, or given back before: an inquiry says so."""
        first = self.refused(anna)
        about = first.about
        assert about is not None
        with ledger.opened() as book:
            record = book.find(about.request_id)
            assert record is not None
            book.write(replace(record, undone="REVERSAL"))

        look_again(first.pk, now=NOON + HOUR)

        assert (again(first.entry).state, now_is(first).look_again_at) == (EntryState.CANCELED, None)
        assert list(history(again(first.entry)).values_list("new", "cause"))[-1] == (
            "CANCELED",
            "nothing is held",
        )
        assert give_backs(about) == [first]

    def test_of_what_never_arrived_needs_to_be_told_so_twice(self, anna):
        """safety.md OC-6: nobody acknowledged anything."""
        first = self.refused(anna, "drop_before_read")

        look_again(first.pk, now=NOON + HOUR)
        assert again(first.entry).state == EntryState.PENDING
        second_look = now_is(first).look_again_at
        assert second_look is not None
        assert second_look >= NOON + HOUR + MINUTE
        look_again(first.pk, now=second_look)

        assert again(first.entry).state == EntryState.CANCELED
        assert now_is(first).look_again_at is None

    def test_again_and_again_ends_with_an_alarm_and_with_a_person(self, anna, no_jitter, caplog):
        """safety.md OC-8: one schedule of seven days, whatever the names."""
        set_fault("REVERSAL", "soft_decline", 100)
        movement = unanswered_reservation(anna)
        question, moment = given_back(movement), NOON
        moments = []
        while now_is(question).review_since is None:
            moment = now_is(question).next_inquiry_at or moment
            if put(question, now=moment).settled_at:
                moments.append(moment)
                moment = max(moment, LATE_ENOUGH)
                look_again(question.pk, now=moment)
                question = give_backs(movement)[-1]

        assert len(moments) == 1 + len(GIVE_BACKS)
        assert NOON + 7 * DAY <= moments[-1] <= NOON + 7 * DAY + HOUR
        assert now_is(question).is_under_review
        assert "not given back yet" in caplog.text
        assert len({row["request_id"] for row in asked_of_acquirer("REVERSAL")}) == len(moments)
        assert {row["count"] for row in asked_of_acquirer("REVERSAL")} == {1}
        assert again(movement.entry).state == EntryState.PENDING


class TestALookThatShowsNothing:
    @pytest.mark.parametrize("mode", ["drop_after_commit", "soft_decline"])
    def test_for_seven_days_ends_with_a_person(self, anna, no_jitter, mode):
        """Acknowledged or refused, and then the acquirer does not say what it holds."""
        if mode == "soft_decline":
            set_fault("REVERSAL", mode)
        question = put(given_back(unanswered_reservation(anna)), now=NOON)
        set_fault("INQUIRY", "drop_before_read", 100)

        looks = []
        while moment := now_is(question).look_again_at:
            look_again(question.pk, now=moment)
            looks.append(moment - NOON)

        assert looks[3:] == [*GIVE_BACKS[2:], GIVE_BACKS[-1] + MINUTE + 2 * SECOND]
        question = now_is(question)
        assert question.is_under_review
        assert question.review_since == NOON + looks[-1]
        assert not reversal.due(now=NOON + 30 * DAY).exists()
