"""An index of the groups of three bytes in offers' words, on PostgreSQL only (docs/decisions/0018).

Row-level security lets no index of its own table answer "contains". So a table beside the offers says which groups
each one has, as numbers. A number is made of a group, the merchant and the month in which the offer was made: whoever
looks for a merchant's groups finds that merchant's offers, month by month, and a number says nothing to whoever reads
it. What is found there is read from the offers themselves, behind their wall. A trigger keeps the table, whoever writes
an offer.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

Sql = tuple[str, list[Any]]


def are_there() -> bool:
    """Does this database have the index?"""
    return connection.vendor == "postgresql"


def months(merchant_id: int, *, ascending: bool, since: datetime | None = None) -> Sql:
    """The months in which the merchant made offers, one after the other, as a table `months` with a column `month`.

    From the first one on if they ascend, else from the last one back; or from the month of `since` on.
    """
    end = "(SELECT offers_month(created_at) FROM offers_offer WHERE merchant_id = %s ORDER BY created_at {} LIMIT 1)"
    oldest, newest = end.format("ASC"), end.format("DESC")
    begin, begin_params = (
        ("offers_month(%s)", since) if since else (oldest if ascending else newest, merchant_id)
    )
    last, step = (newest, 1) if ascending else (oldest, -1)
    return f"generate_series({begin}, {last}, {step}) AS months(month)", [begin_params, merchant_id]


def seen(merchant_id: int, wanted: Iterable[Sequence[str]]) -> Sql:
    """A SELECT of `offer_id` in the month `months.month`: each has, or seems to have, one of each of the alternatives.

    It seems to have a word where it has all groups of the word, though not in a row.
    """
    conditions, params = [], []
    for alternatives in wanted:
        one = "numbers @> offers_trigrams_of(%s::bigint, months.month, %s)"
        conditions.append(f"({' OR '.join([one] * len(alternatives))})")
        params += [value for words in alternatives for value in (merchant_id, words)]
    return f"SELECT offer_id FROM offers_trigrams WHERE {' AND '.join(conditions)}", params
