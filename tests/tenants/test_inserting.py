"""Rows that are written by a kept statement are the rows that Django would have written."""

import pytest
from django.db import IntegrityError, connection, transaction

from paygate.lifecycle.models import Step
from paygate.merchants.models import Terminal
from paygate.offers.models import Offer
from paygate.tenants.inserting import insert, insert_rows
from tests.make.books import NOON
from tests.make.offers import offer as an_offer
from tests.tenants.test_kept import facts

pytestmark = pytest.mark.django_db


def step(merchant_id: int, cause: str = "created") -> Step:
    return Step(
        merchant_id=merchant_id,
        subject="offers.Offer",
        subject_id="1",
        new="OPEN",
        cause=cause,
        by="x",
        at=NOON,
    )


def copy_of(offer: Offer) -> Offer:
    """The same row under a new key, not written yet."""
    told = {name: value for name, value in facts(offer).items() if name != "id"}
    return Offer(**told)


def test_a_row_with_a_key_of_its_own_reads_as_if_django_had_saved_it(anna):
    terms = an_offer(anna.terminal, notify_emails=("a@example.org", "b@example.org"), now=NOON)
    kept, plain = copy_of(terms), copy_of(terms)

    insert(kept)
    plain.save(force_insert=True)

    assert not kept._state.adding
    read = Offer.objects.in_bulk([kept.pk, plain.pk])
    assert facts(read[kept.pk]) == facts(read[plain.pk]) | {"id": kept.pk}
    kept.description = "changed afterwards"
    kept.save()
    assert Offer.objects.get(pk=kept.pk).description == "changed afterwards"


@pytest.mark.parametrize("count", [1, 2, 8, 9, 20])
def test_rows_learn_the_keys_that_the_database_gave_them(anna, count):
    for _twice in range(2):
        steps = [step(anna.merchant.pk, f"cause {number}") for number in range(count)]
        insert_rows(steps)

        read = Step.objects.in_bulk([one.pk for one in steps])
        assert [read[one.pk].cause for one in steps] == [f"cause {number}" for number in range(count)]


def test_no_rows_are_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert_rows([])


def test_a_key_that_is_taken_is_refused_and_spoils_the_transaction_it_was_in(anna):
    taken = copy_of(an_offer(anna.terminal, now=NOON))
    taken.pk = Offer.objects.get().pk

    with transaction.atomic():
        with pytest.raises(IntegrityError):
            insert(taken)
        assert connection.needs_rollback
        transaction.set_rollback(True)
    assert Offer.objects.count() == 1


def test_a_reference_to_a_row_that_was_never_written_is_refused(anna):
    orphan = copy_of(an_offer(anna.terminal, now=NOON))
    orphan.terminal = Terminal(merchant=anna.merchant, number="1")

    with pytest.raises(ValueError, match="unsaved related object"):
        insert(orphan)


def test_the_managers_of_merchants_rows_create_so(anna):
    told = facts(step(anna.merchant.pk)) | {"cause": "made by the manager"}

    made = Step.objects.create(**{name: value for name, value in told.items() if name != "id"})

    assert Step.objects.get(pk=made.pk).cause == "made by the manager"
