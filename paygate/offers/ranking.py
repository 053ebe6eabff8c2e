"""Which offers come first in an order, by SQL that reads few rows of an index whatever the planner believes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from paygate.merchants.reach import Actor
from paygate.offers.find import Search, having_words, in_any_state
from paygate.offers.models import Offer
from paygate.offers.states import OfferState
from paygate.places import Beyond, Counted, Place, in_order

MOST_LAPSED: Final = 10_000  # past their deadline and not yet marked so, which a job does every minute

Sql = tuple[str, list[Any]]


class Answer(NamedTuple):
    """Keys of the first rows, and how many there are from where the question begins."""

    keys: list[UUID]
    counted: Counted


@dataclass(frozen=True, slots=True)
class Ranking:
    """The offers that pass the filters, in the order of a column and the key, from a place on if one is given."""

    by: Actor
    search: Search
    column: str
    ascending: bool
    beyond: Place | None
    now: datetime

    @property
    def order(self) -> str:
        """For ORDER BY."""
        way = "" if self.ascending else " DESC"
        return f"{self.column}{way}, id{way}"

    @property
    def states(self) -> list[str]:
        """Those it is narrowed to; none if any will do."""
        states = list(dict.fromkeys(self.search.states))
        return [] if set(states) >= set(OfferState) else states

    def after_place(self, rows: QuerySet[Offer]) -> QuerySet[Offer]:
        """Those from the place on."""
        if self.beyond is None:
            return rows
        return rows.filter(Beyond(Offer, self.column, self.beyond, ascending=self.ascending))

    def first(self, limit: int, *columns: str, with_words: bool = False) -> Sql:
        """A SELECT of the first so many; of several states, the first of each are merged."""
        parts = list(self._parts(limit, columns, with_words))
        if len(parts) == 1:
            return parts[0]
        union = " UNION ALL ".join(f"SELECT * FROM ({sql}) part{n}" for n, (sql, _) in enumerate(parts))
        merged = f"SELECT {', '.join(columns)} FROM ({union}) parts ORDER BY {self.order} LIMIT {limit}"
        return merged, [value for _, params in parts for value in params]

    def _parts(self, limit: int, columns: tuple[str, ...], with_words: bool) -> Iterator[Sql]:
        """For each state its first offers, by an index that begins with the state and goes on in the order."""
        rows = self.after_place(in_any_state(self.by, self.search))
        if with_words:
            rows = having_words(rows, self.search)
        if self.search.expires_before and self.column == "created_at":
            # An offer ends after it was made: whatever is younger need not be looked at.
            rows = rows.filter(created_at__lt=self.search.expires_before)
        ordered = rows.order_by(*in_order(self.column, ascending=self.ascending))
        if not self.states:
            yield select(ordered[:limit], *columns)
        for state in self.states:
            if state == OfferState.OPEN and OfferState.EXPIRED not in self.states:
                yield self._before_deadline(ordered.filter(state=OfferState.OPEN), limit, columns)
            else:
                yield select(ordered.filter(state=state)[:limit], *columns)
        if OfferState.EXPIRED in self.states and OfferState.OPEN not in self.states:
            yield self._lapsed(rows.filter(state=OfferState.OPEN), limit, columns)

    def _before_deadline(self, ordered: QuerySet[Offer], limit: int, columns: tuple[str, ...]) -> Sql:
        """Of open offers nearly all are. The planner does not know, so it is kept to the index of the order."""
        if self.column == "expires_at":
            return select(ordered.filter(expires_at__gt=self.now)[:limit], *columns)
        sql, params = select(ordered, *columns, "expires_at")
        all_of_them = "OFFSET 0" if connection.vendor == "postgresql" else "LIMIT -1"
        open_ones = f"SELECT {', '.join(columns)} FROM ({sql} {all_of_them}) open"
        deadline = connection.ops.adapt_datetimefield_value(self.now)
        return f"{open_ones} WHERE expires_at > %s LIMIT {limit}", [*params, deadline]

    def _lapsed(self, open_ones: QuerySet[Offer], limit: int, columns: tuple[str, ...]) -> Sql:
        """Of open offers hardly any are; they are found by their deadline, and then put in order."""
        lapsed = open_ones.filter(expires_at__lte=self.now).order_by("expires_at")[:MOST_LAPSED]
        sql, params = select(lapsed, *columns)
        return f"SELECT * FROM ({sql}) lapsed ORDER BY {self.order} LIMIT {limit}", params

    def answered(self, ranked: Sql, count: int) -> Answer:
        """The first so many keys of a SELECT of `id` and the column, and how many rows it has."""
        sql, params = ranked
        kept = f"SELECT id, count(*) OVER () FROM ({sql}) ranked ORDER BY {self.order} LIMIT {count}"
        rows = answer_of(kept, params)
        return Answer(keys_of(rows), Counted.up_to(rows[0][1] if rows else 0))


def select(rows: QuerySet[Offer], *columns: str) -> Sql:
    """The SQL of a query for these columns."""
    sql, params = rows.values_list(*columns).query.sql_with_params()
    return sql, list(params)


def answer_of(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    """What the database says."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def keys_of(rows: list[tuple[Any, ...]]) -> list[UUID]:
    """The first column. SQLite has no UUIDs and says them in hexadecimal."""
    return [row[0] if isinstance(row[0], UUID) else UUID(row[0]) for row in rows]
