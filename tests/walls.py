"""The walls of the tests' database."""

from django.db import connection

from paygate.tenants.walls import raise_walls


def raise_most_walls() -> None:
    """All but those that keep the audit log from being emptied: on SQLite Django does that between tests, row by row.

    tests/audit/test_kept.py has them all.
    """
    raise_walls()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for table in ("audit_auditline", "audit_checkpoint"):
                cursor.execute(f'DROP TRIGGER "wall_{table}_delete"')
