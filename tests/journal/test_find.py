"""The entries and periods an actor may see (SPG-FRM-13, safety.md TN-4)."""

from datetime import timedelta

import pytest

from paygate.journal.find import Search, entries_of, entry_of, period_of, periods_of
from paygate.merchants.reach import Actor, NotPermitted
from paygate.refusals import NotFound
from paygate.tenants.context import across_tenants, within
from tests.make.books import NOON, booking
from tests.make.journal import DECLINED_VISA, reservation
from tests.make.money import chf


@pytest.fixture
def strangers_entry(carla):
    with within(carla.merchant.pk):
        return booking(carla.terminal)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), ["c", "b", "a"]),
        (Search(text="room"), ["a"]),
        (Search(text="B"), ["b"]),
        (Search(text="max@"), ["c"]),
        (Search(text="no such thing"), []),
        (Search(states=("DECLINED",)), ["b"]),
        (Search(states=("DECLINED", "AUTHORIZED")), ["c", "b", "a"]),
        (Search(states=("CAPTURED",)), []),
        (Search(terminal="17000011"), ["c", "b", "a"]),
        (Search(terminal="17000099"), []),
    ],
)
def test_the_journal_is_newest_first_and_narrowed(anna, strangers_entry, search, found):
    day = timedelta(days=1)
    reservation(anna.terminal, reference="a", description="Room 12", now=NOON)
    reservation(
        anna.terminal, chf("1.05"), reference="b", description="Dinner", card=DECLINED_VISA, now=NOON + day
    )
    reservation(
        anna.terminal, reference="c", description="Spa", payer_email="max@example.org", now=NOON + 2 * day
    )

    assert [entry.reference for entry in entries_of(anna.actor, search)] == found


def test_an_entry_is_found_by_its_public_id(anna):
    entry = reservation(anna.terminal, now=NOON)

    assert entry_of(anna.actor, entry.transaction_id) == entry
    assert list(entries_of(anna.actor, Search(text=entry.transaction_id))) == [entry]


def test_a_strangers_entry_looks_like_one_that_never_was(anna, strangers_entry):
    for transaction_id in (strangers_entry.transaction_id, "x" * 28, ""):
        with pytest.raises(NotFound) as refusal:
            entry_of(anna.actor, transaction_id)
        assert (refusal.value.code, str(refusal.value)) == ("NOT_FOUND", "")


def test_the_actor_decides_even_where_every_merchants_rows_are_in_view(anna, strangers_entry):
    with across_tenants():
        assert not entries_of(anna.actor, Search()).exists()
        with pytest.raises(NotFound):
            entry_of(anna.actor, strangers_entry.transaction_id)
        assert not periods_of(anna.actor).exists()


def test_a_period_is_found_by_terminal_and_number(anna, strangers_entry):
    booking(anna.terminal)

    assert period_of(anna.actor, "17000011", 1).terminal == anna.terminal
    for terminal, number in (("17000011", 2), ("17000099", 1)):
        with pytest.raises(NotFound):
            period_of(anna.actor, terminal, number)


def test_who_may_not_read_the_journal_reads_nothing(anna):
    nobody = Actor(anna.merchant.pk, "nobody", frozenset())

    for look in (
        lambda: entries_of(nobody, Search()),
        lambda: entry_of(nobody, "x"),
        lambda: periods_of(nobody),
    ):
        with pytest.raises(NotPermitted):
            look()
