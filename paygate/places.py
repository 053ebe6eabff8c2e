"""Lists that are read from a place on: where a page begins, and how far counting goes.

A place is the value of the column a list is sorted by, and the row's key. Both are compared together, so that an index
over both finds the place at once, however many rows have the same value.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, Value

Row = TypeVar("Row", bound=Model)

MOST_COUNTED: Final = 1000  # counting further would read the whole table for a number nobody needs


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in a list."""

    value: object
    key: object


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows a list has; only "more than `number`" where counting on would be too much work."""

    number: int
    more: bool = False

    @classmethod
    def up_to(cls, found: int) -> "Counted":
        """What is known after looking for one row more than is counted."""
        return cls(min(found, MOST_COUNTED), found > MOST_COUNTED)


class Readable(Protocol[Row]):
    """A list that can be read from a place on, in either direction."""

    @property
    def model(self) -> type[Row]:
        """What its rows are."""

    def some(self, count: int, by: str, *, ascending: bool, beyond: Place | None = None) -> list[Row]:
        """As many rows, by this column and the key; those after a place, or the first ones."""

    def counted(self) -> Counted:
        """How many rows there are, from its beginning to its end."""


class Beyond(Func):
    """Is a row beyond this place of a list by `column`: after it if the list ascends, before it if not?"""

    output_field = BooleanField()
    arg_joiner = ", "

    def __init__(self, model: type[Model], column: str, place: Place, *, ascending: bool) -> None:
        field = model._meta.get_field(column)
        assert isinstance(field, Field), "it is a column"
        super().__init__(F(column), F("pk"), Value(place.value, field), Value(place.key, model._meta.pk))
        self.side = ">" if ascending else "<"

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]  # a row
        """(column, key) on one side of (value, value)."""
        parts = [compiler.compile(part) for part in self.get_source_expressions()]
        one, two, three, four = (sql for sql, _params in parts)
        return f"({one}, {two}) {self.side} ({three}, {four})", [p for _sql, params in parts for p in params]


def in_order(by: str, *, ascending: bool) -> tuple[str, str]:
    """For `order_by`: the column, then the key."""
    return (by, "pk") if ascending else (f"-{by}", "-pk")


class AllOf(Readable[Row]):
    """The rows of a query as such a list."""

    def __init__(self, rows: QuerySet[Row]) -> None:
        self._rows = rows

    @property
    def model(self) -> type[Row]:
        """What its rows are."""
        return self._rows.model

    def some(self, count: int, by: str, *, ascending: bool, beyond: Place | None = None) -> list[Row]:
        """As many rows, by this column and the key; those after a place, or the first ones."""
        rows = self._rows
        if beyond is not None:
            rows = rows.filter(Beyond(rows.model, by, beyond, ascending=ascending))
        return list(rows.order_by(*in_order(by, ascending=ascending))[:count])

    def counted(self) -> Counted:
        """How many rows there are."""
        return Counted.up_to(self._rows.order_by()[: MOST_COUNTED + 1].count())
