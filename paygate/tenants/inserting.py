"""An INSERT that is put into SQL once in each process, and run with other values ever after (see kept.py)."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from django.db import connection, models, transaction
from django.db.models.sql import InsertQuery
from django.db.models.sql.compiler import SQLInsertCompiler

Fields = list["models.Field[Any, Any]"]

_KEPT: Final = 8  # statements of more rows than this are made anew each time


def insert(row: models.Model) -> None:
    """Write a new row as `row.save(force_insert=True)` does. Its values are no expressions, and nothing listens."""
    insert_rows([row])


def insert_rows(rows: Sequence[models.Model]) -> None:
    """New rows of one model in one statement; all of them have a key, or none. Without any, nothing is done."""
    if not rows:
        return
    model, has_key = type(rows[0]), rows[0].pk is not None
    if len(rows) > _KEPT:
        model._base_manager.bulk_create(rows)
        return
    for row in rows:
        row._prepare_related_fields_for_save(operation_name="save")  # type: ignore[attr-defined]  # unknown to the stubs
    statement, fields, told = _insertion(model, has_key, len(rows))
    values = [
        field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields
    ]
    with transaction.mark_for_rollback_on_error(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(statement, values)
        if told:
            for row, answer in zip(rows, cursor.fetchall(), strict=True):
                for field, value in zip(told, answer, strict=True):
                    setattr(row, field.attname, value)
    for row in rows:
        row._state.db, row._state.adding = connection.alias, False


@cache
def _insertion(model: type[models.Model], has_key: bool, count: int) -> tuple[str, Fields, Fields]:
    """The statement as Django makes it, the fields whose values it takes, and those that it tells of each row."""
    assert model.save is models.Model.save, f"{model.__name__} is saved in its own way"
    meta = model._meta
    fields: Fields = [
        field for field in meta.local_concrete_fields if has_key or field is not meta.auto_field
    ]
    told: Fields = [] if has_key else list(meta.db_returning_fields)
    query = InsertQuery(model)
    query.insert_values(fields, [model() for _ in range(count)])
    compiler: Any = SQLInsertCompiler(
        query, connection, None
    )  # not the engine's own, so that each value has its place
    compiler.returning_fields = told
    ((statement, _values_of_defaults),) = compiler.as_sql()
    return statement, fields, told
