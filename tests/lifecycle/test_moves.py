"""One table, one function, one line of history for each move (safety.md ST-1, ST-2, LK-4)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Q

from paygate.lifecycle.models import Step
from paygate.lifecycle.moves import Lifecycle, MoveRefused, history, in_states
from paygate.offers.models import Offer
from paygate.offers.states import LIFE, OfferState
from paygate.refusals import Kind
from tests.at_once import at_once, refused
from tests.make.books import NOON
from tests.make.offers import offer as an_offer

TABLE = [(old, new) for old in OfferState for new in OfferState]


@pytest.fixture
def offer(anna) -> Offer:
    return an_offer(anna.terminal, now=NOON)


def in_state(offer: Offer, state: str) -> Offer:
    """The offer, put into a state around all code."""
    paid_at = NOON if state == OfferState.PAID else None
    Offer.objects.filter(pk=offer.pk).update(state=state, paid_at=paid_at)
    return Offer.objects.get(pk=offer.pk)


def move(offer: Offer, new: str) -> None:
    changes = {"paid_at": NOON} if new == OfferState.PAID else {}
    LIFE.move(offer, new, by="member:1", cause="story", now=NOON, **changes)


@pytest.mark.parametrize(("old", "new"), TABLE, ids=[f"{old} to {new}" for old, new in TABLE])
def test_what_stands_in_the_table_is_moved_and_all_else_refused(offer, old, new):
    offer, steps = in_state(offer, old), Step.objects.count()

    if LIFE.allows(old, new):
        move(offer, new)
        assert (offer.state, Offer.objects.get(pk=offer.pk).state) == (new, new)
        assert Step.objects.count() == steps + 1
    else:
        with pytest.raises(MoveRefused):
            move(offer, new)
        assert (offer.state, Offer.objects.get(pk=offer.pk).state) == (old, old)
        assert Step.objects.count() == steps


def test_a_life_allows_what_its_table_says():
    life = Lifecycle({"ASLEEP": {"AWAKE"}, "AWAKE": ()})

    assert (life.allows("ASLEEP", "AWAKE"), life.allows("AWAKE", "ASLEEP")) == (True, False)


def test_the_rule_for_the_database_lists_every_state():
    assert in_states(OfferState, "a_name").condition == Q(state__in=["OPEN", "PAID", "EXPIRED", "DISABLED"])


def test_who_is_refused_is_told_the_state_in_words(offer):
    stale = Offer.objects.get(pk=offer.pk)
    move(offer, OfferState.DISABLED)

    with pytest.raises(MoveRefused) as not_in_the_table:
        move(offer, OfferState.PAID)
    with pytest.raises(MoveRefused) as too_late:
        move(stale, OfferState.PAID)

    assert str(not_in_the_table.value) == "This is no longer possible: the state is Disabled."
    assert str(too_late.value) == "Somebody else was faster: the state is no longer Open."
    assert {not_in_the_table.value.code, too_late.value.code} == {"WRONG_STATE"}


def test_a_move_in_a_transaction_is_two_statements(offer, django_assert_num_queries):
    with django_assert_num_queries(2):
        move(offer, OfferState.DISABLED)


def test_each_move_writes_one_line(offer):
    LIFE.move(
        offer,
        OfferState.DISABLED,
        by="member:7",
        cause="taken back",
        now=NOON + timedelta(1),
        changed_by="member:7",
    )

    first, second = history(offer)
    assert (first.old, first.new) == ("", "OPEN")
    assert (second.old, second.new, second.by, second.cause) == ("OPEN", "DISABLED", "member:7", "taken back")
    assert (second.at, second.merchant_id) == (NOON + timedelta(1), offer.merchant_id)
    assert (offer.changed_by, Offer.objects.get(pk=offer.pk).changed_by) == ("member:7", "member:7")


def test_a_move_and_its_history_are_of_one_row_only(offer, anna):
    other = an_offer(anna.terminal, now=NOON)
    Step.objects.create(
        merchant_id=offer.merchant_id, subject="journal.Entry", subject_id=str(offer.pk), new="PENDING",
        cause="another noun with the same number", by="member:1", at=NOON,
    )  # fmt: skip

    move(offer, OfferState.DISABLED)

    assert Offer.objects.get(pk=other.pk).state == OfferState.OPEN
    assert [step.new for step in history(other)] == ["OPEN"]
    assert [step.new for step in history(offer)] == ["OPEN", "DISABLED"]


def test_of_two_who_read_the_same_state_one_moves(offer):
    mine, theirs = Offer.objects.get(pk=offer.pk), Offer.objects.get(pk=offer.pk)
    move(mine, OfferState.DISABLED)

    with pytest.raises(MoveRefused) as refusal:
        move(theirs, OfferState.PAID)

    assert refusal.value.kind is Kind.CONFLICT
    assert Offer.objects.get(pk=offer.pk).state == OfferState.DISABLED
    assert theirs.state == OfferState.OPEN, "who was refused keeps what they read"
    assert len(history(offer)) == 2


def test_a_refused_move_leaves_the_callers_transaction_whole(offer):
    stale = Offer.objects.get(pk=offer.pk)
    move(offer, OfferState.DISABLED)

    with transaction.atomic():
        with pytest.raises(MoveRefused):
            move(stale, OfferState.PAID)
        move(offer, OfferState.OPEN)

    assert Offer.objects.get(pk=offer.pk).state == OfferState.OPEN


@pytest.mark.django_db(transaction=True)
class TestReally:
    """With real transactions and real threads."""

    def test_a_move_whose_history_cannot_be_written_did_not_happen(self, transactional_db, offer):
        with pytest.raises(IntegrityError):
            LIFE.move(offer, OfferState.DISABLED, by=None, cause="story", now=NOON)  # type: ignore[arg-type]

        assert Offer.objects.get(pk=offer.pk).state == OfferState.OPEN
        assert len(history(offer)) == 1

    def test_of_many_movers_one_wins(self, transactional_db, offer):
        rows = [Offer.objects.get(pk=offer.pk) for _ in range(5)]

        outcomes = at_once(*[lambda row=row: move(row, OfferState.DISABLED) for row in rows])

        assert refused(outcomes, MoveRefused) == 4
        assert len(history(offer)) == 2
