"""The walls of the tests' database."""

from django.db import connection

from paygate.tenants.context import across_tenants
from paygate.tenants.walls import lower, raise_walls


def raise_most_walls() -> None:
    """All but those that keep the audit log from being emptied: on SQLite Django does that between tests, row by row.

    tests/audit/test_kept.py has them all.
    """
    raise_walls()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for table in ("audit_auditline", "audit_checkpoint"):
                cursor.execute(f'DROP TRIGGER "wall_{table}_delete"')


def without_walls() -> None:
    """Nothing is kept from anybody until this test ends. PostgreSQL changes no table on which something is pending."""
    connection.check_constraints()
    with across_tenants():
        lower()
