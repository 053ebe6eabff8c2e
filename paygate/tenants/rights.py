"""What the database users of web and jobs may do: work with rows, and nothing about the schema (safety.md SE-4).

They own nothing, so that whoever takes one of them over can take down no wall. Rows of the books are deleted by nobody,
and rows that are only ever added are changed by nobody: the right to do it is missing, besides the triggers of
walls.py.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from paygate.tenants.owned import TenantOwned

# The rooms whose rows stay for ever: money, its history, the proof behind it, and merchants.
STAYING: Final = frozenset({"journal", "lifecycle", "threeds", "acquiring", "tenants"})


def grant() -> None:
    """Give each user that the operator has named its rights, in place of those it had. The owner calls it."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for statement in _rights(settings.PAYGATE_DATABASE_ROLES):
            cursor.execute(statement)


def may_change_schema() -> bool:
    """May this process's database user take down the walls? Always on SQLite, which has no users."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_schema_privilege(current_schema(), 'CREATE') OR EXISTS (SELECT 1 FROM pg_class"
            " WHERE relnamespace = current_schema()::regnamespace AND pg_has_role(relowner, 'USAGE'))"
        )
        (may,) = cursor.fetchone()
    return bool(may)


def _rights(roles: Sequence[str]) -> Iterator[str]:
    for role in roles:
        yield f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{role}"'
        yield f'REVOKE CREATE ON SCHEMA public FROM "{role}"'
        yield f'GRANT USAGE ON SCHEMA public TO "{role}"'
        yield f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"'
        yield f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"'
        yield f'REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM "{role}"'
        for model in _ours():
            if not may_be_deleted(model):
                yield f'REVOKE DELETE ON "{model._meta.db_table}" FROM "{role}"'
            if not may_be_changed(model):
                yield f'REVOKE UPDATE ON "{model._meta.db_table}" FROM "{role}"'


def may_be_deleted(model: type[models.Model]) -> bool:
    """Not a row of the books, and not one that is only ever added, unless it may go after some months."""
    rule = model.APPEND_ONLY if issubclass(model, TenantOwned) else None
    return model._meta.app_label not in STAYING and (rule is None or rule.kept_months is not None)


def may_be_changed(model: type[models.Model]) -> bool:
    """Not a row that is only ever added, unless there is something to be filled in later."""
    rule = model.APPEND_ONLY if issubclass(model, TenantOwned) else None
    return rule is None or bool(rule.filled_once)


def _ours() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if model.__module__.startswith("paygate.") and model._meta.managed:
            yield model
