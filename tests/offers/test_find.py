"""The offers an actor may see (SPG-OVW-05 to 07, safety.md TN-4)."""

from contextlib import nullcontext
from copy import copy
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from paygate.merchants.reach import Actor, NotPermitted
from paygate.offers.change import disable
from paygate.offers.find import Search, another_with, offer_of, offers_of
from paygate.offers.models import Offer
from paygate.refusals import NotFound
from paygate.tenants.context import across_tenants
from tests.make.books import NOON
from tests.make.claims import paid
from tests.make.offers import offer as an_offer

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), "edcba"),
        (Search(text="room"), "a"),
        (Search(text="max@"), "b"),
        (Search(text="nothing"), ""),
        (Search(states=("OPEN",)), "ba"),
        (Search(states=("EXPIRED",)), "c"),
        (Search(states=("PAID",)), "d"),
        (Search(states=("OPEN", "DISABLED")), "eba"),
        (Search(states=("OPEN", "EXPIRED")), "cba"),
        (Search(terminal="17000011"), "edcba"),
        (Search(terminal="17000099"), ""),
    ],
)
def test_offers_are_newest_first_and_narrowed(anna, carla, search, found):
    an_offer(carla.terminal, now=NOON, reference="x", description="Room")
    an_offer(anna.terminal, now=NOON, reference="a", description="Room 12")
    an_offer(anna.terminal, now=NOON + DAY, reference="b", description="Spa", payer_email="max@example.org")
    an_offer(anna.terminal, now=NOON + 2 * DAY, reference="c", description="Spa", expires_at=NOON + 3 * DAY)
    paid(an_offer(anna.terminal, now=NOON + 3 * DAY, reference="d", description="Spa"))
    disabled = an_offer(anna.terminal, now=NOON + 4 * DAY, reference="e", description="Spa")
    disable(disabled.pk, by=anna.actor, now=NOON + 4 * DAY)

    offers = offers_of(anna.actor, search, now=NOON + 5 * DAY)

    assert "".join(offer.reference for offer in offers) == found


@pytest.mark.parametrize("view", [nullcontext, across_tenants], ids=["own rows in view", "all rows in view"])
def test_strange_unknown_and_malformed_ids_look_the_same(anna, carla, view):
    strange = an_offer(carla.terminal, now=NOON)

    for offer_id in (str(strange.pk), str(uuid4()), "1", "", "null", "x" * 500, "\0"):
        with view(), pytest.raises(NotFound) as refusal:
            offer_of(anna.actor, offer_id)
        assert str(refusal.value) == ""


def test_an_own_offer_is_found(anna):
    offer = an_offer(anna.terminal, now=NOON)

    assert offer_of(anna.actor, str(offer.pk)) == offer


def test_who_may_not_read_reads_nothing(anna):
    nobody = Actor(anna.merchant.pk, "nobody", frozenset())

    for look in (lambda: offers_of(nobody, Search(), now=NOON), lambda: offer_of(nobody, str(uuid4()))):
        with pytest.raises(NotPermitted):
            look()


def test_offers_are_found_by_their_reference_without_reading_them_all(anna):
    """The word about a second offer with the same reference is asked for at each save (SPG-FRM-17)."""
    offer = an_offer(anna.terminal, now=NOON)
    rows = [copy(offer) for _ in range(2000)]
    for number, row in enumerate(rows):
        row.pk, row.reference = uuid4(), f"2026-{number}"
    Offer.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE offers_offer")

    plan = Offer.objects.filter(reference="2026-0412").order_by().only("pk").explain()

    assert "offers_by_reference" in plan


def test_a_reference_is_used_again_by_two_offers_of_the_merchant(anna, carla):
    first = an_offer(anna.terminal, reference="A-1", now=NOON)
    an_offer(carla.terminal, reference="A-1", now=NOON)
    assert another_with(anna.actor, "A-1", but=first.pk) is None

    second = an_offer(anna.terminal, reference="A-1", now=NOON)

    assert another_with(anna.actor, "A-1", but=first.pk) == second.pk
    assert another_with(anna.actor, "A-1", but=second.pk) == first.pk
    with pytest.raises(NotPermitted):
        another_with(replace(anna.actor, permissions=frozenset()), "A-1", but=first.pk)
