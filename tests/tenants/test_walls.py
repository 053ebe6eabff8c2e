"""The database itself keeps merchants apart, on both engines (safety.md TN-1, INV-16)."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from paygate.acquiring.models import Contract
from paygate.journal.models import BookingPeriod, Entry, Movement
from paygate.merchants.models import Member, Terminal
from paygate.offers.models import Offer
from paygate.tenants.context import across_tenants, within
from paygate.tenants.owned import TenantOwned
from paygate.tenants.walls import lower, owned_models, raise_walls
from tests.make.books import NOON, booking
from tests.make.offers import offer as an_offer
from tests.make.walk import pay
from tests.walls import raise_most_walls

SECONDS_OF_TWO = [
    (model, field)
    for model in owned_models()
    for field in model._meta.concrete_fields
    if isinstance(field.related_model, type) and issubclass(field.related_model, TenantOwned)
]


@pytest.fixture
def both(anna, carla) -> None:
    """Two merchants with a paid offer and a booking each."""
    for person in (anna, carla):
        offer = an_offer(person.terminal, now=NOON)
        pay(offer, now=NOON)
        with within(person.merchant.pk):
            booking(person.terminal)


def at_the_end_of_it() -> None:
    """PostgreSQL looks when the transaction ends; this is such a look."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_there_are_references_to_guard():
    assert len(SECONDS_OF_TWO) > 15
    assert (Movement, Movement._meta.get_field("entry")) in SECONDS_OF_TWO


def test_no_row_may_be_moved_to_another_merchants_row(both, anna, carla):
    """Every reference of every row there is, one after the other."""
    tried = []
    with across_tenants():
        for model, field in SECONDS_OF_TWO:
            own: Any = model._base_manager.filter(merchant_id=anna.merchant.pk).first()
            target: type[models.Model] = field.related_model  # type: ignore[assignment]
            foreign = target._base_manager.filter(merchant_id=carla.merchant.pk).first()
            if own is None or foreign is None:
                continue
            tried.append(f"{model.__name__}.{field.name}")
            with pytest.raises(IntegrityError), transaction.atomic():
                model._base_manager.filter(pk=own.pk).update(**{field.attname: foreign.pk})
                at_the_end_of_it()

    assert {
        "Contract.terminal",
        "Offer.terminal",
        "Entry.contract",
        "Entry.terminal",
        "Entry.authentication",
        "Movement.entry",
        "Movement.period",
        "Session.offer",
        "Attempt.session",
        "Attempt.entry",
    } <= set(tried)


@pytest.mark.parametrize("model", [Terminal, Contract, Offer, Entry, BookingPeriod])
def test_no_row_that_others_point_to_may_change_its_merchant(both, anna, carla, model):
    with across_tenants():
        row = model.objects.filter(merchant_id=anna.merchant.pk).first()
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.filter(pk=row.pk).update(merchant_id=carla.merchant.pk)
            at_the_end_of_it()


def test_no_row_may_be_born_at_another_merchants_row(anna, carla):
    with across_tenants(), pytest.raises(IntegrityError), transaction.atomic():
        Contract.objects.create(
            merchant=anna.merchant,
            terminal=carla.terminal,
            method="AMEX",
            currencies=["CHF"],
            connector="simulator",
            acquirer_merchant_id="X",
        )
        at_the_end_of_it()


def test_a_row_needs_a_merchant(anna):
    with across_tenants(), pytest.raises(IntegrityError), transaction.atomic():
        Terminal.objects.create(number="1", kind="SPG")


def test_a_row_without_such_a_reference_is_let_through(both, anna):
    """A movement in no period points to no period."""
    Movement.objects.update(period=None)
    at_the_end_of_it()

    assert Member.objects.filter(merchant=anna.merchant).exists()


@pytest.mark.django_db(transaction=True)
def test_walls_may_be_raised_again_and_taken_down(transactional_db, anna, carla):
    with across_tenants():
        raise_walls()
        raise_walls()
        try:
            lower()
            Contract.objects.filter(merchant=anna.merchant).update(terminal=carla.terminal)
            Contract.objects.filter(merchant=anna.merchant).update(terminal=anna.terminal)
        finally:
            raise_walls()
        with pytest.raises(DatabaseError):
            Contract.objects.filter(merchant=anna.merchant).update(terminal=carla.terminal)
        raise_most_walls()
