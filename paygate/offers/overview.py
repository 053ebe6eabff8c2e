"""The overview, a page at a time: as quick over a million offers as over a thousand.

Keys are looked for first, by statements that read few rows whatever the planner believes; then the rows of one page.
Where words are looked for, PostgreSQL goes through the first offers of the order, where frequent words are soon found.
Only then it asks the index of groups of letters, where rare words are. SQLite goes through the offers until it has
enough.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from paygate.merchants.reach import Actor
from paygate.offers import trigrams
from paygate.offers.find import Search, having_words, in_any_state, offers_of
from paygate.offers.models import Offer
from paygate.offers.states import OfferState
from paygate.places import MOST_COUNTED, Beyond, Counted, Place, in_order
from paygate.tenants.planning import planned_for_its_values

LOOKED_THROUGH: Final = 8000  # offers of the order, before the index is asked: about as dear as asking it
MOST_LAPSED: Final = 10_000  # past their deadline and not yet marked so, which a job does every minute

Sql = tuple[str, list[Any]]


class Overview:
    """What a search lets through. It is what `offers_of` says, which reads all of it."""

    model = Offer

    def __init__(self, by: Actor, search: Search, *, now: datetime) -> None:
        self._by, self._search, self._now = by, search, now
        self._counted: Counted | None = None

    def some(self, count: int, by: str, *, ascending: bool, beyond: Place | None = None) -> list[Offer]:
        """As many offers, by this column and the key; those after a place, or the first ones."""
        question = _Question(self._by, self._search, by, ascending, beyond, self._now)
        with planned_for_its_values():
            keys, counted = question.answered(count)
            found = Offer.objects.filter(pk__in=keys).select_related("terminal").order_by() if keys else []
            rows = {offer.pk: offer for offer in found}
        if beyond is None:
            self._counted = counted
        return [rows[key] for key in keys if key in rows]

    def counted(self) -> Counted:
        """How many there are."""
        if self._counted is None:
            self.some(1, "created_at", ascending=False)
        assert self._counted is not None, "the first ones are counted"
        return self._counted


class _Answer(NamedTuple):
    keys: list[UUID]  # of the first rows
    counted: Counted  # how many rows there are from where it begins


@dataclass(frozen=True, slots=True)
class _Question:
    """Which offers come first, or first after a place?"""

    by: Actor
    search: Search
    column: str
    ascending: bool
    beyond: Place | None
    now: datetime

    def answered(self, count: int) -> _Answer:
        """The first so many keys, and how many rows there are."""
        most = count if self.beyond else MOST_COUNTED + 1
        if not (trigrams.are_there() and any(self.search.wanted())):
            return self._all_of(self._ranked(most, "id", self.column), count)
        return self._looked_through(count) or self._all_of(self._by_trigrams(most), count)

    def _all_of(self, ranked: Sql, count: int) -> _Answer:
        sql, params = ranked
        rows = _rows(
            f"SELECT id, count(*) OVER () FROM ({sql}) ranked ORDER BY {self._order} LIMIT {count}", params
        )
        return _Answer(_keys(rows), Counted.up_to(rows[0][1] if rows else 0))

    def _looked_through(self, count: int) -> _Answer | None:
        """What the first offers have of these words; None if that is too little."""
        looked_through = LOOKED_THROUGH // max(len(self._states), 1)  # the first of each state are read
        first, params = self._ranked(looked_through, "id", self.column, "words")
        conditions, sought = [], []
        for alternatives in self.search.wanted():
            conditions.append("(" + " OR ".join(["words LIKE %s"] * len(alternatives)) + ")")
            sought += [f"%{connection.ops.prep_for_like_query(words)}%" for words in alternatives]
        rows = _rows(
            f"WITH seen AS MATERIALIZED ({first}) SELECT id, count(*) OVER (), (SELECT count(*) FROM seen)"
            f" FROM seen WHERE {' AND '.join(conditions)} ORDER BY {self._order} LIMIT {count}",
            params + sought,
        )
        if not rows:
            return None
        _key, found, seen = rows[0]
        if seen < looked_through:  # those were all
            return _Answer(_keys(rows), Counted.up_to(found))
        if len(rows) < count:
            return None
        return _Answer(_keys(rows), Counted(min((found - 1) // 50 * 50, MOST_COUNTED), more=True))

    def _by_trigrams(self, limit: int) -> Sql:
        """The first of those that the index names. It reads each of them, and nothing else."""
        seen, seen_params = trigrams.seen(self.by.merchant_id, self.search.wanted())
        named = self._after_place(offers_of(self.by, self.search, now=self.now))
        one, params = _sql(named.filter(pk=RawSQL("seen.offer_id", [])).order_by(), "id", self.column)
        # OFFSET keeps the planner from beginning anywhere else than at the index.
        each = f"({seen}) seen CROSS JOIN LATERAL ({one} OFFSET 0) found"
        sql = f"SELECT found.id, found.{self.column} FROM {each} ORDER BY {self._order} LIMIT {limit}"
        return sql, seen_params + params

    def _ranked(self, limit: int, *columns: str) -> Sql:
        """The first of all offers in these states; of several states, the first of each are merged."""
        parts = list(self._parts(limit, columns))
        if len(parts) == 1:
            return parts[0]
        union = " UNION ALL ".join(f"SELECT * FROM ({sql}) part{n}" for n, (sql, _) in enumerate(parts))
        merged = f"SELECT {', '.join(columns)} FROM ({union}) parts ORDER BY {self._order} LIMIT {limit}"
        return merged, [value for _, params in parts for value in params]

    def _parts(self, limit: int, columns: tuple[str, ...]) -> Iterator[Sql]:
        """For each state its first offers, by an index that begins with the state and goes on in the order."""
        rows = self._after_place(in_any_state(self.by, self.search))
        if not trigrams.are_there():
            rows = having_words(rows, self.search)
        if self.search.expires_before and self.column == "created_at":
            # An offer ends after it was made: whatever is younger need not be looked at.
            rows = rows.filter(created_at__lt=self.search.expires_before)
        ordered = rows.order_by(*in_order(self.column, ascending=self.ascending))
        if not self._states:
            yield _sql(ordered[:limit], *columns)
        for state in self._states:
            if state == OfferState.OPEN and OfferState.EXPIRED not in self._states:
                yield self._before_deadline(ordered.filter(state=OfferState.OPEN), limit, columns)
            else:
                yield _sql(ordered.filter(state=state)[:limit], *columns)
        if OfferState.EXPIRED in self._states and OfferState.OPEN not in self._states:
            yield self._lapsed(rows.filter(state=OfferState.OPEN), limit, columns)

    def _before_deadline(self, ordered: QuerySet[Offer], limit: int, columns: tuple[str, ...]) -> Sql:
        """Of open offers nearly all are. The planner does not know, so it is kept to the index of the order."""
        if self.column == "expires_at":
            return _sql(ordered.filter(expires_at__gt=self.now)[:limit], *columns)
        sql, params = _sql(ordered, *columns, "expires_at")
        all_of_them = "OFFSET 0" if connection.vendor == "postgresql" else "LIMIT -1"
        names, deadline = ", ".join(columns), connection.ops.adapt_datetimefield_value(self.now)
        return (
            f"SELECT {names} FROM ({sql} {all_of_them}) open WHERE expires_at > %s LIMIT {limit}",
            [*params, deadline],
        )

    def _lapsed(self, open_ones: QuerySet[Offer], limit: int, columns: tuple[str, ...]) -> Sql:
        """Of open offers hardly any are; they are found by their deadline, and then put in order."""
        lapsed = open_ones.filter(expires_at__lte=self.now).order_by("expires_at")[:MOST_LAPSED]
        sql, params = _sql(lapsed, *columns)
        return f"SELECT * FROM ({sql}) lapsed ORDER BY {self._order} LIMIT {limit}", params

    def _after_place(self, rows: QuerySet[Offer]) -> QuerySet[Offer]:
        if self.beyond is None:
            return rows
        return rows.filter(Beyond(Offer, self.column, self.beyond, ascending=self.ascending))

    @property
    def _states(self) -> list[str]:
        """Those it is narrowed to; none if any will do."""
        states = list(dict.fromkeys(self.search.states))
        return [] if set(states) >= set(OfferState) else states

    @property
    def _order(self) -> str:
        way = "" if self.ascending else " DESC"
        return f"{self.column}{way}, id{way}"


def _sql(rows: QuerySet[Offer], *columns: str) -> Sql:
    sql, params = rows.values_list(*columns).query.sql_with_params()
    return sql, list(params)


def _rows(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _keys(rows: list[tuple[Any, ...]]) -> list[UUID]:
    """SQLite has no UUIDs and says them in hexadecimal."""
    return [row[0] if isinstance(row[0], UUID) else UUID(row[0]) for row in rows]
