"""The row about the overview: its first page over a million offers against the same page over a thousand."""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final
from urllib.parse import quote

from django.db import connections

from bench import browsers, many_offers, product, stock
from bench.database import Database
from bench.table import Row, at_most, reported

SMALL: Final = 1000
LARGE: Final = 1_000_000
LARGE_QUICK: Final = 100_000
OVERVIEW: Final = "/backoffice/offers/"

SEARCHES: Final = {
    "a frequent word": "q=doppelzimmer",
    "a word in each": "q=nachte",
    "a frequent word and a rare one": "q=doppelzimmer+quetzal",
    "a name": "q=Gerber",
    "two names": "q=anna+stegger",
    "a reference": "q=0000002",
    "part of a word": "q=edding",
    "a rare word": "q=quetzal",
    "a word of long ago": "q=sommer",
    "two letters, frequent": "q=zi",
    "two letters, rare": "q=qu",
    "one letter": "q=w",
    "who created it": "q=Amstad",
    "nothing": "q=xyzzy",
    "two letters, nothing": "q=xq",
}
FILTERS: Final = {
    "no filter": "",
    "open": "state=OPEN",
    "paid": "state=PAID",
    "expired": "state=EXPIRED",
    "a rare status": "state=DISABLED",
    "two statuses": "state=OPEN&state=EXPIRED",
    "three statuses": "state=OPEN&state=PAID&state=DISABLED",
    "a terminal": "terminal={first}",
    "a terminal no longer used": "terminal={old}",
    "a rare terminal": "terminal={rare}",
    "back office": "source=BACKOFFICE",
    "a rare application": "source=API",
    "two applications": "source=API&source=UPLOAD",
    "expires next week": "expires_from={today}&expires_to={in_a_week}",
    "expired a year ago": "expires_from={a_year_ago}&expires_to={a_month_later}",
    "all filters": "state=PAID&terminal={first}&source=BACKOFFICE&expires_to={today}",
    "all filters and a word": "state=PAID&terminal={first}&source=BACKOFFICE&expires_to={today}&q=suite",
}
ORDERS: Final = {
    f"by {name}, {way}": f"sort={sign}{name}"
    for name in ("created", "expires", "changed", "amount", "reference")
    for way, sign in (("falling", "-"), ("rising", ""))
}
TOGETHER: Final = {
    "open, by amount": "state=OPEN&sort=amount",
    "expired, by expiry": "state=EXPIRED&sort=-expires",
    "three statuses, by amount": "state=OPEN&state=PAID&state=DISABLED&sort=-amount",
    "a terminal, by amount": "terminal={first}&sort=-amount",
    "a terminal no longer used, oldest first": "terminal={old}&sort=created",
    "a rare application, by expiry": "source=API&sort=expires",
    "an application, by amount": "source=UPLOAD&sort=-amount",
    "a frequent word, by amount": "q=doppelzimmer&sort=-amount",
    "a rare word, by expiry": "q=quetzal&sort=expires",
    "a word of long ago, oldest first": "q=sommer&sort=created",
}
PAGES: Final = {
    "from the middle": "before={middle}_00000000000000000000000000000000",
    "from the middle, backwards": "after={middle}_00000000000000000000000000000000",
    "from the middle, by amount": "sort=-amount&before=4990_80000000000000000000000000000000",
    "paid, from the middle": "state=PAID&before={middle}_00000000000000000000000000000000",
    "a word, from the middle": "q=doppelzimmer&before={middle}_00000000000000000000000000000000",
}


def rows_of_overview(database: Database, *, quick: bool) -> Iterator[Row]:
    """Each page on both databases in turn; the goal is for the worst of them."""
    connections.close_all()
    large = LARGE_QUICK if quick else LARGE
    houses = {count: database.copied(f"overview_{count}") for count in (SMALL, large)}
    for count, house in houses.items():
        many_offers.fill(house, 1, count)
    with ExitStack() as held:
        clerks = [_clerk(held.enter_context(product.web_beside(house.url))) for house in houses.values()]
        measured = {
            name: _milliseconds(clerks, query, 9 if quick else 25) for name, query in _pages().items()
        }
    label = " (quick)" if quick else ""
    for name, (small, big) in measured.items():
        print(f"(g) {name}{label}: {small:.1f} ms, {big:.1f} ms, {big / small:.2f}", file=sys.stderr)
    yield reported(f"(g) pages of the overview that were measured{label}", len(measured))
    for name, (small, big) in sorted(measured.items(), key=lambda one: one[1][1] / one[1][0])[-3:]:
        yield at_most(f"(g) overview over {large} offers against {SMALL}, {name}{label}, ms", big, small, 1.5)


def _pages() -> dict[str, str]:
    today = datetime.now(UTC)
    named = {
        "first": stock.TERMINAL,
        "old": "17100012",
        "rare": "17100013",
        "today": today.date(),
        "in_a_week": today.date() + timedelta(days=7),
        "a_year_ago": today.date() - timedelta(days=365),
        "a_month_later": today.date() - timedelta(days=335),
        "middle": quote((today - timedelta(days=548)).isoformat()),
    }
    return {
        name: query.format(**named)
        for group in (FILTERS, ORDERS, SEARCHES, TOGETHER, PAGES)
        for name, query in group.items()
    }


def _clerk(server: product.Server) -> browsers.Browser:
    browser = browsers.Browser(server.port)
    browser.cookies["paygate"] = stock.sessions(1)[0]
    return browser


def _milliseconds(clerks: list[browsers.Browser], query: str, times: int) -> tuple[float, float]:
    """Medians of a page in both houses, asked for in turn."""
    taken: list[list[float]] = [[], []]
    for number in range(times + 3):
        for clerk, into in zip(clerks, taken, strict=True):
            begun = time.perf_counter()
            clerk.get(f"{OVERVIEW}?{query}")
            if number >= 3:
                into.append(1000 * (time.perf_counter() - begun))
    return median(taken[0]), median(taken[1])
