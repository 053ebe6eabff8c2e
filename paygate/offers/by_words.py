"""How offers are found by their words on PostgreSQL, so that neither rare nor frequent words make anybody wait.

Frequent words are soon met on the way through the offers in their order. Rare ones are found by the index of groups of
letters (trigrams.py), which says all offers of a month at once. Each way is tried as far as it is the shorter one.
"""

from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from paygate.offers import trigrams
from paygate.offers.find import offers_of
from paygate.offers.ranking import Answer, Ranking, Sql, answer_of, keys_of, select
from paygate.places import MOST_COUNTED, Counted, in_order

FIRST_ONES: Final = 1000  # looked through at once: that costs a millisecond
FEW: Final = 3000  # as many as the index knows can be read and put in order
FEW_IN_A_MONTH: Final = 1500  # with more, going through the month is quicker
MOST_FOUND: Final = 250  # so far, month by month, they are counted


def found_by_words(ranking: Ranking, count: int) -> Answer:
    """The first so many of those that have the words."""
    search = ranking.search
    narrowed = (
        ranking.states or search.terminal or search.sources or search.expires_from or search.expires_before
    )
    first = _on_the_way(ranking, count)
    if first is not None:
        return first
    if ranking.column == "created_at" and not narrowed:
        return _month_by_month(ranking, count)
    return _if_few(ranking, count) or _to_the_end(ranking, count)


def _on_the_way(ranking: Ranking, count: int) -> Answer | None:
    """Those among the first offers of the order; None if these are too few to show, and others follow."""
    each = FIRST_ONES // max(len(ranking.states), 1)  # of each state the first are read
    first, params = ranking.first(each, "id", ranking.column, "words")
    conditions, sought = [], []
    for alternatives in ranking.search.wanted():
        conditions.append(f"({' OR '.join(['words LIKE %s'] * len(alternatives))})")
        sought += [f"%{connection.ops.prep_for_like_query(words)}%" for words in alternatives]
    rows = answer_of(
        f"WITH first AS MATERIALIZED ({first}) SELECT id, count(*) OVER (), (SELECT count(*) FROM first)"
        f" FROM first WHERE {' AND '.join(conditions)} ORDER BY {ranking.order} LIMIT {count}",
        params + sought,
    )
    if not rows:
        return None
    _key, found, looked_at = rows[0]
    if looked_at < each:  # that were all
        return Answer(keys_of(rows), Counted.up_to(found))
    return Answer(keys_of(rows), _at_least(found)) if len(rows) == count else None


def _at_least(found: int) -> Counted:
    """More were not looked for."""
    return Counted(min((found - 1) // 50 * 50, MOST_COUNTED), more=True)


def _month_by_month(ranking: Ranking, count: int) -> Answer:
    """Those of one month after the other, whose order is the order asked for, until they are enough.

    In a month of which the index knows few, they are looked up; one of which it knows many is gone through.
    """
    since = ranking.beyond.value if ranking.beyond else None
    assert since is None or isinstance(since, datetime), "it is a moment, as the order's column"
    merchant_id, most = ranking.by.merchant_id, max(count, MOST_FOUND + 1)
    months, params = trigrams.months(merchant_id, ascending=ranking.ascending, since=since)
    seen, seen_params = trigrams.seen(merchant_id, ranking.search.wanted())
    one, one_params = _one_of_them(ranking)
    few = f"unnest(ids) seen(offer_id) CROSS JOIN LATERAL ({one}) one WHERE cardinality(ids) <= {FEW_IN_A_MONTH}"
    through, through_params = _through_the_month(ranking, most)
    known = f"SELECT array_agg(offer_id) AS ids FROM ({seen} LIMIT {FEW_IN_A_MONTH + 1}) known"
    of_month = f"(SELECT one.* FROM {few} ORDER BY {ranking.order} LIMIT {most}) UNION ALL ({through})"
    each_month = f"{months} CROSS JOIN LATERAL ({known}) known CROSS JOIN LATERAL ({of_month}) found"
    sql = f"SELECT id, created_at FROM {each_month} LIMIT {most}"
    params += seen_params + one_params + through_params
    rows = answer_of(
        f"SELECT id, count(*) OVER () FROM ({sql}) ranked ORDER BY {ranking.order} LIMIT {count}", params
    )
    found = rows[0][1] if rows else 0
    return Answer(keys_of(rows), Counted(found) if found < most else _at_least(found))


def _through_the_month(ranking: Ranking, limit: int) -> Sql:
    """A SELECT of those in `months.month`, in their order, if the index knows too many."""
    many = RawSQL(f"cardinality(ids) > {FEW_IN_A_MONTH}", [], output_field=BooleanField())
    passing = ranking.after_place(offers_of(ranking.by, ranking.search, now=ranking.now)).filter(
        many,
        created_at__gte=RawSQL("offers_month_begins(month)", []),
        created_at__lt=RawSQL("offers_month_begins(month + 1)", []),
    )
    ordered = passing.order_by(*in_order("created_at", ascending=ranking.ascending))
    return select(ordered[:limit], "id", "created_at")


def _if_few(ranking: Ranking, count: int) -> Answer | None:
    """All that the index knows, put in order; None if these are many."""
    months, params = trigrams.months(ranking.by.merchant_id, ascending=False)
    seen, seen_params = trigrams.seen(ranking.by.merchant_id, ranking.search.wanted())
    one, one_params = _one_of_them(ranking)
    known = f"SELECT known.offer_id FROM {months} CROSS JOIN LATERAL ({seen}) known LIMIT {FEW + 1}"
    passing = f"SELECT one.* FROM seen CROSS JOIN LATERAL ({one}) one WHERE many <= {FEW}"
    rows = answer_of(
        f"WITH seen AS MATERIALIZED ({known}), number AS (SELECT count(*) AS many FROM seen)"
        f" SELECT id, count(id) OVER (), many FROM number LEFT JOIN LATERAL ({passing}) passing ON true"
        f" ORDER BY {ranking.order} LIMIT {count}",
        params + seen_params + one_params,
    )
    _key, found, many = rows[0]
    return None if many > FEW else Answer(keys_of(rows if found else []), Counted.up_to(found))


def _to_the_end(ranking: Ranking, count: int) -> Answer:
    """Those on the whole way through the order, until they are enough."""
    ranked, params = ranking.first(count, "id", ranking.column, with_words=True)
    keys = keys_of(answer_of(ranked, params))
    return Answer(keys, Counted(len(keys)) if len(keys) < count else _at_least(len(keys)))


def _one_of_them(ranking: Ranking) -> Sql:
    """A SELECT of the offer named by `seen.offer_id`, if it passes. OFFSET keeps the planner to looking each one up."""
    passing = ranking.after_place(offers_of(ranking.by, ranking.search, now=ranking.now))
    sql, params = select(passing.filter(pk=RawSQL("seen.offer_id", [])).order_by(), "id", ranking.column)
    return f"{sql} OFFSET 0", params
