"""The second wall between merchants, kept by the database itself (safety.md TN-1, TN-3).

Every reference from one merchant's row to another row must stay with the same merchant: a composite foreign key on
PostgreSQL, a trigger on SQLite. On PostgreSQL row-level security, forced for the table owner too, also hides the rows
of others. Rows that are only ever added are kept by triggers from being changed or deleted (safety.md AU-7).
Schema changes rebuild tables, so the walls are lowered before them and raised after.
"""

from collections.abc import Iterator
from typing import Final

from django.apps import apps
from django.core.management import call_command
from django.db import connection, models

from paygate.tenants.context import across_tenants
from paygate.tenants.owned import AppendOnly, TenantOwned

KEPT: Final = "what was written down stays as it is"

# Whose rows a connection may see. The merchant's number is compared as a number: of text made from it the planner would
# know no statistics, and think that a merchant with a million rows has a few.
_OWN: Final = (
    "current_setting('paygate.tenant', true) = '*' OR"
    " merchant_id = nullif(nullif(current_setting('paygate.tenant', true), ''), '*')::bigint"
)


def migrate(verbosity: int = 0) -> None:
    """Bring the schema up to date, with the walls down meanwhile."""
    with across_tenants():
        lower()
        call_command("migrate", verbosity=verbosity, interactive=False)
        raise_walls()


def raise_walls() -> None:
    """Put every wall in place. May be called again."""
    lower()
    _run(_postgresql_walls() if connection.vendor == "postgresql" else _sqlite_walls())


def lower() -> None:
    """Take the walls down."""
    if connection.vendor == "postgresql":
        _run(_postgresql_lowering())
    else:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'wall\\_%' ESCAPE '\\'"
            )
            names = [row[0] for row in cursor.fetchall()]
        _run(f'DROP TRIGGER "{name}"' for name in names)


def owned_models() -> list[type[TenantOwned]]:
    """Every model whose rows belong to a merchant."""
    return [model for model in apps.get_models() if issubclass(model, TenantOwned)]


def _run(statements: Iterator[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def references(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """Column and referenced table of each reference to another row of a merchant."""
    for field in model._meta.concrete_fields:
        target = field.related_model
        if isinstance(target, type) and issubclass(target, TenantOwned):
            yield field.column or field.name, target._meta.db_table


def _postgresql_lowering() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE conname LIKE 'wall\\_%'"
            " ORDER BY contype = 'u'"
        )
        constraints = cursor.fetchall()
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'wall_tenant'")
        tables = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'wall\\_%'")
        functions = [row[0] for row in cursor.fetchall()]
    for function in functions:
        yield f'DROP FUNCTION "{function}" CASCADE'
    for table, name in constraints:
        yield f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'
    for table in tables:
        yield f'DROP POLICY wall_tenant ON "{table}"'
        yield f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY'


def _postgresql_walls() -> Iterator[str]:
    referenced = {table for model in owned_models() for _, table in references(model)}
    for table in sorted(referenced):
        yield f'ALTER TABLE "{table}" ADD CONSTRAINT "wall_key_{table}" UNIQUE (merchant_id, id)'
    for model in owned_models():
        table = model._meta.db_table
        for column, target in references(model):
            yield (
                f'ALTER TABLE "{table}" ADD CONSTRAINT "wall_{table}_{column}" FOREIGN KEY (merchant_id, "{column}")'
                f' REFERENCES "{target}" (merchant_id, id) DEFERRABLE INITIALLY DEFERRED'
            )
        yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
        yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'
        yield f'CREATE POLICY wall_tenant ON "{table}" USING ({_OWN})'

    for model in owned_models():
        if model.APPEND_ONLY is not None:
            yield from _postgresql_keeping(model, model.APPEND_ONLY)


def _postgresql_keeping(model: type[TenantOwned], rule: AppendOnly) -> Iterator[str]:
    """Triggers of a table whose rows are only ever added."""
    table = model._meta.db_table
    young = f"OLD.at > now() - interval '{rule.kept_months} months'" if rule.kept_months else "true"
    yield (
        f'CREATE FUNCTION "wall_{table}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN'
        f" IF TG_OP = 'DELETE' THEN IF NOT ({young}) THEN RETURN OLD; END IF;"
        f" ELSIF NOT ({_changed(model, rule, 'IS DISTINCT FROM')}) THEN RETURN NEW; END IF;"
        f" RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    yield (
        f'CREATE TRIGGER "wall_{table}_kept" BEFORE UPDATE OR DELETE ON "{table}"'
        f' FOR EACH ROW EXECUTE FUNCTION "wall_{table}"()'
    )


def _sqlite_keeping(model: type[TenantOwned], rule: AppendOnly) -> Iterator[str]:
    table = model._meta.db_table
    young = f"WHEN OLD.at > datetime('now', '-{rule.kept_months} months')" if rule.kept_months else ""
    refused = f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
    changed = _changed(model, rule, "IS NOT")
    yield f'CREATE TRIGGER "wall_{table}_kept" BEFORE UPDATE ON "{table}" WHEN {changed} {refused}'
    yield f'CREATE TRIGGER "wall_{table}_delete" BEFORE DELETE ON "{table}" {young} {refused}'


def _changed(model: type[TenantOwned], rule: AppendOnly, differs: str) -> str:
    """The condition under which an UPDATE changes what must stay."""
    columns = {str(field.column) for field in model._meta.concrete_fields}
    conditions = [
        f'NEW."{column}" {differs} OLD."{column}"' for column in sorted(columns - set(rule.filled_once))
    ]
    later = " OR ".join(f'NEW."{column}" {differs} OLD."{column}"' for column in rule.filled_once)
    return " OR ".join([*conditions, *([f"OLD.\"{rule.by}\" <> '' AND ({later})"] if later else [])])


def _sqlite_walls() -> Iterator[str]:
    for model in owned_models():
        table = model._meta.db_table
        if model.APPEND_ONLY is not None:
            yield from _sqlite_keeping(model, model.APPEND_ONLY)
        yield (
            f'CREATE TRIGGER "wall_{table}_merchant" BEFORE UPDATE OF merchant_id ON "{table}"'
            " WHEN NEW.merchant_id IS NOT OLD.merchant_id"
            " BEGIN SELECT RAISE(ABORT, 'a row keeps its merchant'); END"
        )
        for column, target in references(model):
            for event, name in (("INSERT", "insert"), (f'UPDATE OF "{column}"', "update")):
                yield (
                    f'CREATE TRIGGER "wall_{table}_{column}_{name}" BEFORE {event} ON "{table}"'
                    f' WHEN NEW."{column}" IS NOT NULL AND NEW.merchant_id IS NOT'
                    f' (SELECT merchant_id FROM "{target}" WHERE id = NEW."{column}")'
                    " BEGIN SELECT RAISE(ABORT, 'a row of another merchant'); END"
                )
