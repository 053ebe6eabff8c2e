"""Queries that are put into SQL once in each process, and run with other values ever after.

To make SQL of a query takes Django several times as long as the database needs for its answer. The few queries that
every payment makes are kept here as Django made them; only their values change. What is kept says the same as the
query it was made of (tests/tenants/test_kept.py), and sees the merchant in context and nobody else (safety.md TN-3).
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, Generic, TypeVar

from django.db import connection, models
from django.db.models.query import get_related_populators

from paygate.tenants.context import EVERY_TENANT, NoTenant, across_tenants, current, within
from paygate.tenants.owned import TenantOwned

Row = TypeVar("Row", bound=TenantOwned)

_SOMEBODY: Final = (
    -715_517
)  # stands for the merchant in context in SQL that is kept; no merchant has this number


class Given(models.Expression):
    """A value of a kept query that is told each time it is run: it is one of this field."""

    def __init__(self, name: str, field: "models.Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]  # itself
        return "%s", [self]


class Kept(Generic[Row]):
    """A query with `Given` values. It may follow references and lock rows; it prefetches nothing."""

    def __init__(self, build: Callable[[], models.QuerySet[Row]]) -> None:
        self._build = build
        self._made: dict[bool, _Made] = {}

    def get(self, **given: object) -> Row:
        """The one row. Raises the model's `DoesNotExist`."""
        row = self.first(**given)
        if row is None:
            raise self._build().model.DoesNotExist
        return row

    def first(self, **given: object) -> Row | None:
        """The first row, or None."""
        return next(self._run(given), None)

    def all(self, **given: object) -> list[Row]:
        """Every row."""
        return list(self._run(given))

    def _run(self, given: dict[str, object]) -> Iterator[Row]:
        merchant_id = current()
        if merchant_id is None:
            raise NoTenant("a kept query was run without a merchant in context")
        everybody = merchant_id == EVERY_TENANT
        made = self._made.get(everybody)
        if made is None:
            with across_tenants() if everybody else within(_SOMEBODY):
                made = self._made[everybody] = _Made(self._build())
        return made.rows(given, merchant_id)


class _Made:
    """What Django made of a query: its SQL, and how rows become objects."""

    def __init__(self, query: models.QuerySet[Any]) -> None:
        compiler = query.query.get_compiler(connection=connection)
        self._locks = query.query.select_for_update
        self._sql, self._params = compiler.as_sql()
        info = compiler.klass_info
        assert info is not None, "a kept query reads rows"
        self._model = info["model"]
        own = info["select_fields"]
        self._own = slice(own[0], own[-1] + 1)
        self._names = [column[0].target.attname for column in compiler.select[self._own]]
        self._related = get_related_populators(info, compiler.select, query.db)  # type: ignore[call-arg]  # the stubs know a later Django
        self._annotations = list((compiler.annotation_col_map or {}).items())
        converters = compiler.get_converters([column[0] for column in compiler.select])
        self._converters = list(converters.items())
        self._using = query.db

    def rows(self, given: dict[str, object], merchant_id: int) -> Iterator[Any]:
        assert connection.in_atomic_block or not self._locks, "rows are locked in a transaction"
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [_value(one, given, merchant_id) for one in self._params])
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


def _value(param: object, given: dict[str, object], merchant_id: int) -> Any:
    if isinstance(param, Given):
        return param.output_field.get_db_prep_value(given[param.name], connection, prepared=False)
    return merchant_id if param == _SOMEBODY else param
