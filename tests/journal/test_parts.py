"""Booking a reservation in parts, each once, and releasing what is left (behaviour.md H-9 to 14, I-3)."""

from datetime import timedelta

import pytest

from paygate.acquiring.simulator.faults import set_fault
from paygate.cards.free_text import LooksLikeCardNumber
from paygate.checkout.giving_back import put
from paygate.journal.batch_close import close_batch
from paygate.journal.cancel import NotCancelable, cancel
from paygate.journal.capture import HeldBack, NotCapturable, NotWithinReservation, capture
from paygate.journal.models import Entry, Kind, Movement
from paygate.journal.parts import (
    NothingLeft,
    NotInParts,
    PartTaken,
    PartWish,
    booked_parts,
    capture_part,
    left_open,
    release_rest,
)
from paygate.journal.refund import NotWithinBooking, RefundWish, WhichPart, refund
from paygate.journal.states import EntryState, MovementState
from paygate.journal.unanswered import ask_again
from paygate.merchants.reach import NotPermitted
from paygate.money.amount import Money
from tests.cast import Person
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


def part(entry: Entry, anna: Person, name: str, amount: Money, *, final: bool = False) -> Movement:
    """Anna books a part."""
    return capture_part(entry.pk, PartWish(amount, name, final=final), by=anna.actor, now=NOON)


@pytest.fixture
def entry(anna) -> Entry:
    """CHF 100.00, reserved."""
    return reservation(anna.terminal, chf(100), now=NOON)


@pytest.fixture
def shipped(anna, entry) -> list[Movement]:
    """CHF 40.00 and CHF 35.00 of it are booked, CHF 25.00 are open."""
    return [part(entry, anna, "shoes", chf(40)), part(entry, anna, "hat", chf(35))]


def test_a_reservation_is_booked_in_parts_until_the_last(anna, entry, shipped):
    assert [(one.state, one.amount, one.part_number) for one in shipped] == [
        ("APPROVED", chf(40), 1),
        ("APPROVED", chf(35), 2),
    ]
    open_one = again(entry)
    assert (open_one.state, open_one.booked, left_open(open_one)) == ("AUTHORIZED", chf(75), chf(25))

    last = part(entry, anna, "gloves", chf(20), final=True)

    closed = again(entry)
    assert (closed.state, closed.booked) == (EntryState.CAPTURED, chf(95))
    assert booked_parts(closed) == [*shipped, last]
    assert list(the_open_period(anna.terminal).lines.all()) == [*shipped, last], "the evening takes each"
    assert [(row["amount"], row["final"]) for row in asked_of_acquirer("CAPTURE")] == [
        (4000, False),
        (3500, False),
        (2000, True),
    ]
    assert_invariants_hold(now=NOON)


def test_what_takes_all_that_is_left_is_the_last_one(anna, entry, shipped):
    last = part(entry, anna, "gloves", chf(25))

    assert last.final
    assert again(entry).state == EntryState.CAPTURED
    with pytest.raises(NothingLeft):
        release_rest(entry.pk, by=anna.actor, now=NOON)


def test_the_rest_is_released_and_nothing_follows(anna, entry, shipped):
    released = release_rest(entry.pk, by=anna.actor, now=NOON)

    assert (released.state, released.amount) == (MovementState.APPROVED, chf(25))
    assert (again(entry).state, again(entry).booked) == (EntryState.CAPTURED, chf(75))
    assert [row["amount"] for row in asked_of_acquirer("CANCEL")] == [2500]
    assert not [row for row in asked_of_acquirer("CAPTURE") if row["undone"]], "the parts stay"
    for late in (
        lambda: part(entry, anna, "gloves", chf(1)),
        lambda: capture(entry.pk, by=anna.actor, now=NOON),
    ):
        with pytest.raises(NotCapturable):
            late()
    with pytest.raises(NothingLeft):
        release_rest(entry.pk, by=anna.actor, now=NOON)
    assert_invariants_hold(now=NOON)


@pytest.mark.parametrize("amount", [chf("25.01"), chf(0), chf("-0.01"), eur(5)])
def test_what_is_not_left_is_refused_and_nothing_is_asked(anna, entry, shipped, amount):
    with pytest.raises(NotWithinReservation) as refusal:
        part(entry, anna, "gloves", amount)

    assert refusal.value.left == chf(25)
    assert len(asked_of_acquirer("CAPTURE")) == 2


@pytest.mark.parametrize("amount", [chf(40), chf(1)])
def test_a_name_is_used_once(anna, entry, shipped, amount):
    with pytest.raises(PartTaken):
        part(entry, anna, "shoes", amount)

    assert len(asked_of_acquirer("CAPTURE")) == 2


def test_the_same_name_in_another_payment_is_another(anna, entry, shipped):
    other = reservation(anna.terminal, chf(10), now=NOON)

    assert part(other, anna, "shoes", chf(4)).state == MovementState.APPROVED


def test_no_name_holds_a_card_number(anna, entry):
    with pytest.raises(LooksLikeCardNumber):
        part(entry, anna, "9010003150000001", chf(1))


def test_a_part_without_an_answer_lets_no_other_pass(anna, entry):
    """H-10: no parallel calls on one transaction."""
    set_fault("CAPTURE", "drop_after_commit")
    silent = part(entry, anna, "shoes", chf(40))
    assert silent.state == MovementState.UNKNOWN
    with pytest.raises(NotCapturable):
        part(entry, anna, "hat", chf(35))
    with pytest.raises(PartTaken):
        part(entry, anna, "shoes", chf(40))
    with pytest.raises(NothingLeft):
        release_rest(entry.pk, by=anna.actor, now=NOON)
    assert again(entry).booked == chf(0), "what is on its way is not booked"

    ask_again(silent.pk, now=NOON + timedelta(seconds=3))

    assert again(entry).booked == chf(40)
    assert part(entry, anna, "hat", chf(35)).part_number == 2
    assert len(asked_of_acquirer("CAPTURE")) == 2
    assert_invariants_hold(now=NOON)


@pytest.mark.parametrize("fault", ["refuse_connect", "soft_decline"])
def test_a_part_that_was_not_booked_may_be_tried_again_under_its_name(anna, entry, fault):
    set_fault("CAPTURE", fault)
    failed = part(entry, anna, "shoes", chf(40))
    assert (again(entry).booked_minor, again(entry).is_in_parts) == (0, False)

    booked = part(entry, anna, "shoes", chf(40))

    assert (failed.part_number, booked.part_number, booked.state) == (1, 2, "APPROVED")
    assert_invariants_hold(now=NOON)


def test_half_a_part_is_given_back_and_can_be_booked_anew(anna, entry, shipped):
    """safety.md OC-2."""
    set_fault("CAPTURE", "partial_amount")
    half = part(entry, anna, "gloves", chf(20), final=True)

    put(half.give_backs.get().pk, now=NOON)
    ask_again(half.pk, now=NOON + timedelta(seconds=2))

    assert (again(entry).state, left_open(again(entry))) == (EntryState.AUTHORIZED, chf(25))
    assert part(entry, anna, "gloves", chf(20), final=True).state == MovementState.APPROVED
    assert again(entry).state == EntryState.CAPTURED


def test_a_release_without_an_answer_is_asked_about(anna, entry, shipped):
    set_fault("CANCEL", "drop_after_commit")
    silent = release_rest(entry.pk, by=anna.actor, now=NOON)
    assert (silent.state, again(entry).state) == ("UNKNOWN", "AUTHORIZED")
    with pytest.raises(NotCapturable):
        part(entry, anna, "gloves", chf(1))

    ask_again(silent.pk, now=NOON + timedelta(seconds=3))

    assert again(entry).state == EntryState.CAPTURED
    assert len(asked_of_acquirer("CANCEL")) == 1
    assert_invariants_hold(now=NOON)


@pytest.mark.parametrize("fault", ["refuse_connect", "soft_decline"])
def test_a_release_that_failed_leaves_the_reservation_open(anna, entry, shipped, fault):
    set_fault("CANCEL", fault)
    release_rest(entry.pk, by=anna.actor, now=NOON)

    assert again(entry).state == EntryState.AUTHORIZED
    assert part(entry, anna, "gloves", chf(5)).state == MovementState.APPROVED
    assert release_rest(entry.pk, by=anna.actor, now=NOON).amount == chf(20)
    assert again(entry).state == EntryState.CAPTURED


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_was_booked_in_parts_is_not_canceled_and_not_booked_otherwise(anna, entry, shipped, is_closed):
    """H-11, H-12, I-3."""
    if is_closed:
        release_rest(entry.pk, by=anna.actor, now=NOON)

    with pytest.raises(NotCancelable):
        cancel(entry.pk, by=anna.actor, now=NOON)
    with pytest.raises(NotCapturable):
        capture(entry.pk, by=anna.actor, now=NOON)


def test_what_was_booked_whole_has_no_parts(anna):
    whole = booking(anna.terminal, chf(100))

    with pytest.raises(NotCapturable):
        part(whole, anna, "shoes", chf(1))
    with pytest.raises(NothingLeft):
        release_rest(whole.pk, by=anna.actor, now=NOON)


def test_what_was_booked_in_no_part_is_canceled_and_not_released(anna, entry):
    with pytest.raises(NothingLeft):
        release_rest(entry.pk, by=anna.actor, now=NOON)

    assert cancel(entry.pk, by=anna.actor, now=NOON).state == MovementState.APPROVED


def test_only_some_methods_know_parts_and_no_refund_does(anna, entry, shipped):
    """H-9, I-6."""
    with pytest.raises(NotInParts):
        part(wallet_reservation(anna.terminal, "TWINT", chf(30)), anna, "shoes", chf(1))
    back = refunded(again(entry), chf(10), part=shipped[0].pk, booked_at_once=False)
    with pytest.raises(NotInParts):
        part(back, anna, "shoes", chf(1))


def test_what_the_acquirers_list_lacks_is_not_booked_in_parts(anna, entry):
    Entry.objects.filter(pk=entry.pk).update(held_back_since=NOON)

    with pytest.raises(HeldBack):
        part(entry, anna, "shoes", chf(1))


def test_who_may_not_book_asks_nothing(beat, entry, shipped):
    with pytest.raises(NotPermitted):
        part(entry, beat, "gloves", chf(1))
    with pytest.raises(NotPermitted):
        release_rest(entry.pk, by=beat.actor, now=NOON)

    assert len(asked_of_acquirer("CAPTURE")) == 2


def test_a_part_is_filed_while_the_next_is_still_to_come(anna, entry, shipped):
    first = close_batch(anna.terminal, by=anna.actor, now=NOON)
    assert first is not None
    assert (first.state, first.totals, first.line_count) == ("CLOSED", {"CHF": 7500}, 2)

    last = part(entry, anna, "gloves", chf(25))

    assert list(the_open_period(anna.terminal).lines.all()) == [last]
    second = close_batch(anna.terminal, by=anna.actor, now=NOON + timedelta(days=1))
    assert second is not None
    assert second.totals == {"CHF": 2500}
    assert_invariants_hold(now=NOON)


def test_the_rest_is_released_after_the_parts_were_filed(anna, entry, shipped):
    close_batch(anna.terminal, by=anna.actor, now=NOON)

    assert release_rest(entry.pk, by=anna.actor, now=NOON).state == MovementState.APPROVED
    assert_invariants_hold(now=NOON)


class TestARefund:
    def test_names_its_part_while_others_are_open(self, anna, entry, shipped):
        shoes, hat = shipped
        back = refunded(again(entry), chf(40), part=shoes.pk)

        assert (back.state, back.pays_back_part) == (EntryState.CAPTURED, shoes)
        assert [(row["amount"], row["original"]) for row in asked_of_acquirer("REFUND")] == [
            (4000, shoes.request_id)
        ]
        assert again(entry).refunded == chf(40)
        assert the_movement(back, Kind.REFUND).period is not None
        close_batch(anna.terminal, by=anna.actor, now=NOON)
        assert_invariants_hold(now=NOON)

    def test_is_of_one_part(self, anna, entry, shipped):
        with pytest.raises(WhichPart):
            refund(entry.pk, RefundWish(chf(10)), by=anna.actor, now=NOON)
        other = booking(anna.terminal, chf(100))
        with pytest.raises(WhichPart):
            refund(
                entry.pk,
                RefundWish(chf(10), part=the_movement(other, Kind.CAPTURE).pk),
                by=anna.actor,
                now=NOON,
            )

    def test_need_not_name_the_only_part(self, anna, entry):
        only = part(entry, anna, "shoes", chf(40))

        assert refunded(again(entry)).pays_back_part == only

    def test_gives_back_at_most_its_part(self, anna, entry, shipped):
        hat = shipped[1]
        refunded(again(entry), chf(30), part=hat.pk)

        with pytest.raises(NotWithinBooking) as refusal:
            refund(entry.pk, RefundWish(chf("5.01"), part=hat.pk), by=anna.actor, now=NOON)

        assert refusal.value.left == chf(5)
        assert refunded(again(entry), part=hat.pk).amount == chf(5)

    def test_beyond_its_part_is_noted(self, anna, entry, shipped):
        """I-5: a program may."""
        hat = shipped[1]
        refunded(again(entry), chf(36), part=hat.pk, beyond=True)

        hat.refresh_from_db()
        assert (hat.refunded_minor, hat.refunded_beyond) == (3600, True)
        assert not again(entry).refunded_beyond, "of the whole there is enough"
        assert_invariants_hold(now=NOON)

    def test_beyond_what_is_booked_outlives_a_part_that_fails(self, anna, entry):
        """What is on its way counts as nothing booked: its decline would break the books."""
        shoes = part(entry, anna, "shoes", chf(40))
        set_fault("CAPTURE", "drop_before_read")
        silent = part(entry, anna, "hat", chf(60))
        refunded(again(entry), chf(90), part=shoes.pk, beyond=True)

        for seconds in (70, 140, 210):
            ask_again(silent.pk, now=NOON + timedelta(seconds=seconds))

        silent.refresh_from_db()
        assert (silent.state, again(entry).booked_minor, again(entry).refunded_beyond) == (
            "DECLINED",
            4000,
            True,
        )

    def test_that_is_canceled_counts_no_longer(self, anna, entry, shipped):
        hat = shipped[1]
        back = refunded(again(entry), chf(35), part=hat.pk)

        cancel(back.pk, by=anna.actor, now=NOON)

        hat.refresh_from_db()
        assert (hat.refunded_minor, again(entry).refunded_minor) == (0, 0)
        assert_invariants_hold(now=NOON)

    def test_that_is_declined_counts_no_longer(self, anna, entry, shipped):
        hat = shipped[1]
        set_fault("REFUND", "soft_decline")
        refunded(again(entry), chf(35), part=hat.pk)

        hat.refresh_from_db()
        assert (hat.refunded_minor, again(entry).refunded_minor) == (0, 0)

    def test_without_an_answer_is_asked_about_with_its_part(self, anna, entry, shipped):
        set_fault("REFUND", "drop_after_commit")
        back = refunded(again(entry), chf(35), part=shipped[1].pk)
        assert back.state == EntryState.PENDING

        ask_again(the_movement(back, Kind.REFUND).pk, now=NOON + timedelta(seconds=3))

        assert again(back).state == EntryState.CAPTURED
        assert_invariants_hold(now=NOON)
