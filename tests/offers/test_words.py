"""What offers are found by: their words, and on PostgreSQL the index of groups of letters beside them."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from paygate.offers.models import Offer
from paygate.offers.words import has_word, name_sign, needle, words_of
from tests.make.books import NOON
from tests.make.offers import offer as an_offer


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("Zürich", "zurich"),
        ("2026-0412", "2026  0412"),
        ("zi", "  zi"),
        ("W", "  w"),
        ("%_\\", ""),
        ("A-1", "a  1"),
    ],
)
def test_what_is_typed_is_looked_for_as_words_are_written(typed, sought):
    assert needle(typed) == sought


def test_a_find_does_not_reach_from_one_text_into_the_next():
    words = words_of(reference="4512", description="3456 rooms", payer_email="", created_by="member:1")

    assert needle("4512 3456") not in words
    assert needle("4512") in words


@pytest.mark.parametrize(
    ("typed", "is_meant"),
    [("mül", True), ("BEAT", True), ("b", True), ("eat", True), ("-", False), ("at", False)],
)
def test_people_are_found_as_offers_are(typed, is_meant):
    assert has_word("Beat Müller", typed) is is_meant


def test_offers_that_were_there_before_get_their_words(anna):
    offer = an_offer(anna.terminal, now=NOON, description="Zürich")
    words = offer.words
    Offer.objects.update(words="")

    fill = import_module("paygate.offers.migrations.0007_words_of_the_offers_there_are").fill
    fill(apps, SimpleNamespace(connection=connection))

    assert Offer.objects.get().words == words


def test_offers_that_were_changed_before_are_found_by_who_changed_them(anna):
    changed, same = an_offer(anna.terminal, now=NOON), an_offer(anna.terminal, now=NOON)
    Offer.objects.filter(pk=changed.pk).update(changed_by="member:7")
    before = {offer.pk: offer.words for offer in Offer.objects.all()}

    fill = import_module("paygate.offers.migrations.0009_words_of_who_changed_them").fill
    for _twice in range(2):
        fill(apps, SimpleNamespace(connection=connection))

    after = {offer.pk: offer.words for offer in Offer.objects.all()}
    assert after == {changed.pk: f"{before[changed.pk]}\n{name_sign('member:7')}", same.pk: before[same.pk]}


@pytest.mark.on_postgresql
class TestTheIndexBesideThem:
    def test_goes_with_what_is_written_however_it_is_written(self, anna):
        offer = an_offer(anna.terminal, now=NOON, description="Suite")
        assert known("suite") == [offer.pk]

        Offer.objects.update(words="  chalet  ")
        assert (known("suite"), known("chalet")) == ([], [offer.pk])

        Offer.objects.filter(pk=offer.pk)._raw_delete(using="default")
        assert known("chalet") == []

    def test_has_other_numbers_for_each_merchant_and_month(self, db):
        one, another, later = (
            answer("SELECT offers_trigrams_of(%s, %s, %s)", [merchant, month, "suite"])
            for merchant, month in ((1, 24311), (2, 24311), (1, 24312))
        )

        assert len(one) == 3
        assert not {*one} & {*another} | {*one} & {*later}


def known(word: str) -> list[object]:
    """The offers of which the index says that they have this word."""
    found = (
        "SELECT array_agg(offer_id) FROM offers_trigrams, offers_offer WHERE id = offer_id"
        " AND numbers @> offers_trigrams_of(merchant_id, offers_month(created_at), %s)"
    )
    return list(answer(found, [word]) or [])


def answer(sql: str, params: list[int | str]) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row: tuple[list[object]] = cursor.fetchone()
    return row[0]
