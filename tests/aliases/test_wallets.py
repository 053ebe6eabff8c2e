"""A wallet's token under a name: sealed, found, renewed, rotated and forgotten as a card is (behaviour.md O)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paygate.aliases import find, rotation, store, vault
from paygate.aliases.find import AliasUnknown
from paygate.aliases.models import Alias, Generator, VaultEntry, VaultKey
from paygate.aliases.store import AliasTaken, AliasWish
from paygate.aliases.tasks import forget_expired
from paygate.aliases.vault import NotKept
from paygate.cards.number import Expiry
from paygate.cards.wallet import Wallet
from paygate.operations.invariants_vault import every_entry_opens_in_its_place_only
from paygate.operations.invariants_view import View
from paygate.tenants.context import within
from tests.aliases.conftest import NOW

TWINT = Wallet("TWINT", "tokenofcarla", "simulator:MID-1", NOW + timedelta(days=395))
POSTFINANCE = Wallet("POSTFINANCEPAY", "tokenofcarla", "simulator:MID-1")


def stored(merchant, wallet=TWINT, generator=Generator.MANUAL, name: str = "guest-7", **wish) -> Alias:
    asked = AliasWish(generator, name if generator is Generator.MANUAL else "", **wish)
    return store.store(wallet, asked, merchant_id=merchant.pk, by="payer", now=NOW)


def usable(merchant, name: str = "GUEST-7") -> Alias:
    return find.usable(merchant.pk, name, now=NOW)


@pytest.mark.django_db
class TestAStoredWallet:
    @pytest.mark.parametrize("wallet", [TWINT, POSTFINANCE], ids=["TWINT", "POSTFINANCEPAY"])
    def test_is_found_and_opens_for_its_owner(self, merchant, wallet):
        stored(merchant, wallet)
        alias = usable(merchant)

        assert find.wallet_of(alias, now=NOW) == wallet
        assert (alias.method, alias.masked, alias.wallet_until) == (wallet.method, "", wallet.good_until)
        assert (alias.is_card, alias.shown_as) == (False, wallet.method)

    def test_is_no_card_and_has_no_end_that_a_program_could_change(self, merchant):
        alias = stored(merchant)

        for ask in (find.card_of, find.shown):
            with pytest.raises(NotKept):
                ask(alias, now=NOW)
        with pytest.raises(NotKept):
            store.change(alias, lifetime=None, expiry=Expiry(2031, 2), now=NOW)
        assert find.wallet_of(alias, now=NOW) == TWINT

    def test_prints_itself_without_its_token_and_keeps_it_out_of_every_row(self, merchant):
        stored(merchant)
        rows = [*Alias.objects.values(), *VaultEntry.objects.values()]

        assert TWINT.token not in repr(TWINT)
        for row in rows:
            for value in row.values():
                text = value if isinstance(value, bytes) else str(value).encode()
                assert TWINT.token.encode() not in text

    def test_of_a_neighbour_is_unknown(self, merchant, neighbour):
        mine = stored(merchant)
        with within(neighbour.pk):
            with pytest.raises(AliasUnknown):
                usable(neighbour)
            theirs = stored(neighbour)

        assert theirs.hash_value != mine.hash_value

    def test_takes_a_name_once_whatever_is_stored_under_it(self, merchant, card):
        stored(merchant)
        with pytest.raises(AliasTaken):
            store.store(card, AliasWish(Generator.MANUAL, "Guest-7"), merchant_id=merchant.pk, by="", now=NOW)

    def test_has_a_random_name_where_that_is_wished(self, merchant):
        one, other = (stored(merchant, generator=Generator.RANDOM) for _time in range(2))

        assert len(one.name) == 32
        assert one.name != other.name

    def test_has_one_name_for_each_token_where_that_is_wished_and_is_renewed(self, merchant):
        """behaviour.md O-1: the same token is the same wallet."""
        first = stored(merchant, generator=Generator.RANDOM_UNIQUE)
        longer = replace(TWINT, good_until=NOW + timedelta(days=700))
        again = stored(merchant, longer, generator=Generator.RANDOM_UNIQUE)
        other = stored(merchant, replace(TWINT, token="another"), generator=Generator.RANDOM_UNIQUE)
        elsewhere = stored(
            merchant, replace(TWINT, acquirer="simulator:MID-2"), generator=Generator.RANDOM_UNIQUE
        )

        assert first.pk == again.pk
        assert len({first.pk, other.pk, elsewhere.pk}) == 3
        assert find.wallet_of(again, now=NOW) == longer
        assert usable(merchant, first.name).wallet_until == longer.good_until

    def test_can_be_forgotten_and_is_after_its_days(self, merchant, monkeypatch):
        store.remove(stored(merchant))
        assert not VaultEntry.objects.exists()

        alias = stored(merchant, lifetime=10)
        monkeypatch.setattr("paygate.aliases.tasks.now", lambda: NOW + timedelta(days=10))
        forget_expired()
        assert not VaultEntry.objects.exists()
        assert not Alias.objects.filter(pk=alias.pk).exists()

    def test_changes_its_days(self, merchant):
        alias = stored(merchant, lifetime=10)
        store.change(alias, lifetime=400, expiry=None, now=NOW)

        assert alias.expires_at == NOW + timedelta(days=400)


@pytest.mark.django_db
def test_a_wallet_opens_in_its_place_only(merchant):
    """INV-15."""
    alias = stored(merchant)
    assert list(every_entry_opens_in_its_place_only(View(None, now=NOW))) == []

    VaultEntry.objects.update(place="alias 7")
    assert len(list(every_entry_opens_in_its_place_only(View(None, now=NOW)))) == 1
    with pytest.raises(NotKept):
        find.wallet_of(alias, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_new_vault_key_takes_wallets_over_beside_cards(merchant, card, master_keys):
    """CD-6."""
    alias = stored(merchant)
    beside = store.store(card, AliasWish(), merchant_id=merchant.pk, by="payer", now=NOW)
    old = VaultKey.objects.get()
    rotation.begin(now=NOW)
    progress = list(rotation.go_on(now=NOW))

    assert str(progress[-1]) == "2 of 2 cards"
    old.refresh_from_db()
    assert old.destroyed_at == NOW
    assert find.wallet_of(alias, now=NOW) == TWINT
    assert find.card_of(beside, now=NOW).number == card.number
    entry = VaultEntry.objects.get(place=alias.place)
    assert vault.opens(entry, merchant_id=merchant.pk, place=alias.place)
