"""When a link takes payments, and how many (SPG-MUL-01; issue 5, point 9)."""

from datetime import timedelta

import pytest
from django.db import transaction

from paygate.links.models import LinkTotal
from paygate.links.payable import (
    LinkClosed,
    WhyClosed,
    count_paid,
    hold,
    left_of,
    let_go,
    totals_of,
    why_closed,
)
from tests.at_once import at_once, refused
from tests.make.books import NOON
from tests.make.links import a_link
from tests.make.money import chf, eur

DAY = timedelta(days=1)


def why(link, now=NOON) -> WhyClosed | None:
    return why_closed(link, totals_of(link), now=now)


def counted(link) -> list[tuple[int, int, int, int]]:
    return [(one.payments, one.sum_minor, one.held, one.held_minor) for one in totals_of(link)]


def test_a_link_without_limits_is_open(anna):
    """SPG-MUL-01, 03: valid for several payments, without anything to do before each."""
    link = a_link(anna.terminal)
    for _ in range(5):
        hold(link.pk, chf(10))
        count_paid(link.pk, chf(10))

    assert why(link) is None
    assert counted(link) == [(5, 5000, 0, 0)]


def test_it_opens_when_it_begins_and_closes_when_it_ends(anna):
    link = a_link(anna.terminal, begins_at=NOON, ends_at=NOON + DAY, now=NOON - DAY)

    second = timedelta(seconds=1)
    assert why(link, NOON - second) == WhyClosed.NOT_BEGUN
    assert why(link, NOON) is None
    assert why(link, NOON + DAY - second) is None
    assert why(link, NOON + DAY) == WhyClosed.ENDED


def test_a_place_is_taken_held_and_paid_or_let_go(anna):
    link = a_link(anna.terminal, most_payments=2)

    hold(link.pk, chf(10))
    hold(link.pk, chf(15))
    assert why(link) == WhyClosed.ALL_TAKEN
    with pytest.raises(LinkClosed):
        hold(link.pk, chf(1))
    let_go(link.pk, chf(15))
    assert why(link) is None
    count_paid(link.pk, chf(10))
    hold(link.pk, chf(5))
    count_paid(link.pk, chf(5))

    assert why(link) == WhyClosed.USED_UP
    assert counted(link) == [(2, 1500, 0, 0)]


def test_no_more_than_the_most_in_total_is_taken(anna):
    link = a_link(anna.terminal, most_total=chf(100))
    hold(link.pk, chf(60))

    assert left_of(link, totals_of(link)) == chf(40)
    with pytest.raises(LinkClosed):
        hold(link.pk, chf("40.01"))
    hold(link.pk, chf(40))

    assert why(link) == WhyClosed.ALL_TAKEN


def test_what_is_left_is_too_little_for_one_more(anna):
    fixed = a_link(anna.terminal, most_total=chf(100), amount=chf(30))
    free = a_link(anna.terminal, most_total=chf(100), smallest=chf(30))
    for link in (fixed, free):
        for _ in range(3):
            hold(link.pk, chf(30))
            count_paid(link.pk, chf(30))

        assert why(link) == WhyClosed.USED_UP


def test_each_currency_is_counted_by_itself(anna):
    """safety.md MO-4."""
    link = a_link(anna.terminal)
    for amount in (chf(10), eur(7), chf(5)):
        hold(link.pk, amount)
        count_paid(link.pk, amount)

    assert [(one.currency, one.payments, one.sum) for one in totals_of(link)] == [
        ("CHF", 2, chf(15)),
        ("EUR", 1, eur(7)),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "limit", [{"most_payments": 3}, {"most_total": chf(30)}, {"most_total": chf("39.99")}]
)
def test_a_limit_holds_when_many_take_the_last_places_at_once(transactional_db, anna, limit):
    link = a_link(anna.terminal, **limit)

    def take() -> None:
        with transaction.atomic():
            hold(link.pk, chf(10))

    outcomes = at_once(*[take] * 8)

    assert refused(outcomes, LinkClosed) == 5
    assert counted(link) == [(0, 0, 3, 3000)]


@pytest.mark.django_db(transaction=True)
def test_payments_at_once_are_all_counted(transactional_db, anna):
    link = a_link(anna.terminal)

    def pay() -> None:
        with transaction.atomic():
            hold(link.pk, chf(10))
        with transaction.atomic():
            count_paid(link.pk, chf(10))

    refused(at_once(*[pay] * 10), LinkClosed)

    assert counted(link) == [(10, 10000, 0, 0)]
    assert LinkTotal.objects.count() == 1
