"""Many rows in one statement, for work that would otherwise make as many objects and parameters.

On PostgreSQL the rows travel as one JSON text that the database reads by the types of its own table; the walls between
merchants hold as for every INSERT. On SQLite they are bound one by one, by a statement that is prepared once.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, models

from paygate.tenants.owned import TenantOwned

_AS_THEY_ARE: Final = frozenset({str, int, bool, type(None)})


def insert_all(model: type[TenantOwned], rows: Sequence[Mapping[str, Any]], **same: Any) -> None:
    """Insert rows: each has its own values by column, `same` are those of all. What nobody says has its default.

    Values are as a model's attributes have them, those of JSON columns as JSON has them. All rows name the same
    columns.
    """
    if not rows:
        return
    fields = {field.attname: field for field in model._meta.concrete_fields}
    own = list(rows[0])
    for name, field in fields.items():
        if name not in own and name not in same and not isinstance(field, models.AutoField):
            assert not field.primary_key, "each row has a key of its own"
            same[name] = field.get_default()
    if connection.vendor == "postgresql":
        _as_json(model, [fields[name] for name in own], [fields[name] for name in same], rows, same)
    else:
        _one_by_one(model, [fields[name] for name in (*own, *same)], rows, same)


def _as_json(
    model: type[TenantOwned],
    own: "list[models.Field[Any, Any]]",
    shared: "list[models.Field[Any, Any]]",
    rows: Sequence[Mapping[str, Any]],
    same: Mapping[str, Any],
) -> None:
    quote, table = connection.ops.quote_name, connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(quote(str(field.column)) for field in (*own, *shared))
    read = ", ".join(
        [f"new.{quote(str(field.column))}" for field in own]
        + [f"%s::{field.db_type(connection)}" for field in shared]
    )
    names = {field.attname: str(field.column) for field in own}
    lines = (
        rows
        if all(name == column for name, column in names.items())
        else [{names[name]: value for name, value in row.items()} for row in rows]
    )
    source = f"json_populate_recordset(NULL::{table}, %s::json) AS new"
    statement = f"INSERT INTO {table} ({columns}) SELECT {read} FROM {source}"
    values = [field.get_db_prep_save(same[field.attname], connection) for field in shared]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, json.dumps(lines, default=_plain, ensure_ascii=False)])


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _one_by_one(
    model: type[TenantOwned],
    fields: "list[models.Field[Any, Any]]",
    rows: Sequence[Mapping[str, Any]],
    same: Mapping[str, Any],
) -> None:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"
    shared = {
        field.attname: field.get_db_prep_save(same[field.attname], connection)
        for field in fields
        if field.attname in same
    }
    own = [field for field in fields if field.attname not in same]
    values = [[*(_bound(field, row[field.attname]) for field in own), *shared.values()] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def _bound(field: "models.Field[Any, Any]", value: object) -> object:
    """The value as SQLite keeps it. Most are texts and numbers, which are kept as they are."""
    if type(value) in _AS_THEY_ARE and not isinstance(field, models.JSONField):
        return value
    return field.get_db_prep_save(value, connection)
