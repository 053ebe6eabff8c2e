"""What must not be kept is given back, and stays given back (safety.md OC-6 to OC-9)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from paygate.acquiring.connector import (
    Answer,
    Approved,
    Declined,
    Echo,
    Elsewhere,
    Operation,
    Unknown,
)
from paygate.acquiring.declines import DeclineReason
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.journal import reversal
from paygate.journal.capture import capture
from paygate.journal.models import Entry, Kind, Movement
from paygate.journal.movements import ask, give_back, is_given_back, lock, settle
from paygate.journal.schedules import ALARM_AFTER, GIVE_BACKS, JITTER
from paygate.journal.states import EntryState, MovementState
from paygate.journal.unanswered import ask_again
from paygate.lifecycle.moves import history
from paygate.merchants.reach import SYSTEM
from tests.at_once import at_once
from tests.make.books import NOON, again, asked_of_acquirer, the_movement
from tests.make.journal import DECLINED_VISA, reservation
from tests.make.money import chf

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
LATE_ENOUGH = NOON + MINUTE  # twice the read time-out after sending


@pytest.fixture
def no_jitter(monkeypatch) -> None:
    """Each waiting time is the one of the rule."""
    monkeypatch.setattr("paygate.journal.schedules.secrets.randbelow", lambda span: JITTER)


def unanswered_reservation(anna, mode: str = "drop_after_commit", **other: Any) -> Movement:
    """A reservation at noon whose answer never came."""
    set_fault("AUTH", mode)
    return the_movement(reservation(anna.terminal, chf(100), now=NOON, **other), Kind.AUTHORIZE)


def unanswered_booking(anna, mode: str = "drop_after_commit") -> Movement:
    """A booking at noon whose answer never came."""
    entry = reservation(anna.terminal, chf(100), now=NOON)
    set_fault("CAPTURE", mode)
    return capture(entry.pk, by=anna.actor, now=NOON)


def given_back(movement: Movement, *, now: datetime = NOON) -> Movement:
    """Its giving back is asked for."""
    with transaction.atomic():
        lock(movement.entry_id)
        return give_back(movement, because="nobody waits for it", by="system", now=now)


def put(question: Movement, *, now: datetime) -> Movement:
    """Asked of the acquirer if it is due, and what came of it; the give-back as it stands then."""
    answer = reversal.put(question.pk, now=now)
    if answer is not None:
        told(question, answer, now=now)
    return now_is(question)


def look_again(question_id: int, *, now: datetime) -> None:
    """The acquirer is asked about it if it is due, and what it said is written down."""
    seen = reversal.look(question_id, now=now)
    if seen is not None:
        with transaction.atomic():
            reversal.note_look(Movement.objects.get(pk=question_id), seen, now=now)


def told(movement: Movement, answer: Any, *, now: datetime = NOON) -> Movement:
    """This answer is written down."""
    with transaction.atomic():
        return settle(movement, answer, now=now, by=SYSTEM)


def now_is(movement: Movement) -> Movement:
    """As it stands now."""
    return Movement.objects.get(pk=movement.pk)


def approved(movement: Movement) -> Answer:
    """The acquirer says that it was done."""
    echo = Echo(movement.request_id, movement.entry.terminal.number, movement.amount, Operation.AUTHORIZE)
    return Approved("A-1", movement.amount, echo, "123456")


def give_backs(movement: Movement) -> list[Movement]:
    """All of one movement, oldest first."""
    return list(Movement.objects.filter(about=movement).order_by("pk"))


def the_question_arrives_late(movement: Movement, **other: Any) -> None:
    """The acquirer forgot what it gave back, and takes the old question for a new one."""
    record: dict[str, Any] = {
        "request_id": movement.request_id,
        "op": "AUTH",
        "terminal": movement.entry.terminal.number,
        "amount": movement.amount_minor,
        "currency": movement.currency,
        "reference": "late",
        "code": "00",
        "at": "2026-11-23T12:00:00+00:00",
        "approved": movement.amount_minor,
        "approval_code": "LATE",
        "method": "VISA",
    }
    with ledger.opened() as book:
        book.write(ledger.Record(**record | other))


class TestAGiveBack:
    def test_is_asked_by_our_own_name_for_the_whole_amount_and_ends_the_payment(self, anna):
        movement = unanswered_reservation(anna)

        question = given_back(movement)
        assert (question.kind, question.state, question.about) == (
            Kind.REVERSE,
            MovementState.ASKED,
            movement,
        )
        assert (question.amount, question.by, question.next_inquiry_at) == (chf(100), "system", NOON)
        question = put(question, now=NOON + SECOND)

        assert (question.state, question.settled_at) == (MovementState.APPROVED, NOON + SECOND)
        assert (question.sent_at, question.next_inquiry_at) == (NOON + SECOND, None)
        assert question.acquirer_reference
        assert again(movement.entry).state == EntryState.CANCELED
        (row,) = asked_of_acquirer("REVERSAL")
        assert (row["request_id"], row["original"], row["amount"]) == (
            question.request_id,
            movement.request_id,
            10_000,
        )
        assert [row["undone"] for row in asked_of_acquirer("AUTH")] == ["REVERSAL"]

    def test_of_something_that_never_arrived_is_acknowledged_too(self, anna):
        movement = unanswered_reservation(anna, "drop_before_read")

        question = put(given_back(movement), now=NOON)

        assert question.state == MovementState.APPROVED
        assert again(movement.entry).state == EntryState.CANCELED

    def test_of_a_booking_leaves_the_payment_as_it_is(self, anna):
        movement = unanswered_booking(anna)

        question = put(given_back(movement), now=NOON)

        assert question.state == MovementState.APPROVED
        assert again(movement.entry).state == EntryState.AUTHORIZED

    def test_that_is_under_way_stands_for_a_second_one(self, anna):
        movement = unanswered_reservation(anna)

        first = given_back(movement)
        assert given_back(movement) == first
        set_fault("REVERSAL", "drop_before_read")
        put(first, now=NOON)
        assert given_back(movement) == first
        set_fault("REVERSAL", "refuse_connect")
        put(first, now=NOON + 15 * MINUTE)

        assert now_is(first).state == MovementState.UNKNOWN
        assert given_back(movement) == first
        assert give_backs(movement) == [first]

    def test_that_is_asked_for_makes_known_that_nothing_is_kept(self, anna):
        movement = unanswered_reservation(anna)
        assert not is_given_back(movement)

        given_back(movement)

        assert is_given_back(movement)

    def test_that_was_put_and_not_answered_is_not_put_again_before_its_lease_ends(self, anna):
        """The asker died; whoever comes next waits as long as a call may take."""
        question = given_back(unanswered_reservation(anna))
        set_fault("REVERSAL", "drop_before_read")
        reversal.put(question.pk, now=NOON)  # and the process dies here

        assert reversal.put(question.pk, now=NOON + 59 * SECOND) is None
        assert now_is(question).inquiries == 1
        assert now_is(question).lease_until == NOON + MINUTE
        assert put(question, now=NOON + MINUTE).state == MovementState.APPROVED
        assert now_is(question).sent_at == NOON, "the first time counts"

    def test_is_not_put_before_its_time_nor_after_its_end(self, anna):
        question = given_back(unanswered_reservation(anna))

        assert reversal.put(question.pk, now=NOON - SECOND) is None
        assert put(question, now=NOON).state == MovementState.APPROVED
        assert reversal.put(question.pk, now=NOON + DAY) is None
        assert reversal.put(question.pk + 1, now=NOON) is None, "there is no such give-back"

        assert len(asked_of_acquirer("REVERSAL")) == 1

    def test_that_a_person_decides_about_is_left_alone(self, anna):
        question = given_back(unanswered_reservation(anna))
        Movement.objects.filter(pk=question.pk).update(review_since=NOON)

        assert reversal.put(question.pk, now=NOON + DAY) is None
        assert not reversal.due(now=NOON + DAY).exists()

    def test_is_due_from_its_time_on(self, anna):
        reserved = unanswered_reservation(anna)
        question = given_back(reserved)

        assert list(reversal.due(now=NOON - SECOND)) == []
        assert list(reversal.due(now=NOON)) == [question], "and not the reservation"

        set_fault("REVERSAL", "refuse_connect")
        put(question, now=NOON)
        assert list(reversal.due(now=NOON + 10 * SECOND)) == []
        assert list(reversal.due(now=NOON + 20 * SECOND)) == [question], "not sent is tried again too"

        put(question, now=NOON + 20 * SECOND)
        assert list(reversal.due(now=NOON + 59 * SECOND)) == []
        assert list(reversal.due(now=NOON + HOUR)) == [question], "to be looked after"


def failing(question: Movement, mode: str = "drop_before_read") -> list[datetime]:
    """Put again and again, whenever it is due, until a person must decide. When it was put."""
    set_fault("REVERSAL", mode, count=100)
    moments: list[datetime] = []
    while (due := now_is(question).next_inquiry_at) and len(moments) < 50:
        put(question, now=due)
        if now_is(question).review_since is None:
            moments.append(due)
    return moments


class TestTheSchedule:
    @pytest.mark.parametrize("mode", ["drop_before_read", "refuse_connect"])
    def test_is_that_of_the_rule_and_then_a_person_decides(self, anna, no_jitter, mode):
        question = given_back(unanswered_reservation(anna))

        moments = failing(question, mode)

        question = now_is(question)
        assert [moment - NOON for moment in moments] == [timedelta(0), *GIVE_BACKS]
        assert question.review_since == moments[-1] + 2 * SECOND
        assert (question.state, question.next_inquiry_at) == (MovementState.UNKNOWN, None)
        assert question.is_under_review
        assert again(question.entry).state == EntryState.PENDING, "nobody says that it is over"

    def test_has_the_times_of_the_rule(self):
        seconds = [step.total_seconds() for step in GIVE_BACKS]

        assert seconds[:6] == [15, 60, 300, 1800, 7200, 21600]
        assert seconds[6:] == [day * 86400 for day in range(1, 8)]

    def test_repeats_one_question_under_one_name(self, anna, no_jitter):
        question = given_back(unanswered_reservation(anna))
        failing(question, "drop_after_commit")

        assert {row["request_id"] for row in asked_of_acquirer("REVERSAL")} == {question.request_id}
        assert list(Movement.objects.filter(kind=Kind.REVERSE)) == [question]

    def test_raises_an_alarm_from_the_sixth_failure_on(self, anna, no_jitter, caplog):
        question = given_back(unanswered_reservation(anna))
        set_fault("REVERSAL", "drop_before_read", count=100)

        alarms = []
        for _ in range(9):
            caplog.clear()
            put(question, now=now_is(question).next_inquiry_at or NOON)
            alarms.append("not given back yet" in caplog.text)

        assert ALARM_AFTER == 6
        assert alarms == [False] * 5 + [True] * 4

    def test_says_in_the_end_that_a_person_must_decide(self, anna, no_jitter, caplog):
        question = given_back(unanswered_reservation(anna))

        failing(question)

        assert "a person must decide" in caplog.text


class TestAnAnswerThatIsNoAcknowledgement:
    @pytest.mark.parametrize(
        ("mode", "state"),
        [
            ("drop_before_read", MovementState.UNKNOWN),
            ("malformed", MovementState.UNKNOWN),
            ("unknown_code", MovementState.UNKNOWN),
            ("refuse_connect", MovementState.NOT_SENT),
        ],
    )
    def test_leaves_the_payment_open_and_is_followed_by_another_try(self, anna, no_jitter, mode, state):
        question = given_back(unanswered_reservation(anna))
        set_fault("REVERSAL", mode)

        question = put(question, now=NOON)
        assert (question.state, question.settled_at) == (state, None)
        assert question.no_answer_because
        assert question.next_inquiry_at == NOON + 15 * SECOND
        assert again(question.entry).state == EntryState.PENDING

        assert put(question, now=NOON + 15 * SECOND).state == MovementState.APPROVED
        assert again(question.entry).state == EntryState.CANCELED
        assert {row["request_id"] for row in asked_of_acquirer("REVERSAL")} == {question.request_id}

    def test_is_one_that_sends_the_payer_on(self, anna, no_jitter):
        question = given_back(unanswered_reservation(anna))
        reversal.put(question.pk, now=NOON)

        told(question, Elsewhere("https://wallet.example/", "W-1"))

        assert now_is(question).state == MovementState.UNKNOWN
        assert now_is(question).no_answer_because == "not acknowledged"

    def test_is_told_in_its_own_words_the_second_time_too(self, anna, no_jitter):
        question = given_back(unanswered_reservation(anna))
        reversal.put(question.pk, now=NOON)
        told(question, Unknown("timeout", raw="half an answer"))
        assert (now_is(question).no_answer_because, now_is(question).raw_answer) == (
            "timeout",
            "half an answer",
        )
        reversal.put(question.pk, now=NOON + 15 * SECOND)

        told(question, Unknown("unreadable " + "x" * 50), now=NOON + 15 * SECOND)

        assert now_is(question).no_answer_because == ("unreadable " + "x" * 50)[:40]

    def test_is_a_line_that_is_down_after_one_that_was_not(self, anna, no_jitter):
        """Something may have arrived the first time: from then on it is unknown, and tried again all the same."""
        question = given_back(unanswered_reservation(anna))
        for mode in ("drop_after_commit", "refuse_connect"):
            set_fault("REVERSAL", mode)
        put(question, now=NOON)

        question = put(question, now=NOON + 15 * SECOND)

        assert (question.state, question.next_inquiry_at) == (MovementState.UNKNOWN, NOON + MINUTE)
        assert put(question, now=NOON + MINUTE).state == MovementState.APPROVED

    def test_that_never_left_is_repeated_with_its_history(self, anna, no_jitter):
        question = given_back(unanswered_reservation(anna))
        set_fault("REVERSAL", "refuse_connect")
        put(question, now=NOON)

        put(question, now=NOON + 15 * SECOND)

        assert list(history(question).values_list("new", "by")) == [
            ("ASKED", "system"),
            ("NOT_SENT", SYSTEM),
            ("ASKED", SYSTEM),
            ("APPROVED", SYSTEM),
        ]


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


def test_an_approval_that_is_not_to_be_kept_waits_for_its_giving_back(anna):
    """safety.md OC-2, 3D-9: the caller asks for it."""
    movement = unanswered_reservation(anna)

    with transaction.atomic():
        settle(movement, approved(movement), now=NOON, keep=False)

    assert now_is(movement).state == MovementState.APPROVED
    assert (again(movement.entry).state, give_backs(movement)) == (EntryState.PENDING, [])


@pytest.mark.parametrize("state", ["ASKED", "UNKNOWN", "NOT_SENT"])
def test_the_database_knows_one_give_back_of_a_movement_at_a_time(anna, state):
    movement = unanswered_reservation(anna)
    question = given_back(movement)
    if state != "ASKED":
        set_fault("REVERSAL", "drop_before_read" if state == "UNKNOWN" else "refuse_connect")
        put(question, now=NOON)
    assert now_is(question).state == state

    refused = pytest.raises(IntegrityError, match="(?i)one_give_back_at_a_time|merchant_id, .*about_id")
    with refused, transaction.atomic():
        ask(again(movement.entry), Kind.REVERSE, chf(100), by="system", now=NOON, about=movement)


def test_the_database_knows_what_a_give_back_is_about(anna):
    entry = again(unanswered_reservation(anna).entry)
    movement = the_movement(entry, Kind.AUTHORIZE)

    for kind, about in ((Kind.REVERSE, None), (Kind.CANCEL, movement)):
        with pytest.raises(IntegrityError, match="(?i)give_back_is_about_something"), transaction.atomic():
            ask(entry, kind, chf(100), by="system", now=NOON, about=about)


class TestTwoAtOnce:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_put_it_once(self, anna):
        question = given_back(unanswered_reservation(anna))

        answers = at_once(*[lambda: reversal.put(question.pk, now=NOON)] * 4)

        assert sorted(answer is None for answer in answers) == [False, True, True, True]
        assert now_is(question).inquiries == 1
        assert [row["count"] for row in asked_of_acquirer("REVERSAL")] == [1]

    def test_who_want_it_given_back_ask_for_it_once(self, anna):
        movement = unanswered_reservation(anna)

        questions = at_once(*[lambda: given_back(movement)] * 3)

        assert len(set(questions)) == 1
        assert give_backs(movement) == [questions[0]]

    def test_who_look_after_it_look_once(self, anna):
        question = put(given_back(unanswered_reservation(anna, "drop_before_read")), now=NOON)
        assert question.about is not None
        the_question_arrives_late(question.about)

        outcomes = at_once(*[lambda: look_again(question.pk, now=LATE_ENOUGH)] * 3)

        assert outcomes == [None, None, None]
        assert len(give_backs(question.about)) == 2
        assert Entry.objects.get().state == EntryState.CANCELED
