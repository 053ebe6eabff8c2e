"""The overview, page by page, says what the plain query says (SPG-OVW), whichever way it takes to find it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from paygate.money.amount import Money
from paygate.offers.change import change_offer, terms_of
from paygate.offers.find import Search, offers_of
from paygate.offers.models import ORDERS, Offer
from paygate.offers.overview import Overview
from paygate.offers.states import OfferState
from paygate.places import Counted, Place, in_order
from tests.cast import Person, a_terminal
from tests.make.books import NOON
from tests.make.offers import offer as an_offer

DAY = timedelta(days=1)
TEXTS = ["Doppelzimmer", "Zürich, am See", "Suite No. 7", "Room", "Dinner for 2"]
ON_POSTGRESQL = pytest.mark.on_postgresql
NAMES = {"member:1": "Beat Müller", "member:2": "Anna Amstad"}


@pytest.fixture
def stock(anna, carla) -> Person:
    """120 offers of all kinds, and as many of somebody else."""
    chance, bar = Random(4711), a_terminal(anna.merchant, "17000012", "Bar")
    for terminal in (carla.terminal, anna.terminal):
        for number in range(120):
            an_offer(
                chance.choice([terminal, bar]) if terminal == anna.terminal else terminal,
                Money(chance.choice([4990, 4990, 100, 12345]), "CHF"),
                now=NOON + number // 3 * DAY,
                expires_at=NOON + (number // 3 + chance.choice([1, 14, 90])) * DAY,
                reference=chance.choice(["", "2026-0412", f"R_{number % 9}"]),
                description=chance.choice(TEXTS),
                payer_email=chance.choice(["", "max@example.org"]),
            )
    for offer in Offer.objects.all():
        state = chance.choice([OfferState.OPEN, OfferState.OPEN, OfferState.EXPIRED, OfferState.DISABLED])
        source = chance.choice(["BACKOFFICE", "BACKOFFICE", "API"])
        words = offer.words.replace("@system", f"@{chance.choice(list(NAMES))}")
        Offer.objects.filter(pk=offer.pk).update(state=state, source=source, words=words)
    return Person(anna.member, anna.terminal)


def searches() -> Iterator[Search]:
    """Filters and words, alone and together."""
    for text in (
        "",
        "zimmer",
        "ZURICH",
        "2026-0412",
        "max@",
        "2",
        "s",
        "xyz",
        "e e",
        "room max",
        "beat",
        "-",
    ):
        yield Search(text=text, names=NAMES)
    for states in (
        ("OPEN",),
        ("EXPIRED",),
        ("OPEN", "EXPIRED"),
        ("PAID",),
        ("DISABLED", "EXPIRED"),
        tuple(OfferState),
    ):
        yield Search(states=states)
        yield Search(states=states, text="room", terminal="17000012")
    yield Search(terminal="17000012")
    yield Search(terminal="17999999")
    yield Search(sources=("API",))
    yield Search(sources=("API", "UPLOAD"), states=("OPEN",), text="max")
    yield Search(expires_from=NOON + 20 * DAY, expires_before=NOON + 40 * DAY)
    yield Search(expires_before=NOON + 10 * DAY, text="suite")


@pytest.mark.parametrize(
    "tried",
    [
        pytest.param({}, id="as far as the product tries"),
        pytest.param({"FIRST_ONES": 10}, id="the index as soon as may be", marks=ON_POSTGRESQL),
        pytest.param(
            {"FIRST_ONES": 10, "FEW": 5, "FEW_IN_A_MONTH": 5}, id="seldom the index", marks=ON_POSTGRESQL
        ),
    ],
)
def test_every_search_in_every_order_gives_what_the_plain_query_gives(stock, monkeypatch, tried):
    for name, value in tried.items():
        monkeypatch.setattr(f"paygate.offers.by_words.{name}", value)
    now = NOON + 30 * DAY

    for search in searches():
        for column in ORDERS.values():
            for ascending in (True, False) if column == "created_at" else (column == "amount_minor",):
                overview = Overview(stock.actor, search, now=now)
                whole = offers_of(stock.actor, search, now=now)
                wanted = [one.pk for one in whole.order_by(*in_order(column, ascending=ascending))]

                seen = read_through(overview, column, ascending=ascending)

                assert [one.pk for one in seen] == wanted, (search, column)
                assert says(overview.counted(), len(wanted)), (search, overview.counted())


def read_through(overview: Overview, column: str, *, ascending: bool) -> list[Offer]:
    """Page by page to the end."""
    seen = rows = overview.some(20, column, ascending=ascending)
    while len(rows) == 20:
        place = Place(getattr(rows[-1], column), rows[-1].pk)
        rows = overview.some(20, column, ascending=ascending, beyond=place)
        seen = [*seen, *rows]
    return seen


def says(counted: Counted, number: int) -> bool:
    """Exactly, or less than there are."""
    return counted.number < number if counted.more else counted.number == number


def test_what_is_found_often_is_counted_no_further_than_the_page_says(anna, monkeypatch):
    for module in ("places", "offers.overview", "offers.by_words"):
        monkeypatch.setattr(f"paygate.{module}.MOST_COUNTED", 3)
    for number in range(5):
        an_offer(anna.terminal, now=NOON, reference=f"R-{number}")

    assert Overview(anna.actor, Search(), now=NOON).counted() == Counted(3, more=True)


def test_an_offer_is_found_by_what_it_was_changed_to(anna):
    offer = an_offer(anna.terminal, now=NOON, description="Double room", reference="A-1")

    change_offer(
        offer.pk,
        replace(terms_of(offer, now=NOON), description="Single room"),
        seen=1,
        by=anna.actor,
        now=NOON,
    )

    assert found(anna, "single") == [offer.pk]
    assert found(anna, "double") == []


@pytest.mark.parametrize(
    "text",
    ["Zürich", "zurich", "ZÜRICH", "Zu\u0308rich", "2026-0412", "2026 0412", "2026/0412", "0412", "12.50", "straße",
     "STRASSE", "ß", "é", "王", "max@example.org", "example", "ax"],
)  # fmt: skip
def test_one_finds_what_one_means_however_it_is_spelled(anna, text):
    wanted = an_offer(
        anna.terminal, now=NOON, reference="2026-0412", payer_email="max@example.org",
        description="Zürich, Bahnhofstraße 12.50 É ßt 王伟 ax",
    )  # fmt: skip
    an_offer(anna.terminal, now=NOON, reference="", description="Bern")

    assert found(anna, text) == [wanted.pk]


@pytest.mark.parametrize(
    "text", ["%", "_", "a%b", "\\", "'", '"', "@member", "@system", "\n", "--", "{}", "%s"]
)
def test_signs_find_nothing_that_is_not_there(anna, text):
    """With nothing but signs nothing is looked for; beside letters they are not looked at."""
    an_offer(anna.terminal, now=NOON, reference="1", description="Room")

    assert found(anna, f"{text} zzz") == []


def found(person: Person, text: str) -> list[object]:
    rows = Overview(person.actor, Search(text=text), now=NOON).some(50, "created_at", ascending=False)
    return [one.pk for one in rows]
