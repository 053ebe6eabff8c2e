"""Booking a reservation, whole or lowered, once."""

from datetime import timedelta

import pytest

from paygate.acquiring.simulator.faults import set_fault
from paygate.checkout.giving_back import put
from paygate.journal.capture import NotCapturable, NotWithinReservation, capture
from paygate.journal.models import Kind
from paygate.journal.states import EntryState, MovementState
from paygate.journal.unanswered import ask_again
from paygate.lifecycle.moves import history
from paygate.merchants.models import Booking
from paygate.merchants.reach import NotPermitted
from paygate.money.amount import Money
from tests.make.books import (
    NOON,
    again,
    asked_of_acquirer,
    book_behind_our_back,
    the_movement,
    the_open_period,
    wallet_reservation,
)
from tests.make.journal import reservation
from tests.make.money import chf, eur


def test_a_reservation_is_booked_whole(anna):
    entry = reservation(anna.terminal, chf(100), now=NOON)

    movement = capture(entry.pk, by=anna.actor, now=NOON)

    entry = again(entry)
    assert (movement.state, movement.amount) == (MovementState.APPROVED, chf(100))
    assert (entry.state, entry.booked_minor) == (EntryState.CAPTURED, 10_000)
    assert list(the_open_period(anna.terminal).lines.all()) == [movement]
    assert [row["amount"] for row in asked_of_acquirer("CAPTURE")] == [10_000]


def test_a_reservation_is_booked_for_less(anna):
    entry = reservation(anna.terminal, chf(100), now=NOON)

    capture(entry.pk, amount=chf("60.50"), by=anna.actor, now=NOON)

    assert again(entry).booked_minor == 6050
    assert again(entry).amount == chf(100)
    assert the_open_period(anna.terminal).lines.get().amount == chf("60.50")


@pytest.mark.parametrize(
    "amount",
    [chf("100.01"), chf(200), chf(0), chf("-0.01"), eur(50), Money(10, "JPY")],
    ids=["a rappen more", "twice as much", "nothing", "less than nothing", "in euro", "in yen"],
)
def test_what_is_not_within_the_reservation_is_refused_and_nothing_is_asked(anna, amount):
    entry = reservation(anna.terminal, chf(100), now=NOON)

    with pytest.raises(NotWithinReservation) as refusal:
        capture(entry.pk, amount=amount, by=anna.actor, now=NOON)

    assert refusal.value.left == chf(100)
    assert "100.00" in str(refusal.value)
    assert not entry.movements.filter(kind=Kind.CAPTURE).exists()
    assert again(entry).booked_minor == 0
    assert asked_of_acquirer("CAPTURE") == []


@pytest.mark.parametrize("first", [chf(100), chf(60)])
def test_a_second_booking_is_refused(anna, first):
    entry = reservation(anna.terminal, chf(100), now=NOON)
    capture(entry.pk, amount=first, by=anna.actor, now=NOON)

    with pytest.raises(NotCapturable):
        capture(entry.pk, amount=chf(10), by=anna.actor, now=NOON)

    assert again(entry).booked_minor == first.minor
    assert len(asked_of_acquirer("CAPTURE")) == 1


def test_a_second_booking_is_refused_while_the_first_is_unanswered(anna):
    entry = reservation(anna.terminal, chf(100), now=NOON)
    set_fault("CAPTURE", "drop_after_commit")
    capture(entry.pk, amount=chf(60), by=anna.actor, now=NOON)

    with pytest.raises(NotCapturable):
        capture(entry.pk, amount=chf(40), by=anna.actor, now=NOON)

    assert again(entry).booked_minor == 6000


def test_a_declined_payment_is_not_booked(anna):
    entry = reservation(anna.terminal, chf("10.05"), card="9010403153900001", now=NOON)
    assert entry.state == EntryState.DECLINED

    with pytest.raises(NotCapturable):
        capture(entry.pk, by=anna.actor, now=NOON)


def test_a_refused_booking_leaves_the_reservation_to_be_booked(anna):
    entry = reservation(anna.terminal, chf(100), now=NOON)
    book_behind_our_back(entry)

    movement = capture(entry.pk, amount=chf(60), by=anna.actor, now=NOON)

    assert (movement.state, movement.decline_reason) == (MovementState.DECLINED, "INVALID_TRANSACTION")
    assert (again(entry).state, again(entry).booked_minor) == (EntryState.AUTHORIZED, 0)
    assert movement.period_id is None


def test_a_booking_that_was_never_sent_may_be_tried_again(anna):
    entry = reservation(anna.terminal, chf(100), now=NOON)
    set_fault("CAPTURE", "refuse_connect")

    assert capture(entry.pk, by=anna.actor, now=NOON).state == MovementState.NOT_SENT
    assert (again(entry).state, again(entry).booked_minor) == (EntryState.AUTHORIZED, 0)

    assert capture(entry.pk, by=anna.actor, now=NOON).state == MovementState.APPROVED
    assert again(entry).state == EntryState.CAPTURED


def test_who_may_not_book_asks_nothing(anna, beat):
    entry = reservation(anna.terminal, now=NOON)

    with pytest.raises(NotPermitted):
        capture(entry.pk, by=beat.actor, now=NOON)

    assert not entry.movements.filter(kind=Kind.CAPTURE).exists()


@pytest.mark.parametrize(("method", "in_batch"), [("TWINT", True), ("POSTFINANCEPAY", False)])
def test_the_table_of_methods_says_what_goes_into_the_batch(anna, method, in_batch):
    entry = wallet_reservation(anna.terminal, method, chf(30))
    assert entry.state == EntryState.AUTHORIZED

    movement = capture(entry.pk, by=anna.actor, now=NOON)

    assert again(entry).state == EntryState.CAPTURED
    assert (movement.period_id is not None) == in_batch


@pytest.mark.parametrize(
    ("method", "booking", "days"),
    [
        ("VISA", Booking.FINAL, 10),
        ("VISA", Booking.AUTOMATIC, 10),
        ("VISA", Booking.PRE_AUTHORIZATION, 30),
        ("MASTERCARD", Booking.PRE_AUTHORIZATION, 30),
    ],
)
def test_how_long_a_reservation_is_guaranteed(anna, method, booking, days):
    card = {"VISA": "9010003150000001", "MASTERCARD": "9030003150000007"}[method]

    entry = reservation(anna.terminal, method=method, card=card, booking=booking, now=NOON)

    assert entry.guaranteed_until == NOON + timedelta(days=days)


@pytest.mark.parametrize(("method", "days"), [("TWINT", 7), ("POSTFINANCEPAY", 30)])
def test_a_wallets_reservation_has_the_wallets_own_guarantee(anna, method, days):
    assert wallet_reservation(anna.terminal, method).guaranteed_until == NOON + timedelta(days=days)


def test_a_wallet_the_payer_refused_reserves_nothing(anna):
    entry = wallet_reservation(anna.terminal, "TWINT", choice="cancel")

    assert entry.state == EntryState.DECLINED
    assert the_movement(entry, Kind.AUTHORIZE).decline_reason == "PAYER_CANCELED"


def test_each_step_of_entry_and_movement_is_in_the_history(anna):
    entry = reservation(anna.terminal, now=NOON)
    movement = capture(entry.pk, by=anna.actor, now=NOON)

    assert [(step.old, step.new) for step in history(entry)] == [
        ("", "PENDING"),
        ("PENDING", "AUTHORIZED"),
        ("AUTHORIZED", "CAPTURED"),
    ]
    assert [(step.old, step.new, step.by) for step in history(movement)] == [
        ("", "ASKED", anna.actor.name),
        ("ASKED", "APPROVED", anna.actor.name),
    ]


def test_a_booking_for_less_than_was_asked_is_given_back(anna):
    """safety.md OC-2: nobody said that this would do; the reservation can be booked anew."""
    entry = reservation(anna.terminal, now=NOON)
    set_fault("CAPTURE", "partial_amount")
    movement = capture(entry.pk, by=anna.actor, now=NOON)
    assert movement.state == MovementState.UNKNOWN
    back = movement.give_backs.get()

    put(back.pk, now=NOON)
    ask_again(movement.pk, now=NOON + timedelta(seconds=2))

    movement.refresh_from_db()
    assert (movement.state, movement.decline_reason) == (MovementState.DECLINED, "GIVEN_BACK")
    assert (again(entry).state, again(entry).booked_minor) == ("AUTHORIZED", 0)
    assert not [row for row in asked_of_acquirer("CAPTURE") if row["code"] == "00" and not row["undone"]]
