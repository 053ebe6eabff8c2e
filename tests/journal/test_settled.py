"""What an answer leaves in the books, word by word (safety.md 2.1)."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from paygate.acquiring.connector import Declined, Elsewhere, NotSent, Unknown
from paygate.acquiring.declines import DeclineReason
from paygate.acquiring.simulator.faults import set_fault
from paygate.alarms.raising import alarms_of
from paygate.journal.cancel import cancel
from paygate.journal.capture import capture
from paygate.journal.models import Decision, Entry, Kind, Movement
from paygate.journal.movements import TakenOver, ask, is_given_back, lock, mark_sent
from paygate.journal.schedules import ALARM_AFTER
from paygate.journal.settling import settle_payment
from paygate.journal.states import EntryState, MovementState, Verdict
from paygate.lifecycle.moves import history
from paygate.merchants.reach import SYSTEM
from paygate.refusals import Kind as RefusalKind
from paygate.threeds.liability import Liability, Liable
from tests.journal.give_backs import (
    DAY,
    MINUTE,
    SECOND,
    approved,
    give_backs,
    given_back,
    now_is,
    put,
    told,
    unanswered_booking,
    unanswered_reservation,
)
from tests.make.books import NOON, again, booking, the_movement, the_open_period
from tests.make.journal import DECLINED_VISA, reservation
from tests.make.money import chf


def asked(anna, kind: Kind = Kind.CAPTURE) -> Movement:
    """A booking, or a giving back, that is written down and not yet sent."""
    if kind == Kind.REVERSE:
        return given_back(unanswered_reservation(anna))
    entry = reservation(anna.terminal, chf(100), now=NOON)
    Entry.objects.filter(pk=entry.pk).update(booked_minor=10_000)
    with transaction.atomic():
        return ask(again(entry), kind, entry.amount, by="member:1", now=NOON)


def steps(movement: Movement) -> list[str]:
    return [step.new for step in history(movement)]


@pytest.mark.parametrize("kind", [Kind.CAPTURE, Kind.REVERSE])
class TestLongWords:
    """What the acquirer says may be longer than our columns, and is cut to them."""

    def test_of_a_refusal(self, anna, kind):
        movement = now_is(told(asked(anna, kind), Declined(DeclineReason.DO_NOT_HONOR, "C" * 13)))

        assert (movement.decline_reason, movement.acquirer_code) == ("DO_NOT_HONOR", "C" * 12)
        assert movement.settled_at == NOON

    def test_of_what_was_not_sent(self, anna, kind):
        movement = now_is(told(asked(anna, kind), NotSent("n" * 81)))

        assert movement.no_answer_because == "n" * 40
        assert history(movement)[1].cause == "n" * 80

    def test_of_no_answer(self, anna, kind):
        movement = now_is(told(asked(anna, kind), Unknown("u" * 81, raw="r" * 2001)))

        assert (movement.no_answer_because, movement.raw_answer) == ("u" * 40, "r" * 2000)
        assert history(movement)[1].cause == "u" * 80


class TestAnApproval:
    def test_is_written_on_the_question_and_on_the_payment(self, anna):
        movement = unanswered_reservation(anna)

        told(movement, approved(movement), now=NOON + MINUTE)

        movement, entry = now_is(movement), again(movement.entry)
        for row in (movement, entry):
            assert (row.acquirer_reference, row.approval_code) == ("A-1", "123456")
        assert (movement.state, movement.settled_at) == (MovementState.APPROVED, NOON + MINUTE)
        assert (entry.state, entry.succeeded) == (EntryState.AUTHORIZED, True)
        assert entry.authorized_at == NOON + MINUTE
        assert entry.guaranteed_until == NOON + MINUTE + timedelta(days=10)

    def test_of_a_way_to_pay_without_a_second_step_books_it(self, anna):
        """safety.md ST-4."""
        movement = unanswered_reservation(anna)
        Entry.objects.filter(pk=movement.entry_id).update(method="UNIONPAY")

        told(movement, approved(movement))

        entry = again(movement.entry)
        assert (entry.state, entry.booked_minor) == (EntryState.CAPTURED, 10_000)
        assert [step.new for step in history(entry)] == ["PENDING", "AUTHORIZED", "CAPTURED"]

    @pytest.mark.parametrize("shift", [True, False])
    def test_of_a_payment_says_who_is_liable(self, anna, shift):
        movement = unanswered_reservation(anna)
        liability = Liability(shift, Liable.THREEDS if shift else Liable.MERCHANT)

        with transaction.atomic():
            settle_payment(movement.entry, approved(movement), now=NOON, liability=liability)

        entry = again(movement.entry)
        assert (entry.state, entry.liability_shift) == (EntryState.AUTHORIZED, shift)
        assert entry.liable_entity == liability.liable_entity

    def test_of_a_payment_that_is_not_to_be_kept_reserves_nothing(self, anna):
        movement, other = unanswered_reservation(anna), unanswered_reservation(anna)

        with transaction.atomic():
            settled = settle_payment(movement.entry, approved(movement), now=NOON, keep=False)

        assert (settled, settled.state) == (movement, MovementState.APPROVED)
        assert (again(movement.entry).state, now_is(other).state) == (
            EntryState.PENDING,
            MovementState.UNKNOWN,
        )

    def test_of_a_cancellation_leaves_nothing_booked(self, anna):
        entry = booking(anna.terminal, chf(100))

        cancel(entry.pk, by=anna.actor, now=NOON)

        assert (again(entry).state, again(entry).booked_minor) == (EntryState.CANCELED, 0)


class TestWho:
    def test_asked_stays_on_the_question_whoever_brings_the_answer(self, anna):
        movement = unanswered_booking(anna)
        asker = movement.by

        settled = told(movement, approved(movement), now=NOON + MINUTE)

        assert asker == anna.actor.name
        assert (settled.by, now_is(movement).by) == (asker, asker)
        assert [step.by for step in history(movement)] == [asker, asker, SYSTEM]
        assert [step.by for step in history(again(movement.entry))][-1] == SYSTEM

    def test_asked_has_brought_the_answer_if_nobody_else_is_named(self, anna):
        entry = reservation(anna.terminal, now=NOON)  # settled without a name
        movement = unanswered_reservation(anna)
        with transaction.atomic():
            settle_payment(movement.entry, approved(movement), now=NOON)

        for question in (the_movement(entry, Kind.AUTHORIZE), movement):
            assert [step.by for step in history(question)][-1] == "payer"
        assert again(movement.entry).state == EntryState.AUTHORIZED, "kept, as nobody says otherwise"


class TestAtTheWallet:
    def test_the_payer_is_sent_on_once(self, anna):
        movement = unanswered_reservation(anna)

        told(movement, Elsewhere("https://wallet.example/", "W-1"), now=NOON + MINUTE)
        told(movement, Elsewhere("https://wallet.example/", "W-2"), now=NOON + 2 * MINUTE)

        movement = now_is(movement)
        assert (movement.state, movement.acquirer_reference) == (MovementState.ELSEWHERE, "W-1")
        assert movement.next_inquiry_at == NOON + MINUTE + 2 * SECOND
        assert steps(movement) == ["ASKED", "UNKNOWN", "ELSEWHERE"]

    def test_an_inquiry_without_an_answer_changes_nothing(self, anna):
        movement = told(unanswered_reservation(anna), Elsewhere("https://wallet.example/", "W-1"))

        told(movement, Unknown("timeout"), now=NOON + MINUTE)

        assert now_is(movement).state == MovementState.ELSEWHERE
        assert now_is(movement).next_inquiry_at == NOON + 2 * SECOND


class TestSending:
    def test_is_noted_once_and_for_one_question(self, anna):
        movement, other = asked(anna), asked(anna)

        mark_sent(movement, now=NOON + SECOND)
        with pytest.raises(TakenOver) as refusal:
            mark_sent(movement, now=NOON + 2 * SECOND)

        assert (movement.sent_at, now_is(movement).sent_at) == (NOON + SECOND, NOON + SECOND)
        assert now_is(other).sent_at is None
        assert (refusal.value.code, refusal.value.kind) == ("TAKEN_OVER", RefusalKind.CONFLICT)
        assert "Nothing was sent" in str(refusal.value)

    def test_of_what_is_settled_does_not_happen(self, anna):
        movement = asked(anna)
        told(movement, NotSent("no route"))

        with pytest.raises(TakenOver):
            mark_sent(movement, now=NOON)

        assert now_is(movement).settled_at == NOON

    def test_is_committed_by_itself(self, anna):
        with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
            mark_sent(asked(anna), now=NOON)

    def test_has_a_name_of_this_installation_and_a_lease_of_a_minute(self, anna):
        movement = asked(anna)

        assert movement.request_id.startswith("1-")
        assert movement.lease_until == NOON + MINUTE


class TestOthers:
    """What is said about one payment touches no other."""

    def test_one_payment_is_locked(self, anna):
        first, second = (reservation(anna.terminal, now=NOON) for _ in range(2))

        with transaction.atomic():
            assert [lock(one.pk) for one in (first, second)] == [first, second]

    def test_a_booking_that_fails_leaves_other_bookings(self, anna):
        other = booking(anna.terminal, chf(100))

        told(asked(anna), NotSent("no route"))

        assert again(other).booked_minor == 10_000

    def test_one_is_given_back(self, anna):
        movement, other = unanswered_reservation(anna), unanswered_reservation(anna)

        given_back(movement)

        assert (is_given_back(movement), is_given_back(other)) == (True, False)

    @pytest.mark.parametrize("mode", ["drop_before_read", "refuse_connect"])
    def test_trouble_with_giving_back_leaves_the_questions_own_times(self, anna, mode, no_jitter):
        movement = unanswered_reservation(anna)
        question, planned = given_back(movement), now_is(movement).next_inquiry_at
        for what in ("drop_before_read", mode):
            set_fault("REVERSAL", what)

        put(question, now=NOON)
        put(question, now=NOON + 15 * SECOND)

        assert now_is(question).next_inquiry_at == NOON + MINUTE
        assert (now_is(movement).next_inquiry_at, now_is(movement).no_answer_because) == (planned, "dropped")


class TestGivingBack:
    def test_is_not_asked_for_an_answer_that_may_yet_be_kept(self, anna):
        for movement in (unanswered_booking(anna), unanswered_reservation(anna)):
            assert give_backs(movement) == []

    def test_of_half_a_reservation_is_for_the_caller_to_ask(self, anna):
        set_fault("AUTH", "partial_amount")
        entry = reservation(anna.terminal, chf(100), now=NOON)

        assert give_backs(the_movement(entry, Kind.AUTHORIZE)) == []

    def test_ends_what_two_people_had_to_look_at(self, anna):
        question = given_back(unanswered_reservation(anna))
        Movement.objects.filter(pk=question.pk).update(review_since=NOON)

        told(question, approved(question), now=NOON + DAY)

        question = now_is(question)
        assert (question.review_since, question.next_inquiry_at, question.settled_at) == (
            None,
            None,
            NOON + DAY,
        )

    def test_that_succeeds_at_last_is_no_alarm(self, anna, no_jitter, caplog):
        question = given_back(unanswered_reservation(anna))
        set_fault("REVERSAL", "drop_before_read", count=ALARM_AFTER)
        for _ in range(ALARM_AFTER):
            put(question, now=now_is(question).next_inquiry_at or NOON)
        assert "not given back yet" in caplog.text
        caplog.clear()

        question = put(question, now=now_is(question).next_inquiry_at or NOON)

        assert question.state == MovementState.APPROVED
        assert "not given back yet" not in caplog.text

    def test_of_what_was_never_sent_is_looked_after_a_minute_later(self, anna):
        """The asker died before sending, and the acquirer says that it was approved."""
        movement = asked(anna)
        told(movement, NotSent("never sent"))
        told(movement, approved(movement))

        (question,) = give_backs(movement)

        assert put(question, now=NOON + SECOND).look_again_at == NOON + SECOND + MINUTE


def refused(movement: Movement, *, now: datetime) -> Movement:
    """Asked to be given back at this time, and refused."""
    return told(given_back(movement, now=now), Declined(DeclineReason.DO_NOT_HONOR), now=now)


def decided(question: Movement, at: datetime, verdict: Verdict = Verdict.ASK_AGAIN, **more: bool) -> None:
    """What two people said about it."""
    Decision.objects.create(
        merchant_id=question.merchant_id, movement=question, verdict=verdict, reason="known", ended_at=at,
        proposed_by="member:1", proposed_at=at, ended_by="member:2", **{"confirmed": True, **more},
    )  # fmt: skip


class TestTheNextGiveBack:
    """safety.md OC-8: one schedule, whatever the names."""

    def test_is_counted_from_the_first_one(self, anna, no_jitter):
        movement = unanswered_reservation(anna)
        refused(movement, now=NOON)
        refused(movement, now=NOON + 20 * SECOND)

        third = given_back(movement, now=NOON + 20 * SECOND)

        assert (third.inquiries, third.next_inquiry_at) == (2, NOON + MINUTE)

    def test_is_counted_from_where_two_people_decided_to_ask_again(self, anna, no_jitter):
        movement, other = unanswered_reservation(anna), unanswered_reservation(anna)
        refused(movement, now=NOON)
        second = refused(movement, now=NOON)
        decided(second, NOON + DAY)
        decided(given_back(other), NOON + 2 * DAY)
        decided(second, NOON + 3 * DAY, confirmed=False)
        decided(second, NOON + 4 * DAY, Verdict.HAPPENED)

        third = given_back(movement, now=NOON + DAY)

        assert (third.inquiries, third.next_inquiry_at) == (1, NOON + DAY + 15 * SECOND)


def test_a_contradiction_is_an_alarm_of_the_merchant(anna, caplog):
    """safety.md OC-9."""
    entry = reservation(anna.terminal, chf("49.05"), card=DECLINED_VISA, now=NOON)
    movement = the_movement(entry, Kind.AUTHORIZE)

    told(movement, approved(movement))

    (alarm,) = alarms_of(anna.merchant.pk)
    assert (alarm.kind, alarm.subject) == ("CONTRADICTION", movement.request_id)
    assert alarm.detail == "AUTHORIZE DECLINED, and now Approved"
    assert {record.name for record in caplog.records if "contradicting" in record.getMessage()} == {
        "paygate.journal"
    }


def test_the_approved_booking_is_put_back_into_the_period(anna):
    """A refused one before it is not."""
    entry = reservation(anna.terminal, chf(100), now=NOON)
    set_fault("CAPTURE", "refuse_connect")
    failed = capture(entry.pk, by=anna.actor, now=NOON)
    booked = capture(entry.pk, by=anna.actor, now=NOON)
    set_fault("CANCEL", "refuse_connect")

    cancel(entry.pk, by=anna.actor, now=NOON)

    assert (now_is(failed).period, now_is(booked).period) == (None, the_open_period(anna.terminal))


def test_a_cancellation_that_fails_leaves_the_reservation(anna):
    entry = reservation(anna.terminal, chf(100), now=NOON)
    set_fault("CANCEL", "refuse_connect")

    cancel(entry.pk, by=anna.actor, now=NOON)

    assert again(entry).state == EntryState.AUTHORIZED
