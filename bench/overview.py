"""The row about the overview: its first page over a million offers against the same page over a thousand."""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final
from urllib.parse import quote

from django.db import connections

from bench import browsers, many_offers, product, stock
from bench.database import Database
from bench.table import Row, at_most, beside, reported

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
    "a frequent word, by amount": "q=gmail&sort=-amount",
    "a rare word, by expiry": "q=quetzal&sort=expires",
    "a word of long ago, oldest first": "q=sommer&sort=created",
}
# What nothing helps against: many have the word, and all of them stand far from where the order begins.
WORST: Final = {
    "a word of cheap offers, dearest first": "q=doppelzimmer&sort=-amount",
}
PAGES: Final = {
    "from the middle": "before={middle}_00000000000000000000000000000000",
    "from the middle, backwards": "after={middle}_00000000000000000000000000000000",
    "from the middle, by amount": "sort=-amount&before=4990_80000000000000000000000000000000",
    "paid, from the middle": "state=PAID&before={middle}_00000000000000000000000000000000",
    "a word, from the middle": "q=doppelzimmer&before={middle}_00000000000000000000000000000000",
}


def rows_of_overview(database: Database, *, quick: bool) -> Iterator[Row]:
    """Each page on both databases in turn; the goal is for the worst of them.

    A page that shows fewer offers in the small house is shorter there. Its yardstick is then the small house's page of
    as many offers as a page has, asked for in turn with it.
    """
    connections.close_all()
    large, label = (LARGE_QUICK, " (quick)") if quick else (LARGE, "")
    houses = {count: database.copied(f"overview_{count}") for count in (SMALL, large)}
    for count, house in houses.items():
        many_offers.fill(house, 1, count)
    with ExitStack() as held:
        clerks = [_clerk(held.enter_context(product.web_beside(house.url))) for house in houses.values()]
        times = 9 if quick else 25
        measured = {name: _measured(clerks, query, times) for name, query in pages().items()}
        worst = {name: _measured(clerks, query, times) for name, query in WORST.items()}
    for name, one in measured.items():
        beside_what = "" if one.is_alike else ", beside a whole page"
        print(
            f"(h) {name}{label}: {one.yardstick_ms:.1f} ms, {one.large_ms:.1f} ms, {one.ratio:.2f}{beside_what}",
            file=sys.stderr,
        )
    yield reported(f"(h) pages of the overview{label}", len(measured))
    yield reported(f"(h) the same, median ratio{label}", median(one.ratio for one in measured.values()))
    for name, one in worst.items():
        yield beside(f"(h) {name}, ms{label}", one.large_ms, one.yardstick_ms)
    for name in sorted(measured, key=lambda name: -measured[name].ratio)[:3]:
        what = f"(h) overview of {large} offers against {SMALL}, {name}, ms{label}"
        yield at_most(what, measured[name].large_ms, measured[name].yardstick_ms, 1.5)


def pages() -> dict[str, str]:
    """What is asked of each, by what it is called."""
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


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians of one page in the large house and of its yardstick, and whether that is the same page."""

    yardstick_ms: float
    large_ms: float
    is_alike: bool

    @property
    def ratio(self) -> float:
        """How many times its yardstick."""
        return self.large_ms / self.yardstick_ms


def _measured(clerks: list[browsers.Browser], query: str, times: int) -> Measured:
    """The page in both houses and a whole page in the small one, in turn."""
    small, large = clerks
    asked = ((small, query), (large, query), (small, ""))
    taken: list[list[float]] = [[], [], []]
    shown = [0, 0, 0]
    for number in range(times + 3):
        for which, (clerk, one) in enumerate(asked):
            begun = time.perf_counter()
            page = clerk.get(f"{OVERVIEW}?{one}")
            if number >= 3:
                taken[which].append(1000 * (time.perf_counter() - begun))
            shown[which] = page.count('name="pick"')
    is_alike = shown[0] == shown[1]
    return Measured(median(taken[0] if is_alike else taken[2]), median(taken[1]), is_alike)
