"""Queries that are kept as SQL say what they were made of, of the merchant in context (safety.md TN-3)."""

import pytest
from django.db import transaction
from django.db.models import Exists, OuterRef

from paygate.journal.models import Entry
from paygate.offers.models import Offer
from paygate.tenants.context import NoTenant, across_tenants, current, within
from paygate.tenants.kept import Given, Kept, KeptChange
from tests.make.books import NOON
from tests.make.offers import offer as an_offer

pytestmark = pytest.mark.django_db

OFFER = Kept(
    lambda: Offer.objects.select_related("terminal", "merchant").filter(
        pk=Given("offer_id", Offer._meta.pk), state="OPEN"
    )
)
LOCKED = Kept(lambda: Offer.objects.select_for_update().filter(pk=Given("offer_id", Offer._meta.pk)))
OF_CURRENCY = Kept(
    lambda: Offer.objects.filter(
        currency=Given("currency", Offer._meta.get_field("currency")),
        expires_at__gt=Given("now", Offer._meta.get_field("expires_at")),
    )
)


def test_it_reads_what_the_plain_query_reads(anna):
    plain = Offer.objects.get(pk=an_offer(anna.terminal, notify_emails=("a@example.org",), now=NOON).pk)

    for _ in range(2):
        kept = OFFER.get(offer_id=plain.pk)
        assert facts(kept) == facts(plain)
        assert facts(kept.terminal) == facts(plain.terminal)
        assert facts(kept.merchant) == facts(plain.merchant)
        assert not kept._state.adding


def test_values_of_every_kind_are_given_anew_each_time(anna):
    francs, euros = an_offer(anna.terminal, now=NOON), an_offer(anna.terminal, now=NOON)
    Offer.objects.filter(pk=euros.pk).update(currency="EUR")

    assert [one.pk for one in OF_CURRENCY.all(currency="CHF", now=NOON)] == [francs.pk]
    assert [one.pk for one in OF_CURRENCY.all(currency="EUR", now=NOON)] == [euros.pk]
    assert OF_CURRENCY.all(currency="EUR", now=euros.expires_at) == []


def test_what_is_annotated_is_read_too(anna):
    offer = an_offer(anna.terminal, now=NOON)
    sold = Kept(
        lambda: Offer.objects.filter(pk=Given("offer_id", Offer._meta.pk)).annotate(
            sold=Exists(Entry.objects.filter(terminal=OuterRef("terminal")))
        )
    )

    assert bool(sold.get(offer_id=offer.pk).__dict__["sold"]) is False


def test_each_merchant_sees_its_own(anna, carla):
    mine, hers = an_offer(anna.terminal, now=NOON), an_offer(carla.terminal, now=NOON)

    assert current() == anna.merchant.pk
    assert OFFER.first(offer_id=mine.pk) == mine
    assert OFFER.first(offer_id=hers.pk) is None
    with within(carla.merchant.pk):
        assert OFFER.first(offer_id=mine.pk) is None
        assert OFFER.first(offer_id=hers.pk) == hers
    with across_tenants():
        assert OFFER.first(offer_id=mine.pk) == mine
        assert OFFER.first(offer_id=hers.pk) == hers


def test_without_a_merchant_nothing_is_read():
    with pytest.raises(NoTenant):
        OFFER.first(offer_id="4e848bba-60b7-4dd7-adc3-c9aaace6ea10")


def test_what_is_not_there_is_missed_as_always(anna):
    with pytest.raises(Offer.DoesNotExist):
        OFFER.get(offer_id="4e848bba-60b7-4dd7-adc3-c9aaace6ea10")


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_only(anna):
    offer = an_offer(anna.terminal, now=NOON)

    with transaction.atomic():
        assert LOCKED.get(offer_id=offer.pk) == offer
    with pytest.raises(AssertionError):
        LOCKED.get(offer_id=offer.pk)


def test_a_kept_change_writes_what_it_is_told_to_the_rows_of_the_merchant(anna, carla):
    mine, hers = an_offer(anna.terminal, now=NOON), an_offer(carla.terminal, now=NOON)
    opened = KeptChange(
        lambda: Offer.objects.filter(pk=Given("offer_id", Offer._meta.pk), first_opened_at=None),
        "first_opened_at",
        "notify_emails",
    )
    told = {"first_opened_at": NOON, "notify_emails": ["a@example.org"]}

    assert opened.run(told, offer_id=mine.pk) == 1
    assert opened.run(told, offer_id=mine.pk) == 0
    assert opened.run(told, offer_id=hers.pk) == 0

    mine.refresh_from_db()
    assert (mine.first_opened_at, mine.notify_emails) == (NOON, ["a@example.org"])
    with within(carla.merchant.pk):
        hers.refresh_from_db()
        assert hers.first_opened_at is None
        assert opened.run({"first_opened_at": None, "notify_emails": []}, offer_id=hers.pk) == 1


def facts(row):
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}
