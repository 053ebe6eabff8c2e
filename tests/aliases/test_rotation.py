"""The keys of the vault: wrapped, counted, changed each year, and never silently missing (safety.md CD-6)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paygate.aliases import hashes, keys, rotation, vault
from paygate.aliases.keys import MOST_SEALED, VaultClosed
from paygate.aliases.models import HashKey, VaultEntry, VaultKey
from paygate.aliases.tasks import go_on_with_rotation, new_key_each_year
from paygate.cards.number import Expiry
from paygate.operations.cli import main
from paygate.tenants.context import within
from tests.aliases.conftest import NOW

END = NOW + timedelta(days=1096)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch, master_keys) -> None:
    monkeypatch.setattr("paygate.aliases.tasks.now", lambda: NOW)


@pytest.fixture
def cards(merchant, neighbour, card):
    """Three cards of two merchants, sealed."""
    for place in ("alias 1", "alias 2"):
        vault.keep(card, merchant_id=merchant.pk, place=place, expires_at=END, now=NOW)
    with within(neighbour.pk):
        vault.keep(card, merchant_id=neighbour.pk, place="alias 1", expires_at=END, now=NOW)
    return [(merchant, "alias 1"), (merchant, "alias 2"), (neighbour, "alias 1")]


def all_open(cards, card) -> bool:
    def one(owner, place):
        with within(owner.pk):
            return vault.open_card(merchant_id=owner.pk, place=place, now=NOW)

    return all(one(*where) == replace(card, code=None) for where in cards)


def run(command: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main([command])
    return int(ended.value.code or 0)


def test_the_command_seals_all_anew_and_destroys_the_old_key(cards, card, capsys) -> None:
    old = VaultKey.objects.get()
    assert run("rotate-vault-key") == 0

    old.refresh_from_db()
    assert bytes(old.wrapped) == b""
    assert old.destroyed_at is not None
    assert VaultKey.objects.get(active=True).sealed == 6
    assert all_open(cards, card)
    assert "3 of 3 cards" in capsys.readouterr().out


def test_a_rotation_that_died_goes_on_where_it_was(cards, card, monkeypatch) -> None:
    monkeypatch.setattr(rotation, "TOGETHER", 1)
    rotation.begin(now=NOW)
    next(rotation.go_on(now=NOW))
    assert str(rotation.progress()) == "1 of 3 cards"
    assert all_open(cards, card)

    rotation.begin(now=NOW)  # called again: no third key
    assert VaultKey.objects.count() == 2
    assert [str(step) for step in rotation.go_on(now=NOW)] == ["2 of 3 cards", "3 of 3 cards"]
    assert not rotation.is_under_way()
    assert all_open(cards, card)


def test_new_cards_use_the_new_key_at_once(cards, merchant, card) -> None:
    rotation.begin(now=NOW)
    entry = vault.keep(card, merchant_id=merchant.pk, place="alias 3", expires_at=END, now=NOW)

    assert entry.key.active
    assert str(rotation.progress()) == "1 of 4 cards"


def test_a_row_that_cannot_be_sealed_anew_keeps_its_key_and_stops_nobody(cards, card, capsys) -> None:
    VaultEntry.objects.filter(place="alias 1").update(tag=b"\0" * 16)

    assert run("rotate-vault-key") == 1
    assert "see the log" in capsys.readouterr().out
    assert VaultKey.objects.filter(active=False, destroyed_at=None).count() == 1
    assert all_open(cards[1:], card)


def test_each_year_there_is_a_new_key_and_jobs_do_the_rest(cards, card, monkeypatch) -> None:
    monkeypatch.setattr("paygate.aliases.tasks.now", lambda: NOW + timedelta(days=364))
    new_key_each_year()
    assert VaultKey.objects.count() == 1

    monkeypatch.setattr("paygate.aliases.tasks.now", lambda: NOW + timedelta(days=365))
    new_key_each_year()
    go_on_with_rotation()
    go_on_with_rotation()

    assert [key.destroyed_at is None for key in VaultKey.objects.order_by("pk")] == [False, True]
    assert all_open(cards, card)


def test_a_key_that_has_sealed_as_often_as_it_may_makes_room(cards, merchant, card) -> None:
    VaultKey.objects.update(sealed=MOST_SEALED - 2)
    last = vault.keep(card, merchant_id=merchant.pk, place="alias 3", expires_at=END, now=NOW)
    first = vault.keep(card, merchant_id=merchant.pk, place="alias 4", expires_at=END, now=NOW)

    assert last.key_id != first.key_id
    assert VaultKey.objects.get(pk=last.key_id).sealed == MOST_SEALED
    assert rotation.is_under_way()


def test_a_new_master_key_takes_over_all_and_the_old_one_may_go(cards, merchant, card, master_keys) -> None:
    named = hashes.hash_value(card.number, merchant_id=merchant.pk)
    master_keys(k2="b", k1="a")
    rotation.refuse_wrong_keys()
    assert run("rotate-vault-key") == 0

    master_keys(k2="b")
    rotation.refuse_wrong_keys()
    assert all_open(cards, card)
    assert hashes.hash_value(card.number, merchant_id=merchant.pk) == named


@pytest.mark.parametrize(
    ("letters", "says"),
    [
        pytest.param({"k1": "x"}, "cannot be opened", id="another key under the same name"),
        pytest.param({"k2": "b"}, "which is not here", id="the key is missing"),
        pytest.param({"k1": "b", "k2": "a"}, "cannot be opened", id="two keys swapped"),
        pytest.param({}, "no vault key is set", id="no key at all"),
    ],
)
@pytest.mark.parametrize("command", ["web", "worker", "rotate-vault-key"])
def test_wrong_missing_and_swapped_master_keys_stop_every_start(
    cards, master_keys, capsys, letters, says, command
) -> None:
    master_keys(**letters)

    assert run(command) == 1
    assert says in capsys.readouterr().err


def test_swapped_data_keys_stop_the_start_too(cards) -> None:
    keys.make_new(instead_of=VaultKey.objects.get(), now=NOW)
    one, other = VaultKey.objects.order_by("pk")
    VaultKey.objects.filter(pk=one.pk).update(wrapped=other.wrapped)

    with pytest.raises(VaultClosed, match="cannot be opened"):
        rotation.refuse_wrong_keys()


def test_a_key_that_was_destroyed_too_early_stops_the_start(cards) -> None:
    VaultKey.objects.update(wrapped=b"", destroyed_at=NOW)

    with pytest.raises(VaultClosed, match="was destroyed"):
        rotation.refuse_wrong_keys()


def test_a_hash_value_is_the_merchants_own(merchant, neighbour, card) -> None:
    ours = hashes.hash_value(card.number, merchant_id=merchant.pk)
    with within(neighbour.pk):
        theirs = hashes.hash_value(card.number, merchant_id=neighbour.pk)

    assert ours == hashes.hash_value(card.number, merchant_id=merchant.pk) != theirs
    assert len(ours) == 40
    assert HashKey.objects.count() == 1


def test_the_end_of_a_card_may_change_during_a_rotation(cards, merchant, card) -> None:
    rotation.begin(now=NOW)
    vault.set_expiry(Expiry(2033, 3), merchant_id=merchant.pk, place="alias 1", now=NOW)
    list(rotation.go_on(now=NOW))

    assert vault.open_card(merchant_id=merchant.pk, place="alias 1", now=NOW).expiry == Expiry(2033, 3)
    assert not rotation.is_under_way()
