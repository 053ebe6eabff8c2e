"""A card under a name: three ways to make one, a lifetime, and nothing left behind (behaviour.md O)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paygate.aliases import find, store
from paygate.aliases.find import AliasUnknown
from paygate.aliases.models import Alias, Generator, VaultEntry
from paygate.aliases.store import AliasTaken, AliasWish, WrongName
from paygate.aliases.tasks import forget_expired
from paygate.cards.number import Card, CardNumber, Expiry
from paygate.tenants.context import within
from tests.aliases.conftest import NOW, NUMBER
from tests.at_once import at_once, refused


def stored(
    card, merchant, generator=Generator.RANDOM, name: str = "", lifetime: int = 1096, now=NOW
) -> Alias:
    wish = AliasWish(generator, name, lifetime)
    return store.store(card, wish, merchant_id=merchant.pk, by="api:shop", now=now)


def usable(merchant, name: str, now=NOW) -> Alias:
    return find.usable(merchant.pk, name, now=now)


@pytest.mark.django_db
class TestAStoredCard:
    def test_is_found_in_large_and_small_letters_and_opens_without_its_code(self, merchant, card) -> None:
        stored(card, merchant, Generator.MANUAL, "Gast-Muster")
        alias = usable(merchant, "GAST-MUSTER")

        assert alias.name == "Gast-Muster"
        assert find.card_of(alias, now=NOW) == replace(card, code=None)
        assert find.shown(alias, now=NOW).holder == "Anna Muster"

    def test_shows_six_and_four_digits_and_two_more_to_the_api_alone(self, merchant, card) -> None:
        alias = stored(card, merchant)

        assert (alias.masked, alias.api_digits, alias.method) == ("901000xxxxxx0001", "31", "VISA")

    def test_of_fifteen_digits_shows_no_more_than_six(self, merchant) -> None:
        amex = Card(CardNumber.parse("375000000000007"), Expiry(2028, 11))
        alias = stored(amex, merchant)

        assert (alias.masked, alias.api_digits) == ("375000xxxxx0007", "")

    def test_has_a_random_name_of_32_signs(self, merchant, card) -> None:
        one, other = stored(card, merchant), stored(card, merchant)

        assert len(one.name) == 32
        assert int(one.name, 16)
        assert one.name != other.name

    def test_has_one_name_for_each_number_where_that_is_wished(self, merchant, card) -> None:
        first = stored(card, merchant, Generator.RANDOM_UNIQUE)
        again = stored(replace(card, expiry=Expiry(2031, 2)), merchant, Generator.RANDOM_UNIQUE)
        other = stored(
            replace(card, number=CardNumber.parse("9010100052000004")), merchant, Generator.RANDOM_UNIQUE
        )

        assert first.pk == again.pk != other.pk
        assert str(find.card_of(again, now=NOW).expiry) == "02/2031"
        assert VaultEntry.objects.count() == 2

    def test_may_not_take_a_name_that_is_taken(self, merchant, card) -> None:
        stored(card, merchant, Generator.MANUAL, "guest-7")
        with pytest.raises(AliasTaken):
            stored(card, merchant, Generator.MANUAL, "GUEST-7")

        assert (Alias.objects.count(), VaultEntry.objects.count()) == (1, 1)

    @pytest.mark.parametrize("name", ["", NUMBER, "4111-1111-1111-1111"])
    def test_needs_a_name_that_is_no_card_number(self, merchant, card, name) -> None:
        with pytest.raises(WrongName):
            stored(card, merchant, Generator.MANUAL, name)

        assert not VaultEntry.objects.exists()

    def test_of_a_neighbour_is_unknown_and_takes_no_name(self, merchant, neighbour, card) -> None:
        stored(card, merchant, Generator.MANUAL, "guest-7")
        with within(neighbour.pk):
            with pytest.raises(AliasUnknown):
                usable(neighbour, "guest-7")
            theirs = stored(card, neighbour, Generator.MANUAL, "guest-7")

        assert theirs.hash_value != usable(merchant, "guest-7").hash_value

    def test_that_was_sealed_but_not_kept_is_found_by_nobody(self, merchant, card) -> None:
        store.seal(card, AliasWish(), merchant_id=merchant.pk, by="payer", now=NOW)

        with pytest.raises(AliasUnknown):
            usable(merchant, "")

    def test_can_be_forgotten(self, merchant, card) -> None:
        store.remove(stored(card, merchant, Generator.MANUAL, "guest-7"))

        assert not VaultEntry.objects.exists()
        with pytest.raises(AliasUnknown):
            usable(merchant, "guest-7")
        stored(card, merchant, Generator.MANUAL, "guest-7")

    def test_changes_its_lifetime_and_the_end_of_its_card(self, merchant, card) -> None:
        alias = stored(card, merchant, lifetime=10)
        later = NOW + timedelta(days=5)
        store.change(alias, lifetime=20, expiry=Expiry(2032, 1), now=later)

        assert (
            str(find.card_of(usable(merchant, alias.name, NOW + timedelta(days=24)), now=later).expiry)
            == "01/2032"
        )
        with pytest.raises(AliasUnknown):
            usable(merchant, alias.name, NOW + timedelta(days=25))


@pytest.mark.django_db
@pytest.mark.parametrize("days", [1, 1096, 1600])
def test_it_is_forgotten_when_its_lifetime_is_over(merchant, card, monkeypatch, days) -> None:
    alias = stored(card, merchant, Generator.MANUAL, "guest-7", lifetime=days)
    end = NOW + timedelta(days=days)
    assert usable(merchant, "guest-7", end - timedelta(seconds=1)) == alias
    with pytest.raises(AliasUnknown):
        usable(merchant, "guest-7", end)

    stored(card, merchant, Generator.MANUAL, "guest-7", now=end)  # what is over takes no name
    assert VaultEntry.objects.count() == 1

    monkeypatch.setattr("paygate.aliases.tasks.now", lambda: end + timedelta(days=1600))
    forget_expired()
    assert not Alias.objects.exists()
    assert not VaultEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_many_with_one_name_one_is_stored(self, merchant, card) -> None:
        names = ["guest-7", "GUEST-7", "Guest-7", "gUEST-7"]
        outcomes = at_once(
            *[lambda name=name: stored(card, merchant, Generator.MANUAL, name) for name in names]
        )

        assert refused(outcomes, AliasTaken) == 3
        assert (Alias.objects.count(), VaultEntry.objects.count()) == (1, 1)

    def test_of_one_number_there_is_one_unique_alias(self, merchant, card) -> None:
        outcomes = at_once(*[lambda: stored(card, merchant, Generator.RANDOM_UNIQUE)] * 5)

        assert len({alias.name for alias in outcomes}) == 1
        assert (Alias.objects.count(), VaultEntry.objects.count()) == (1, 1)
