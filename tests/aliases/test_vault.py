"""A card in the vault: sealed for one merchant and one place, without its code, until its end."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections

from paygate.aliases import vault
from paygate.aliases.models import VaultEntry, VaultKey
from paygate.aliases.tasks import forget_expired
from paygate.aliases.vault import NotKept
from paygate.tenants.context import across_tenants, within
from tests.aliases.conftest import NOW, NUMBER
from tests.at_once import at_once

PLACE = "alias 7"
END = NOW + timedelta(days=1096)


def kept(card, merchant, place: str = PLACE) -> VaultEntry:
    return vault.keep(card, merchant_id=merchant.pk, place=place, expires_at=END, now=NOW)


def opened(merchant, place: str = PLACE, now=NOW):
    return vault.open_card(merchant_id=merchant.pk, place=place, now=now)


@pytest.mark.django_db
def test_a_card_comes_back_without_its_code(merchant, card) -> None:
    kept(card, merchant)

    assert opened(merchant) == replace(card, code=None)
    seen = vault.shown(merchant_id=merchant.pk, place=PLACE, now=NOW)
    assert (str(seen.expiry), seen.holder) == ("11/2028", "Anna Muster")
    assert "Anna" not in repr(seen)


@pytest.mark.django_db
def test_nothing_of_it_stands_in_the_row(merchant, card) -> None:
    entry = kept(card, merchant)
    row = VaultEntry.objects.values().get(pk=entry.pk)

    everything = b" ".join(
        value if isinstance(value, bytes) else str(value).encode() for value in row.values()
    )
    for secret in (NUMBER, NUMBER[::-1], NUMBER[:6], NUMBER[6:12], "917", "Anna", "Muster", "2028"):
        assert secret.encode() not in everything
    assert len(bytes(row["nonce"])) == 12
    assert len(bytes(row["tag"])) == 16


@pytest.mark.django_db
def test_two_seals_of_one_card_have_nothing_in_common(merchant, card) -> None:
    one, other = kept(card, merchant), kept(card, merchant, "alias 8")

    assert bytes(one.nonce) != bytes(other.nonce)
    assert bytes(one.ciphertext) != bytes(other.ciphertext)


@pytest.mark.django_db
def test_a_record_copied_to_another_alias_does_not_open(merchant, card) -> None:
    kept(card, merchant)
    VaultEntry.objects.update(place="alias 8")

    with pytest.raises(NotKept):
        opened(merchant, "alias 8")


@pytest.mark.django_db
def test_a_record_copied_to_another_merchant_does_not_open(merchant, neighbour, card) -> None:
    values = {
        name: value
        for name, value in VaultEntry.objects.values().get(pk=kept(card, merchant).pk).items()
        if name not in {"id", "merchant_id"}
    }
    with within(neighbour.pk):
        VaultEntry.objects.create(merchant_id=neighbour.pk, **values)
        with pytest.raises(NotKept):
            opened(neighbour)


@pytest.mark.django_db
def test_a_record_under_another_key_does_not_open(merchant, card) -> None:
    entry = kept(card, merchant)
    VaultKey.objects.update(active=False)
    kept(card, merchant, "alias 8")
    VaultEntry.objects.filter(pk=entry.pk).update(key=VaultKey.objects.get(active=True))

    with pytest.raises(NotKept):
        opened(merchant)


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["nonce", "ciphertext", "tag", "sealed_shown"])
def test_a_record_that_was_touched_does_not_open(merchant, card, column) -> None:
    entry = kept(card, merchant)
    bytes_of = bytearray(getattr(entry, column))
    bytes_of[0] ^= 1
    VaultEntry.objects.update(**{column: bytes(bytes_of)})

    with pytest.raises(NotKept):
        opened(merchant)


@pytest.mark.django_db
def test_a_neighbour_finds_nothing(merchant, neighbour, card) -> None:
    kept(card, merchant)

    with within(neighbour.pk), pytest.raises(NotKept):
        vault.open_card(merchant_id=merchant.pk, place=PLACE, now=NOW)


@pytest.mark.django_db
def test_what_has_come_to_its_end_opens_no_more_and_is_gone_a_minute_later(
    merchant, card, monkeypatch
) -> None:
    kept(card, merchant)

    with pytest.raises(NotKept):
        opened(merchant, now=END)
    monkeypatch.setattr("paygate.aliases.tasks.now", lambda: END)
    forget_expired()

    assert not VaultEntry.objects.exists()


@pytest.mark.django_db
def test_a_place_keeps_one_card_the_newest(merchant, card) -> None:
    kept(card, merchant)
    kept(replace(card, holder="Beat Beispiel"), merchant)

    assert opened(merchant).holder == "Beat Beispiel"
    assert VaultEntry.objects.count() == 1


@pytest.mark.django_db
def test_a_card_is_overwritten_before_its_row_goes(merchant, card) -> None:
    kept(card, merchant)
    said: list[str] = []

    def noted(run, sql, *rest):
        said.append(sql)
        return run(sql, *rest)

    with connections["default"].execute_wrapper(noted):
        assert vault.destroy(merchant_id=merchant.pk, place=PLACE)

    changing = [sql.split()[0] for sql in said if sql.startswith(("UPDATE", "DELETE"))]
    assert changing == ["UPDATE", "DELETE"]
    assert not vault.destroy(merchant_id=merchant.pk, place=PLACE)


@pytest.mark.django_db
def test_a_card_waits_for_a_session_and_is_taken_once(merchant, card) -> None:
    vault.keep_for_session(card, merchant_id=merchant.pk, token="a-token", now=NOW)

    with pytest.raises(NotKept):
        vault.take(merchant_id=merchant.pk, token="another-token", now=NOW)
    assert vault.take(merchant_id=merchant.pk, token="a-token", now=NOW) == replace(card, code=None)
    with pytest.raises(NotKept):
        vault.take(merchant_id=merchant.pk, token="a-token", now=NOW)


@pytest.mark.django_db
def test_a_session_waits_an_hour_at_most(merchant, card) -> None:
    vault.keep_for_session(card, merchant_id=merchant.pk, token="a-token", now=NOW)

    with pytest.raises(NotKept):
        vault.take(merchant_id=merchant.pk, token="a-token", now=NOW + timedelta(minutes=60))
    assert "a-token" not in VaultEntry.objects.get().place


@pytest.mark.django_db(transaction=True)
def test_of_many_that_take_a_card_at_once_one_gets_it(merchant, card) -> None:
    vault.keep_for_session(card, merchant_id=merchant.pk, token="a-token", now=NOW)

    def take():
        with within(merchant.pk):
            try:
                return vault.take(merchant_id=merchant.pk, token="a-token", now=NOW)
            except NotKept:
                return None

    got = at_once(*[take] * 6)
    assert sum(one is not None for one in got) == 1
    with across_tenants():
        assert not VaultEntry.objects.exists()
