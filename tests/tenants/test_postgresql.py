"""Row-level security: the second wall, which also hides rows from statements of our own making (safety.md TN-3)."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from paygate.offers.models import Offer
from paygate.tenants.context import across_tenants, within
from paygate.tenants.walls import owned_models
from tests.at_once import at_once
from tests.make.books import NOON
from tests.make.offers import offer as an_offer

pytestmark = [
    pytest.mark.on_postgresql,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def really_committed(transactional_db):
    """So that rollbacks are real ones."""


@pytest.fixture
def merchants(anna, carla) -> tuple[int, int]:
    """Both merchants' numbers; each has one offer. Anna's is in context."""
    for person in (anna, carla):
        an_offer(person.terminal, now=NOON)
    return anna.merchant.pk, carla.merchant.pk


def seen() -> set[int]:
    """Whose offers a statement of our own making sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT merchant_id FROM offers_offer")
        return {row[0] for row in cursor.fetchall()}


def test_a_statement_sees_the_merchant_in_context_only(merchants):
    anna, carla = merchants

    assert seen() == {anna}
    with within(carla):
        assert seen() == {carla}
        with across_tenants():
            assert seen() == {anna, carla}
        assert seen() == {carla}
    assert seen() == {anna}


def test_without_a_context_it_sees_nothing(carla):
    an_offer(carla.terminal, now=NOON)

    assert seen() == set()


def test_a_foreign_row_is_neither_changed_nor_deleted_nor_added(merchants):
    anna, carla = merchants
    with connection.cursor() as cursor:
        cursor.execute("UPDATE offers_offer SET description = 'mine' WHERE merchant_id = %s", [carla])
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM offers_offer WHERE merchant_id = %s", [carla])
        assert cursor.rowcount == 0
    with pytest.raises(DatabaseError, match="row-level security"):
        Offer.objects.filter(merchant_id=anna).update(merchant_id=carla)


@pytest.mark.parametrize("ends", ["rollback", "savepoint", "failed statement", "failed commit"])
def test_after_a_rollback_took_the_setting_back_it_is_told_again(merchants, ends):
    """The setting is part of the transaction: undone with it, unless the connection is told anew."""
    anna, carla = merchants
    assert seen() == {anna}

    class Fell(Exception):
        pass

    def fall() -> None:
        with transaction.atomic(), within(carla):
            assert seen() == {carla}
            match ends:
                case "failed statement":
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT 1 / 0")
                case "failed commit":
                    Offer.objects.update(terminal_id=-1)
                case _:
                    raise Fell

    with within(carla):
        if ends == "savepoint":
            with transaction.atomic():
                with within(anna), pytest.raises(Fell):
                    fall()
                assert seen() == {carla}
        else:
            with pytest.raises((Fell, DatabaseError, IntegrityError)):
                fall()
        assert seen() == {carla}
    assert seen() == {anna}


def test_a_context_that_ends_inside_a_transaction_ends_there(merchants):
    anna, carla = merchants
    with transaction.atomic():
        with within(carla):
            assert seen() == {carla}
        assert seen() == {anna}


def test_a_new_connection_is_told_anew(merchants):
    anna, _ = merchants
    assert seen() == {anna}
    connection.close()
    assert seen() == {anna}


def test_threads_see_their_own_merchant(merchants):
    anna, carla = merchants

    def look(merchant: int) -> set[int]:
        with within(merchant):
            return seen()

    assert (
        at_once(*[lambda merchant=merchant: look(merchant) for merchant in (anna, carla) * 3])
        == [{anna}, {carla}] * 3
    )


@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model._meta.label)
def test_every_table_of_a_merchant_is_behind_the_wall_also_for_its_owner(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relrowsecurity, relforcerowsecurity, (SELECT count(*) FROM pg_policies WHERE tablename = relname)"
            " FROM pg_class WHERE relname = %s",
            [model._meta.db_table],
        )
        assert cursor.fetchone() == (True, True, 1)


def test_the_role_of_the_application_cannot_look_over_the_wall():
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)


def test_going_back_to_a_savepoint_of_another_merchants_context_tells_it_again(merchants):
    anna, carla = merchants

    with transaction.atomic():
        savepoint = transaction.savepoint()
        with within(carla):
            assert seen() == {carla}
            transaction.savepoint_rollback(savepoint)
            assert seen() == {carla}
        assert seen() == {anna}
