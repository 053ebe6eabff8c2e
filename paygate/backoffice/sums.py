"""How many and how much, for pages: nothing is counted or added up without a bound, however much there is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import BigIntegerField, Case, Count, F, QuerySet, Sum, When

from paygate.backoffice.pages import total_of
from paygate.journal.models import BookingPeriod, Kind, Movement
from paygate.journal.states import PeriodState
from paygate.money.amount import Money
from paygate.places import MOST_COUNTED, Counted

MOST_BOOKED: Final = 10_000  # lines of open batches that are added up: more than a busy day has


# What is paid back is taken off the total, as the acquirer does (`batch_request`).
_EARNED: Final = Case(
    When(kind=Kind.REFUND, then=-F("amount_minor")),
    default=F("amount_minor"),
    output_field=BigIntegerField(),
)


@dataclass(frozen=True, slots=True)
class Sums:
    """How many, and what they add up to in each currency (safety.md MO-4); no sums where there are too many."""

    counted: Counted
    totals: list[Money] = field(default_factory=list)

    @property
    def told(self) -> str:
        """How many, in words."""
        return total_of(self.counted)

    @property
    def number(self) -> int:
        """For choosing between singular and plural, and for knowing whether there is anything."""
        return self.counted.number


def sums_of(rows: QuerySet[Any]) -> Sums:
    """Of offers or payments; `rows` are in an order that an index has, so that only so many are read."""
    found = list(rows.values_list("currency", "amount_minor")[: MOST_COUNTED + 1])
    counted = Counted.up_to(len(found))
    return Sums(counted) if counted.more else Sums(counted, _added_up(found))


def contents_of(periods: Iterable[BookingPeriod]) -> dict[int, Sums]:
    """What batches hold, by their keys: of those that are closed as it was frozen, of open ones in one question."""
    contents = {
        one.pk: Sums(Counted(one.line_count), _added_up(one.totals.items()))
        for one in periods
        if one.state != PeriodState.OPEN
    }
    return contents | _booked([one.pk for one in periods if one.state == PeriodState.OPEN])


def _booked(periods: list[int]) -> dict[int, Sums]:
    lines = Movement.objects.filter(period__in=periods).order_by("period_id", "pk")
    read = Movement.objects.filter(pk__in=lines.values("pk")[: MOST_BOOKED + 1])
    rows = list(
        read.order_by("currency")
        .values_list("period_id", "currency")
        .annotate(lines=Count("pk"), sum=Sum(_EARNED))
    )
    numbers: Counter[int] = Counter()
    for period_id, _currency, count, _sum in rows:
        numbers[period_id] += count
    # With more lines than are read, the last batch that was reached is not complete, nor are those behind it.
    complete = max(numbers) if numbers.total() > MOST_BOOKED else float("inf")
    return {
        one: Sums(
            Counted(numbers[one]), [Money(minor, code) for key, code, _count, minor in rows if key == one]
        )
        if one < complete
        else Sums(Counted(numbers[one], more=True))
        for one in periods
    }


def _added_up(amounts: Iterable[tuple[str, int]]) -> list[Money]:
    sums: Counter[str] = Counter()
    for currency, minor in amounts:
        sums[currency] += minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]
