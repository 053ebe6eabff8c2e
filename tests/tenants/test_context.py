"""Whose rows are seen (safety.md TN-1, TN-3)."""

import threading

import pytest
from django.db import models

from paygate.journal.models import Entry
from paygate.merchants.models import Preferences, Terminal
from paygate.offers.models import Offer
from paygate.tenants.context import EVERY_TENANT, NoTenant, across_tenants, as_setting, current, within
from paygate.tenants.walls import owned_models
from tests.make.books import NOON
from tests.make.offers import offer as an_offer


@pytest.mark.django_db
@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model._meta.label)
def test_without_a_merchant_nothing_is_read_written_or_deleted(model: type[models.Model]):
    for manager in (model._default_manager, model._base_manager):
        for action in (manager.all, manager.count, lambda manager=manager: manager.filter(pk=1).update(pk=1)):
            with pytest.raises(NoTenant):
                action()


def test_a_row_that_was_read_leads_nowhere_without_a_merchant(carla):
    offer = an_offer(carla.terminal, now=NOON)
    with within(carla.merchant.pk):
        offer = Offer.objects.get(pk=offer.pk)

    with pytest.raises(NoTenant):
        _ = offer.terminal
    with pytest.raises(NoTenant):
        offer.refresh_from_db()


def test_each_merchant_sees_its_own(anna, carla):
    mine, hers = an_offer(anna.terminal, now=NOON), an_offer(carla.terminal, now=NOON)

    assert list(Offer.objects.all()) == [mine]
    assert not Offer.objects.filter(pk=hers.pk).exists()
    with within(carla.merchant.pk):
        assert list(Offer.objects.all()) == [hers]
        assert Preferences.objects.get().merchant_id == carla.merchant.pk
    with across_tenants():
        assert set(Offer.objects.all()) == {mine, hers}


def test_a_row_that_is_no_longer_in_view_is_not_written(anna, carla):
    hers = an_offer(carla.terminal, now=NOON)

    assert Offer.objects.filter(pk=hers.pk).update(description="mine now") == 0
    with pytest.raises(Offer.DoesNotExist):
        hers.refresh_from_db()


def test_related_rows_are_those_in_view(anna, carla):
    an_offer(anna.terminal, now=NOON)

    with within(carla.merchant.pk):
        assert not anna.terminal.contracts.exists()


def test_contexts_nest_and_end_also_after_an_exception():
    assert (current(), as_setting()) == (None, "")
    with within(7):
        assert (current(), as_setting()) == (7, "7")
        with pytest.raises(ZeroDivisionError), across_tenants():
            assert (current(), as_setting()) == (EVERY_TENANT, "*")
            _ = 1 / 0
        assert current() == 7
    assert current() is None


def test_another_thread_has_no_merchant():
    seen: list[object] = []
    with within(7):
        thread = threading.Thread(target=lambda: seen.append(current()))
        thread.start()
        thread.join()

    assert seen == [None]


def test_every_merchant_is_no_merchants_number(alpenblick):
    assert alpenblick.merchant_id > EVERY_TENANT
    with across_tenants():
        assert not Terminal.objects.filter(merchant_id=EVERY_TENANT).exists()
        assert not Entry.objects.exists()
