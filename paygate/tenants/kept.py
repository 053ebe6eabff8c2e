"""Queries that are put into SQL once in each process, and run with other values ever after.

To make SQL of a query takes Django several times as long as the database needs for its answer. The few queries that
every payment makes are kept here as Django made them; only their values change. What is kept says the same as the
query it was made of (tests/tenants/test_kept.py), and sees the merchant in context and nobody else (safety.md TN-3).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Generic, TypeVar

from django.db import connection, models
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery

from paygate.tenants.context import EVERY_TENANT, NoTenant, across_tenants, current, within
from paygate.tenants.owned import TenantOwned

Row = TypeVar("Row", bound=TenantOwned)
Made = TypeVar("Made")

_SOMEBODY: Final = (
    -715_517
)  # stands for the merchant in context in SQL that is kept; no merchant has this number


class Given(models.Expression):
    """A value of a kept query that is told each time it is run: it is one of this field."""

    def __init__(self, name: str, field: "models.Field[Any, Any] | models.ForeignObjectRel") -> None:
        assert isinstance(field, models.Field), "a value has a column"
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]  # itself
        return "%s", [self]


class _Statement:
    """SQL with places for the merchant in context and for given values."""

    def __init__(self, compiler: Any) -> None:
        self._sql, self._params = compiler.as_sql()

    def run(self, cursor: Any, given: Mapping[str, object], merchant_id: int) -> None:
        cursor.execute(self._sql, [_value(one, given, merchant_id) for one in self._params])


def _value(param: object, given: Mapping[str, object], merchant_id: int) -> Any:
    if isinstance(param, Given):
        value = given[param.name]
        value = value.pk if isinstance(value, models.Model) else value
        return param.output_field.get_db_prep_value(value, connection, prepared=False)
    return merchant_id if param == _SOMEBODY else param


class _ByContext(Generic[Made]):
    """What is made once for a merchant, whichever it is, and once for everybody's rows."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._made: dict[bool, Made] = {}

    def of(self, merchant_id: int) -> Made:
        everybody = merchant_id == EVERY_TENANT
        if everybody not in self._made:
            with across_tenants() if everybody else within(_SOMEBODY):
                self._made[everybody] = self._make()
        return self._made[everybody]


def _merchant_in_context() -> int:
    merchant_id = current()
    if merchant_id is None:
        raise NoTenant("a kept query was run without a merchant in context")
    return merchant_id


class Kept(Generic[Row]):
    """A query with `Given` values. It may follow references and lock rows; it prefetches nothing."""

    def __init__(self, build: Callable[[], models.QuerySet[Row]]) -> None:
        self._build = build
        self._reading = _ByContext(lambda: _Reading(build()))

    def get(self, **given: object) -> Row:
        """The one row. Raises the model's `DoesNotExist`."""
        row = self.first(**given)
        if row is None:
            raise self._build().model.DoesNotExist
        return row

    def first(self, **given: object) -> Row | None:
        """The first row, or None."""
        return next(self._rows(given), None)

    def all(self, **given: object) -> list[Row]:
        """Every row."""
        return list(self._rows(given))

    def _rows(self, given: Mapping[str, object]) -> Iterator[Row]:
        merchant_id = _merchant_in_context()
        return self._reading.of(merchant_id).rows(given, merchant_id)


class KeptChange:
    """An UPDATE of these columns of a query's rows, and of those that are `always` set to the same.

    The query may have `Given` values.
    """

    def __init__(self, build: Callable[[], models.QuerySet[Any]], *columns: str, **always: Any) -> None:
        def make() -> _Statement:
            rows = build()
            query: Any = rows.query.chain(UpdateQuery)
            fields = {name: rows.model._meta.get_field(name) for name in columns}
            new = {name: Given(f"new {name}", field) for name, field in fields.items()}
            query.add_update_values(new | always)
            return _Statement(query.get_compiler(connection=connection))

        self._statement = _ByContext(make)

    def run(self, columns: Mapping[str, object], **given: object) -> int:
        """Write them; how many rows there were."""
        merchant_id = _merchant_in_context()
        new = {f"new {name}": value for name, value in columns.items()}
        with connection.cursor() as cursor:
            self._statement.of(merchant_id).run(cursor, {**given, **new}, merchant_id)
            return int(cursor.rowcount)


class _Reading:
    """A query as Django made it: its SQL, and how lines of the answer become objects."""

    def __init__(self, query: models.QuerySet[Any]) -> None:
        compiler = query.query.get_compiler(connection=connection)
        self._statement = _Statement(compiler)
        self._locks = query.query.select_for_update
        info = compiler.klass_info
        assert info is not None, "a kept query reads rows"
        self._model, own = info["model"], info["select_fields"]
        self._own = slice(own[0], own[-1] + 1)
        self._names = [column[0].target.attname for column in compiler.select[self._own]]
        self._related = get_related_populators(info, compiler.select, query.db)  # type: ignore[call-arg]  # the stubs know a later Django
        self._annotations = list((compiler.annotation_col_map or {}).items())
        self._converters = list(compiler.get_converters([column[0] for column in compiler.select]).items())
        self._using = query.db

    def rows(self, given: Mapping[str, object], merchant_id: int) -> Iterator[Any]:
        assert connection.in_atomic_block or not self._locks, "rows are locked in a transaction"
        with connection.cursor() as cursor:
            self._statement.run(cursor, given, merchant_id)
            answer = cursor.fetchall()
        for line in answer:
            row = self._converted(line)
            found = self._model.from_db(self._using, self._names, row[self._own])
            for populator in self._related:
                populator.populate(row, found)
            for name, at in self._annotations:
                setattr(found, name, row[at])
            yield found

    def _converted(self, line: tuple[Any, ...]) -> list[Any]:
        row = list(line)
        for at, (converters, column) in self._converters:
            for convert in converters:
                row[at] = convert(row[at], column, connection)
        return row
