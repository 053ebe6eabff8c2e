"""The rows about walks: a link opened, an offer created, a payment, each beside its yardstick."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from statistics import median
from typing import Final

from bench import browsers, load, pgbench, product, stock
from bench.database import Database
from bench.recording import Recorder, Statement
from bench.table import Row, at_least, at_most, beside, counted, reported

CLIENTS: Final = 8
WARM_UP_SECONDS: Final = 2
FASTEST: Final = 500  # walks a second, as long as nothing was measured
APART: Final = 10_000_000  # the counters of two rounds of pgbench


@dataclass(frozen=True, slots=True)
class Length:
    """How long a run is."""

    rounds: int
    seconds: float
    payments: int  # of the row about memory

    @property
    def label(self) -> str:
        """What a row says about a run that was shortened."""
        return "" if self.rounds >= 5 else " (quick)"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a walk that is laid beside pgbench is to reach."""

    name: str
    share: float  # of pgbench's rate
    statements: int
    commits: int


@dataclass
class Measured:
    """Rounds of one walk."""

    rounds: list[load.Round] = field(default_factory=list)
    web_seconds: float = 0.0
    database_seconds: float = 0.0

    @property
    def count(self) -> int:
        return sum(len(one.latencies) for one in self.rounds)

    @property
    def rate(self) -> float:
        return median(one.rate for one in self.rounds)

    def cpu_ms(self, seconds: float) -> float:
        """Milliseconds of processor time for each."""
        return 1000 * seconds / self.count


def rows_of_link(database: Database, web: product.Server, length: Length) -> Iterator[Row]:
    """A payment link, opened by a payer who was not there before, against a constant page of equal size."""
    links = stock.Links()
    payers = [browsers.Browser(web.port) for _ in range(CLIENTS)]
    size = len(browsers.open_link(payers[0], next(links)).encode())
    ours, constant = Measured(), Measured()
    with product.constant_page(size) as page:
        readers = [browsers.Browser(page.port) for _ in range(CLIENTS)]
        opening: list[load.Work] = [lambda one=one: browsers.open_link(one, next(links)) for one in payers]  # type: ignore[misc]
        reading: list[load.Work] = [lambda one=one: one.get("/") for one in readers]  # type: ignore[misc]
        links.have(int(WARM_UP_SECONDS * FASTEST))
        expected = load.flat_out(opening, WARM_UP_SECONDS).rate
        load.flat_out(reading, WARM_UP_SECONDS)
        for _ in range(length.rounds):
            links.have(_enough(expected, length.seconds))
            _round(ours, opening, length.seconds, web, database)
            _round(constant, reading, length.seconds / 2, page, database)
    label = length.label
    web_ms, page_ms = ours.cpu_ms(ours.web_seconds), constant.cpu_ms(constant.web_seconds)
    yield at_most(f"(a) link opened, web CPU ms{label}", web_ms, page_ms, 60)
    yield reported(f"(a) link opened, database CPU ms{label}", ours.cpu_ms(ours.database_seconds))
    yield reported(f"(a) links opened a second{label}", ours.rate)
    links.have(_enough(ours.rate, length.seconds))
    yield _steadiness(f"(a) link opened, p99 to p50 at half the peak{label}", opening, ours.rate / 2, length)


def rows_of_offer(
    database: Database, web: product.Server, script: "Recorded", length: Length
) -> Iterator[Row]:
    """An offer, created by the form of somebody who is signed in, against pgbench."""
    sessions = stock.sessions(CLIENTS)
    clerks = [browsers.Clerk(browsers.Browser(web.port), one, stock.TERMINAL) for one in sessions]
    work: list[load.Work] = [clerk.create_offer for clerk in clerks]
    yield from _against_pgbench(Goal("(b) offer", 0.3, 15, 2), database, web, work, script, length)


def rows_of_payment(
    database: Database, web: product.Server, script: "Recorded", length: Length
) -> Iterator[Row]:
    """A whole payment, from the link to the receipt, by a card that needs no challenge, against pgbench."""
    links = stock.Links()
    payers = [browsers.Browser(web.port) for _ in range(CLIENTS)]
    work: list[load.Work] = [lambda one=one: browsers.pay(one, next(links)) for one in payers]  # type: ignore[misc]
    goal = Goal("(c) payment", 0.4, 40, 8)
    yield from _against_pgbench(goal, database, web, work, script, length, ready=links.have)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A walk for pgbench, what it consists of, and the id of the offer it pays: each run needs one like it."""

    text: str
    statements: list[Statement]
    offer: str = ""

    @property
    def commits(self) -> int:
        """Transactions, and writes outside of one."""
        made, inside = 0, False
        for one in self.statements:
            if one.is_frame:
                inside = one.sql.startswith("BEGIN") or (
                    inside and not one.sql.startswith(("COMMIT", "ROLLBACK"))
                )
                made += one.sql.startswith("COMMIT")
            else:
                made += not inside and one.sql.startswith(("INSERT", "UPDATE", "DELETE"))
        return made


@dataclass(frozen=True, slots=True)
class Scripts:
    """The two walks that pgbench makes too."""

    offer: Recorded
    payment: Recorded


def record(database: Database, web: product.Server) -> Scripts:
    """Both walks as the server's log tells them, made through a web server of which everything is logged."""
    session = stock.sessions(1)[0]
    clerk = browsers.Clerk(browsers.Browser(web.port), session, stock.TERMINAL)
    links, payer, paid = stock.Links(), browsers.Browser(web.port), []

    def pay() -> None:
        paid.append(next(links))
        browsers.pay(payer, paid[-1])

    first, second = Recorder(database).record_alike(clerk.create_offer)
    offer = pgbench.Script(first.statements, second.statements, first.keys, per_client=session)
    for _ in range(4):
        pay()
    paid.clear()
    next(links)
    one, other = Recorder(database).record_alike(pay)
    payment = pgbench.Script(one.statements, other.statements, one.keys)
    return Scripts(
        Recorded(offer.text(), first.statements),
        Recorded(payment.text(), one.statements, paid[one.number].rpartition("/")[2]),
    )


def _against_pgbench(
    goal: Goal,
    database: Database,
    web: product.Server,
    work: list[load.Work],
    script: Recorded,
    length: Length,
    *,
    ready: Callable[[int], None] = lambda _: None,
) -> Iterator[Row]:
    """`ready` makes ahead what so many walks need."""
    name, ours, base = goal.name, Measured(), count(0, APART)
    theirs: list[pgbench.Run] = []
    ready(int(WARM_UP_SECONDS * FASTEST))
    expected = load.flat_out(work, WARM_UP_SECONDS).rate
    _prepare_offers(script, each=50, base=(start := next(base)))
    each = _each(_pgbench(database, script, each=50, base=start), length)
    theirs_seconds = 0.0
    for _ in range(length.rounds):
        ready(_enough(expected, length.seconds))
        _round(ours, work, length.seconds, web, database)
        _prepare_offers(script, each=each, base=(start := next(base)))
        before = database.cpu_seconds
        theirs.append(_pgbench(database, script, each=each, base=start))
        theirs_seconds += database.cpu_seconds - before + theirs[-1].cpu_seconds
        each = _each(theirs[-1], length)
    theirs_ms = 1000 * theirs_seconds / sum(one.count for one in theirs)
    ours_ms = ours.cpu_ms(ours.web_seconds + ours.database_seconds)
    label = length.label
    yield at_least(
        f"{name}s a second, against pgbench{label}", ours.rate, median(one.rate for one in theirs), goal.share
    )
    yield beside(f"{name}, CPU ms of all processes{label}", ours_ms, theirs_ms)
    yield reported(f"{name}, web CPU ms{label}", ours.cpu_ms(ours.web_seconds))
    yield reported(f"{name}, database CPU ms{label}", ours.cpu_ms(ours.database_seconds))
    yield counted(f"{name}, statements", sum(not one.is_frame for one in script.statements), goal.statements)
    yield counted(f"{name}, commits", script.commits, goal.commits)
    ready(_enough(ours.rate, length.seconds))
    yield _steadiness(f"{name}, p99 to p50 at half the peak{label}", work, ours.rate / 2, length)


def _enough(rate: float, seconds: float) -> int:
    """How many walks there may be in so many seconds, and some to spare."""
    return int(rate * seconds * 1.3) + CLIENTS


def _each(run: pgbench.Run, length: Length) -> int:
    """How often a client runs the script in one round."""
    return max(50, int(run.rate * length.seconds / 2 / CLIENTS))


def _prepare_offers(script: Recorded, *, each: int, base: int) -> None:
    if script.offer:
        stock.make_offers_like(script.offer, pgbench.numbers(CLIENTS, each, base))


def _pgbench(database: Database, script: Recorded, *, each: int, base: int) -> pgbench.Run:
    return pgbench.run(
        database.programs, database.url, script.text,
        clients=CLIENTS, each=each, base=base, merchant=stock.merchant_id(),
    )  # fmt: skip


def _round(
    into: Measured, work: list[load.Work], seconds: float, server: product.Server, database: Database
) -> None:
    web, base = server.cpu_seconds, database.cpu_seconds
    into.rounds.append(load.flat_out(work, seconds))
    into.web_seconds += server.cpu_seconds - web
    into.database_seconds += database.cpu_seconds - base


def _steadiness(name: str, work: list[load.Work], rate: float, length: Length) -> Row:
    one = load.at_rate(work, rate, length.seconds * 2)
    return at_most(name, 1000 * one.percentile(99), 1000 * one.percentile(50), 4)
