"""An index of the groups of three letters in offers' words, on PostgreSQL only (docs/decisions/0018).

Row-level security lets no index of its own table answer "contains". So a table beside the offers says which groups each
one has, as numbers. Each number is made of a group and of the merchant: a merchant's numbers are found among that
merchant's only, and say nothing to whoever reads them. What is found there is read from the offers themselves, behind
their wall. A trigger keeps the table, whoever writes an offer.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection


def are_there() -> bool:
    """Does this database have the index?"""
    return connection.vendor == "postgresql"


def seen(merchant_id: int, alternatives: Iterable[Sequence[str]]) -> tuple[str, list[Any]]:
    """SQL and parameters of a SELECT of `offer_id`: each row holds one of each of the alternatives, or seems to.

    What is told apart by less than three letters in a row seems to be there where all its groups are.
    """
    conditions, params = [], []
    for texts in alternatives:
        conditions.append(
            "(" + " OR ".join(["numbers @> offers_trigrams_of(%s::bigint, %s)"] * len(texts)) + ")"
        )
        params += [value for text in texts for value in (merchant_id, text)]
    return f"SELECT offer_id FROM offers_trigrams WHERE {' AND '.join(conditions)}", params
