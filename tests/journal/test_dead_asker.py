"""Whoever dies while asking is followed by another process (safety.md OC-6)."""

from datetime import timedelta

import pytest
from django.db import transaction

from paygate.acquiring.simulator.faults import set_fault
from paygate.journal.models import Entry, Kind, Movement
from paygate.journal.movements import TakenOver, ask, mark_sent
from paygate.journal.settling import settle
from paygate.journal.states import EntryState, MovementState
from paygate.journal.unanswered import ask_again, find_out
from tests.make.books import NOON, again, asked_again, asked_of_acquirer
from tests.make.journal import reservation
from tests.make.money import chf

SECOND = timedelta(seconds=1)


def asked_capture(anna) -> Movement:
    """A booking that is written down, and whose asker does not go on."""
    entry = reservation(anna.terminal, chf(100), now=NOON)
    with transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(booked_minor=entry.amount_minor)
        return ask(again(entry), Kind.CAPTURE, entry.amount, by="member:1", now=NOON)


def died_after_sending(anna, *, arrived: bool) -> Movement:
    """A booking that was sent; then the process died, and nobody read the answer."""
    from paygate.journal.capture import put_capture

    class Died(Exception):
        pass

    movement = asked_capture(anna)
    if not arrived:
        mark_sent(movement, now=NOON)
        return movement
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("paygate.journal.capture.settle", lambda *_, **__: (_ for _ in ()).throw(Died))
        with pytest.raises(Died):
            put_capture(movement, now=NOON)
    return movement


class TestADeadAsker:
    def test_is_left_alone_until_the_lease_ends(self, anna):
        movement = asked_capture(anna)

        assert find_out(movement.pk, now=NOON + 59 * SECOND) is None
        assert asked_again(movement).state == MovementState.ASKED

    def test_that_had_not_sent_yet_provably_sent_nothing(self, anna):
        movement = asked_capture(anna)

        ask_again(movement.pk, now=NOON + 61 * SECOND)

        assert asked_again(movement).state == MovementState.NOT_SENT
        assert (again(movement.entry).state, again(movement.entry).booked_minor) == (EntryState.AUTHORIZED, 0)
        assert asked_of_acquirer("INQUIRY") == []

    def test_that_had_sent_is_asked_about(self, anna):
        movement = died_after_sending(anna, arrived=True)

        ask_again(movement.pk, now=NOON + 61 * SECOND)

        assert asked_again(movement).state == MovementState.APPROVED
        assert again(movement.entry).state == EntryState.CAPTURED

    def test_that_had_sent_something_lost_is_proven_by_two_inquiries(self, anna):
        movement = died_after_sending(anna, arrived=False)

        ask_again(movement.pk, now=NOON + 61 * SECOND)
        assert asked_again(movement).state == MovementState.ASKED
        ask_again(movement.pk, now=NOON + 122 * SECOND)

        assert asked_again(movement).state == MovementState.DECLINED

    def test_that_wakes_up_after_its_lease_sends_nothing(self, anna):
        movement = asked_capture(anna)
        ask_again(movement.pk, now=NOON + 61 * SECOND)

        with pytest.raises(TakenOver):
            mark_sent(movement, now=NOON + 62 * SECOND)

        assert asked_again(movement).sent_at is None

    def test_that_wakes_up_while_another_looks_sends_nothing(self, anna):
        """The other one has read that nothing was sent, and has not written so yet."""
        movement = asked_capture(anna)
        answer = find_out(movement.pk, now=NOON + 61 * SECOND)

        with pytest.raises(TakenOver):
            mark_sent(movement, now=NOON + 62 * SECOND)

        assert answer is not None
        with transaction.atomic():
            settle(movement, answer, now=NOON + 62 * SECOND)
        assert asked_again(movement).state == MovementState.NOT_SENT

    def test_that_had_sent_keeps_its_booking_while_the_line_is_down(self, anna):
        movement = died_after_sending(anna, arrived=True)
        set_fault("INQUIRY", "refuse_connect")

        ask_again(movement.pk, now=NOON + 61 * SECOND)

        assert asked_again(movement).state == MovementState.UNKNOWN
        assert again(movement.entry).booked_minor == 10_000

        ask_again(movement.pk, now=asked_again(movement).next_inquiry_at or NOON)
        assert asked_again(movement).state == MovementState.APPROVED
