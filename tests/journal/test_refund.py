"""Paying back what was booked, whole or in parts (safety.md ST-5, MO-6; behaviour.md I)."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from paygate.acquiring.simulator.faults import set_fault
from paygate.journal.batch_close import close_batch
from paygate.journal.cancel import NotCancelable, cancel
from paygate.journal.capture import HeldBack, NotCapturable, NotWithinReservation, capture
from paygate.journal.models import Entry, Kind
from paygate.journal.refund import (
    NotRefundable,
    NotWithinBooking,
    RefundWish,
    WhichPart,
    left_to_refund,
    refund,
)
from paygate.journal.states import EntryState, MovementState, PeriodState
from paygate.journal.unanswered import ask_again
from paygate.lifecycle.moves import history
from paygate.merchants.models import Role
from paygate.merchants.reach import NotPermitted
from tests.at_once import at_once, refused
from tests.cast import somebody
from tests.invariants import assert_invariants_hold
from tests.make.books import (
    NOON,
    again,
    asked_of_acquirer,
    booking,
    refunded,
    the_movement,
    the_open_period,
    wallet_reservation,
)
from tests.make.journal import reservation
from tests.make.money import chf, eur

LATER = NOON + timedelta(hours=1)


def test_a_booking_is_paid_back_and_goes_with_the_next_batch(anna):
    payment = booking(anna.terminal, chf(100), payer_email="max@example.org")
    close_batch(anna.terminal, by=anna.actor, now=NOON)

    movement = refund(payment.pk, RefundWish(), by=anna.actor, now=LATER)

    back = movement.entry
    assert (movement.kind, movement.state, movement.amount) == (Kind.REFUND, MovementState.APPROVED, chf(100))
    assert (back.is_refund, back.pays_back, back.state) == (True, payment, EntryState.CAPTURED)
    of_the_payment = (
        "reference",
        "description",
        "payer_email",
        "method",
        "means",
        "api_digits",
        "means_expiry",
    )
    assert [getattr(back, name) for name in of_the_payment] == [
        getattr(payment, name) for name in of_the_payment
    ]
    assert (payment.payer_email, payment.means_expiry) == ("max@example.org", "12/2030")
    assert (back.origin, back.refunded_minor, back.refunded_beyond) == ("SECURE_PAYGATE", 0, False)
    assert again(payment).refunded_beyond is False
    assert (again(payment).state, again(payment).refunded_minor) == (EntryState.CAPTURED, 10000)
    assert left_to_refund(again(payment)) == chf(0)
    assert movement.period == the_open_period(anna.terminal)
    assert [(row["amount"], row["original"]) for row in asked_of_acquirer("REFUND")] == [
        (10000, the_movement(payment, Kind.CAPTURE).request_id)
    ]
    period = close_batch(anna.terminal, by=anna.actor, now=LATER)
    assert period is not None
    assert (period.state, period.totals) == (PeriodState.CLOSED, {"CHF": -10000})
    assert_invariants_hold(now=LATER)


def test_a_part_that_is_not_there_is_not_paid_back(anna):
    """behaviour.md H-14: also where nothing was booked in parts."""
    payment = booking(anna.terminal, chf(100))

    with pytest.raises(WhichPart):
        refund(payment.pk, RefundWish(part=payment.pk + 1000), by=anna.actor, now=LATER)
    assert asked_of_acquirer("REFUND") == []


def test_it_is_paid_back_in_parts_and_never_more_than_was_booked(anna):
    payment = booking(anna.terminal, chf(100))

    refunded(payment, chf(60))
    with pytest.raises(NotWithinBooking) as refusal:
        refunded(payment, chf("40.01"))
    refunded(payment)

    assert refusal.value.left == chf(40)
    assert [row["amount"] for row in asked_of_acquirer("REFUND")] == [6000, 4000]
    with pytest.raises(NotWithinBooking):
        refunded(payment, chf("0.01"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(pk=payment.pk).update(refunded_minor=10001)


def test_of_a_lowered_booking_only_what_was_booked_is_paid_back(anna):
    payment = reservation(anna.terminal, chf(100), now=NOON)
    capture(payment.pk, amount=chf(70), by=anna.actor, now=NOON)

    assert refunded(payment).amount == chf(70)


@pytest.mark.parametrize("amount", [chf(0), chf(-1), eur(10)])
def test_nonsense_is_refused(anna, amount):
    payment = booking(anna.terminal, chf(100))

    with pytest.raises(NotWithinBooking):
        refunded(payment, amount)

    assert not again(payment).refunds.exists()


def test_what_is_not_booked_is_not_paid_back(anna):
    payment = reservation(anna.terminal, chf(100), now=NOON)
    with pytest.raises(NotRefundable):
        refunded(payment)
    set_fault("CAPTURE", "drop_after_commit")
    capture(payment.pk, by=anna.actor, now=NOON)
    with pytest.raises(NotRefundable):
        refunded(payment)

    assert asked_of_acquirer("REFUND") == []


def test_while_nobody_knows_whether_it_is_canceled_it_is_not_paid_back(anna):
    payment = booking(anna.terminal, chf(100))
    set_fault("CANCEL", "drop_after_commit")
    assert cancel(payment.pk, by=anna.actor, now=NOON).state == MovementState.UNKNOWN

    with pytest.raises(NotRefundable):
        refund(payment.pk, RefundWish(), by=anna.actor, now=LATER)


def test_a_centime_is_paid_back(anna):
    payment = booking(anna.terminal, chf(100))

    assert refund(payment.pk, RefundWish(chf("0.01")), by=anna.actor, now=NOON).amount == chf("0.01")


def test_who_only_pays_back_cancels_nothing(anna):
    payment = booking(anna.terminal, chf(100))

    with pytest.raises(NotPermitted):
        cancel(payment.pk, by=somebody(anna.terminal, "Rosa", Role.REFUNDER).actor, now=NOON)


def test_a_refund_is_not_refunded(anna):
    back = refunded(booking(anna.terminal, chf(100)))

    with pytest.raises(NotRefundable):
        refunded(back)


def test_what_the_acquirer_does_not_know_is_not_paid_back(anna):
    payment = booking(anna.terminal, chf(100))
    Entry.objects.filter(pk=payment.pk).update(held_back_since=NOON)

    with pytest.raises(HeldBack):
        refunded(payment)


def test_only_who_may_pay_back_pays_back(anna):
    payment = booking(anna.terminal, chf(100))

    with pytest.raises(NotPermitted):
        refund(payment.pk, RefundWish(), by=somebody(anna.terminal, "cashier", Role.CASHIER).actor, now=NOON)
    movement = refund(
        payment.pk, RefundWish(), by=somebody(anna.terminal, "refunder", Role.REFUNDER).actor, now=NOON
    )

    assert movement.state == MovementState.APPROVED


def test_a_program_may_pay_back_more_than_was_booked(anna):
    """behaviour.md I-5; the back office never does (MO-6)."""
    payment = booking(anna.terminal, chf(100))

    refunded(payment, chf(150), beyond=True)

    assert (again(payment).refunded_minor, left_to_refund(again(payment))) == (15000, chf(0))
    with pytest.raises(NotWithinBooking):
        refunded(payment, chf(1))
    assert_invariants_hold(now=LATER)


def test_a_refund_that_waits_is_booked_whole_or_released(anna):
    """behaviour.md I-1, I-4, I-6."""
    payment = booking(anna.terminal, chf(100))
    first = refunded(payment, chf(30), booked_at_once=False)
    second = refunded(payment, chf(20), booked_at_once=False)
    assert (first.state, first.booked_minor) == (EntryState.AUTHORIZED, 0)

    with pytest.raises(NotWithinReservation):
        capture(first.pk, amount=chf(10), by=anna.actor, now=LATER)
    capture(first.pk, by=anna.actor, now=LATER)
    cancel(second.pk, by=anna.actor, now=LATER)

    assert [again(first).state, again(second).state] == [EntryState.CAPTURED, EntryState.CANCELED]
    assert again(payment).refunded_minor == 3000
    assert the_movement(first, Kind.REFUND).period == the_open_period(anna.terminal)
    with pytest.raises(NotCapturable):
        capture(first.pk, by=anna.actor, now=LATER)
    assert_invariants_hold(now=LATER)


def test_a_booked_refund_is_released_while_its_batch_is_open(anna):
    payment = booking(anna.terminal, chf(100))
    back = refunded(payment, chf(30))

    cancel(back.pk, by=anna.actor, now=LATER)

    assert (again(back).state, again(back).booked_minor) == (EntryState.CANCELED, 0)
    assert again(payment).refunded_minor == 0
    assert the_movement(back, Kind.REFUND).period is None
    later = refunded(payment, chf(100))
    close_batch(anna.terminal, by=anna.actor, now=LATER)
    with pytest.raises(NotCancelable):
        cancel(later.pk, by=anna.actor, now=LATER)
    assert_invariants_hold(now=LATER)


def test_a_payment_with_refunds_is_not_canceled(anna):
    payment = booking(anna.terminal, chf(100))
    back = refunded(payment, chf(30))

    with pytest.raises(NotCancelable):
        cancel(payment.pk, by=anna.actor, now=LATER)
    cancel(back.pk, by=anna.actor, now=LATER)
    cancel(payment.pk, by=anna.actor, now=LATER)

    assert again(payment).state == EntryState.CANCELED
    assert_invariants_hold(now=LATER)


def test_a_no_leaves_the_payment_as_it_was(anna):
    payment = booking(anna.terminal, chf(100))
    set_fault("REFUND", "soft_decline")

    movement = refund(payment.pk, RefundWish(chf(40)), by=anna.actor, now=NOON)

    assert (movement.state, movement.entry.state) == (MovementState.DECLINED, EntryState.DECLINED)
    assert again(payment).refunded_minor == 0
    assert refunded(payment).amount == chf(100)
    assert_invariants_hold(now=LATER)


def test_what_could_not_be_sent_is_no_refund(anna):
    payment = booking(anna.terminal, chf(100))
    set_fault("REFUND", "refuse_connect")

    movement = refund(payment.pk, RefundWish(), by=anna.actor, now=NOON)

    assert (movement.state, movement.entry.state) == (MovementState.NOT_SENT, EntryState.FAILED)
    assert again(payment).refunded_minor == 0


def test_without_an_answer_the_sum_stays_taken_until_an_inquiry_knows(anna, no_jitter):
    """safety.md ST-5: it is never sent again under a new name."""
    payment = booking(anna.terminal, chf(100))
    set_fault("REFUND", "drop_after_commit")
    movement = refund(payment.pk, RefundWish(chf(100)), by=anna.actor, now=NOON)

    assert (movement.state, movement.entry.state) == (MovementState.UNKNOWN, EntryState.PENDING)
    with pytest.raises(NotWithinBooking):
        refunded(payment, chf(1))
    ask_again(movement.pk, now=NOON + timedelta(seconds=3))

    back = again(movement.entry)
    assert (back.state, back.approval_code != "") == (EntryState.CAPTURED, True)
    assert len(asked_of_acquirer("REFUND")) == 1
    assert_invariants_hold(now=LATER)


def test_one_that_never_arrived_is_over_after_two_inquiries_and_stays_so(anna, no_jitter):
    payment = booking(anna.terminal, chf(100))
    set_fault("REFUND", "drop_before_read")
    movement = refund(payment.pk, RefundWish(), by=anna.actor, now=NOON)

    for seconds in (120, 200):
        ask_again(movement.pk, now=NOON + timedelta(seconds=seconds))

    back = again(movement.entry)
    assert back.state == EntryState.DECLINED
    assert again(payment).refunded_minor == 0
    assert the_movement(back, Kind.REVERSE).about == movement


def test_a_wallet_without_batches_pays_back_at_once(anna):
    """behaviour.md I-8."""
    payment = wallet_reservation(anna.terminal, "POSTFINANCEPAY", chf(80))
    capture(payment.pk, by=anna.actor, now=NOON)

    back = refunded(payment, booked_at_once=False)

    assert (back.state, the_movement(back, Kind.REFUND).period) == (EntryState.CAPTURED, None)
    assert_invariants_hold(now=LATER)


def test_its_history_tells_who_paid_back(anna):
    back = refunded(booking(anna.terminal, chf(100)))

    assert [step.new for step in history(back)] == ["PENDING", "AUTHORIZED", "CAPTURED"]


@pytest.mark.django_db(transaction=True)
def test_of_refunds_at_the_same_moment_as_many_win_as_there_is_money_for(anna, transactional_db):
    payment = booking(anna.terminal, chf(100))

    outcomes = at_once(*[partial(refund, payment.pk, RefundWish(chf(40)), by=anna.actor, now=NOON)] * 4)

    assert refused(outcomes, NotWithinBooking) == 2
    assert again(payment).refunded_minor == 8000
    assert [row["amount"] for row in asked_of_acquirer("REFUND")] == [4000, 4000]


@pytest.mark.django_db(transaction=True)
def test_of_a_refund_and_a_cancellation_one_wins(anna, transactional_db):
    for _ in range(3):
        payment = booking(anna.terminal, chf(100))

        paid_back, canceled = at_once(
            partial(refund, payment.pk, RefundWish(), by=anna.actor, now=NOON),
            partial(cancel, payment.pk, by=anna.actor, now=NOON),
        )

        if isinstance(paid_back, NotRefundable):
            assert again(payment).state == EntryState.CANCELED
            assert canceled.state == MovementState.APPROVED
        else:
            assert isinstance(canceled, NotCancelable)
            assert (again(payment).state, again(payment).refunded_minor) == (EntryState.CAPTURED, 10000)
    assert_invariants_hold(now=LATER)
