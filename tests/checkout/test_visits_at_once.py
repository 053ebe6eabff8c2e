"""Visits to one multi-use link at the same moment, on both databases: references and windows (SPG-MUF-19, LK-4)."""

import secrets
from functools import partial
from itertools import chain, repeat

import pytest

from paygate.checkout.asking import Details
from paygate.checkout.models import Session
from paygate.checkout.visits import Given, begin_visit
from paygate.links.models import Link
from tests.at_once import at_once, refused
from tests.make.books import NOON
from tests.make.links import a_link
from tests.make.money import chf

pytestmark = pytest.mark.django_db(transaction=True)

THREADS, EACH = 8, 125


@pytest.fixture
def link(transactional_db, anna) -> Link:
    made = a_link(anna.terminal, reference_prefix="ROOF-", now=NOON)
    return Link.objects.select_related("terminal", "merchant").get(pk=made.pk)


def visit(link: Link, browser: str, amount=None) -> Session:
    given = Given(amount or chf(5), Details(f"{browser}@example.org"))
    return begin_visit(link, given, browser=browser, now=NOON)


def test_a_thousand_payments_at_once_have_a_thousand_references(link):
    """Issue 5, point 9: at most 80 characters, and only those that the wire takes."""

    def payers(thread: int) -> None:
        for number in range(EACH):
            visit(link, f"{thread}-{number}")

    assert refused(at_once(*[partial(payers, thread) for thread in range(THREADS)]), ValueError) == 0

    references = set(Session.objects.values_list("reference", flat=True))
    assert len(references) == THREADS * EACH == 1000
    assert all(len(reference) <= 50 for reference in references)
    assert set("".join(references)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:_-")


def test_a_reference_that_somebody_has_is_drawn_again(link, monkeypatch):
    """The database refuses the second one, and the payer notices nothing."""
    signs = chain(repeat("K", 20), repeat("M"))
    monkeypatch.setattr(secrets, "choice", lambda _of: next(signs))

    first, second = visit(link, "a"), visit(link, "b")

    assert (first.reference, second.reference) == ("ROOF-KKKKK-KKKKK", "ROOF-MMMMM-MMMMM")


def test_two_windows_of_one_browser_open_one_visit(link):
    outcomes = at_once(*[partial(visit, link, "a", chf(amount)) for amount in (5, 6, 7, 8)])

    assert refused(outcomes, ValueError) == 0
    assert len({outcome.pk for outcome in outcomes}) == 1
    assert Session.objects.get().amount in [chf(amount) for amount in (5, 6, 7, 8)]
