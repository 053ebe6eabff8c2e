"""What the database users of web and jobs cannot do, whatever code runs there (safety.md SE-4)."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from psycopg import errors

from paygate import clock
from paygate.audit.models import AuditLine, Checkpoint
from paygate.journal.models import Entry, Movement
from paygate.lifecycle.models import Step
from paygate.offers.models import Offer
from paygate.tenants import rights
from paygate.tenants.rights import may_be_changed, may_be_deleted, may_change_schema
from tests.make.journal import reservation
from tests.make.offers import offer
from tests.postgres import LIMITED

on_postgresql = [pytest.mark.on_postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def limited(anna, settings) -> Iterator[psycopg.Connection]:
    """A connection of the web process's user, which sees the rows of Anna's merchant, of which there are some."""
    settings.PAYGATE_DATABASE_ROLES = (LIMITED,)
    rights.grant()
    reservation(anna.terminal)
    offer(anna.terminal, now=clock.now())
    told = connection.settings_dict
    place = f"host={told['HOST']} port={told['PORT']} dbname={told['NAME']} user={LIMITED}"
    with psycopg.connect(place, autocommit=True) as opened:
        opened.execute("SELECT set_config('paygate.tenant', %s, false)", [str(anna.merchant.pk)])
        yield opened


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "ALTER TABLE offers_offer DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE offers_offer ADD COLUMN mine int",
        "DROP POLICY wall_tenant ON offers_offer",
        "DROP TABLE journal_entry",
        "ALTER TABLE audit_auditline DISABLE TRIGGER ALL",
        "TRUNCATE journal_movement CASCADE",
        "DELETE FROM journal_movement",
        "DELETE FROM journal_entry",
        "DELETE FROM lifecycle_step",
        "DELETE FROM audit_checkpoint",
        "UPDATE audit_checkpoint SET hash = 'x'",
        "DELETE FROM django_migrations",
    ],
)
class TestTheWebProcess:
    pytestmark = on_postgresql

    def test_has_no_right_to(self, limited, statement):
        with pytest.raises(errors.InsufficientPrivilege):
            limited.execute(statement)


class TestItsWork:
    pytestmark = on_postgresql

    def test_is_with_rows(self, limited):
        changed = limited.execute("UPDATE offers_offer SET description = 'Three nights'")
        looked = limited.execute("SELECT count(*) FROM journal_entry").fetchone()

        assert (changed.rowcount, looked) == (1, (1,))
        assert Offer.objects.get().description == "Three nights"

    def test_is_with_the_rows_of_one_merchant(self, limited, carla):
        offer(carla.terminal, now=clock.now())

        assert limited.execute("SELECT count(*) FROM offers_offer").fetchone() == (1,)

    def test_the_owner_is_told_apart(self, limited):
        """`paygate check` names an installation whose web process could do all this."""
        assert may_change_schema()
        told = connection.settings_dict
        before = told["USER"]
        connection.close()
        told["USER"] = LIMITED
        try:
            assert not may_change_schema()
        finally:
            connection.close()
            told["USER"] = before


def test_the_books_stay():
    assert not any(may_be_deleted(model) for model in (Entry, Movement, Step, Checkpoint))
    assert may_be_deleted(AuditLine)  # after three years, says its trigger
    assert may_be_changed(AuditLine)  # its place in the chain is filled in once
    assert not may_be_changed(Checkpoint)


@pytest.mark.on_sqlite
@pytest.mark.django_db
def test_on_sqlite_there_is_nobody_to_be_limited():
    rights.grant()

    assert may_change_schema()
