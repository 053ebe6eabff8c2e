"""The overview, a page at a time: as quick over a million offers as over a thousand.

Keys are looked for first, by statements that read few rows; then the rows of one page. ranking.py says how, and
by_words.py where PostgreSQL looks for words. SQLite goes through the offers in their order until enough have the words.
"""

from datetime import datetime

from paygate.merchants.reach import Actor
from paygate.offers import trigrams
from paygate.offers.by_words import found_by_words
from paygate.offers.find import Search
from paygate.offers.models import Offer
from paygate.offers.ranking import Answer, Ranking
from paygate.places import MOST_COUNTED, Counted, Place
from paygate.tenants.planning import planned_for_its_values


class Overview:
    """What a search lets through. It is what `offers_of` says, which reads all of it."""

    model = Offer

    def __init__(self, by: Actor, search: Search, *, now: datetime) -> None:
        self._by, self._search, self._now = by, search, now
        self._counted: Counted | None = None

    def some(self, count: int, by: str, *, ascending: bool, beyond: Place | None = None) -> list[Offer]:
        """As many offers, by this column and the key; those after a place, or the first ones."""
        ranking = Ranking(self._by, self._search, by, ascending, beyond, self._now)
        with planned_for_its_values():
            keys, counted = _answered(ranking, count)
            found = Offer.objects.filter(pk__in=keys).select_related("terminal").order_by() if keys else []
            rows = {offer.pk: offer for offer in found}
        if beyond is None:
            self._counted = counted
        return [rows[key] for key in keys if key in rows]

    def counted(self) -> Counted:
        """How many there are."""
        if self._counted is None:
            self.some(51, "created_at", ascending=False)
        assert self._counted is not None, "the first ones are counted"
        return self._counted


def _answered(ranking: Ranking, count: int) -> Answer:
    if trigrams.are_there() and any(ranking.search.wanted()):
        return found_by_words(ranking, count)
    most = count if ranking.beyond else MOST_COUNTED + 1
    return ranking.answered(ranking.first(most, "id", ranking.column, with_words=True), count)
