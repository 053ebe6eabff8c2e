"""What must not be kept is given back (safety.md OC-7, OC-8)."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from paygate.acquiring.connector import (
    Elsewhere,
    Unknown,
)
from paygate.acquiring.simulator.faults import set_fault
from paygate.journal import reversal
from paygate.journal.models import Entry, Kind, Movement
from paygate.journal.movements import ask, is_given_back
from paygate.journal.schedules import ALARM_AFTER, GIVE_BACKS
from paygate.journal.settling import settle
from paygate.journal.states import EntryState, MovementState
from paygate.lifecycle.moves import history
from paygate.merchants.reach import SYSTEM
from tests.at_once import at_once
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
    unanswered_booking,
    unanswered_reservation,
)
from tests.make.books import NOON, again, asked_of_acquirer, the_movement
from tests.make.money import chf


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
