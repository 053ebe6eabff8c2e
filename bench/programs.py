"""The rows about programs: calls of both APIs from 1, 8 and 32 clients, beside pgbench with the same statements."""

import base64
import json
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from itertools import count
from statistics import median
from threading import Lock
from typing import Any, Final
from uuid import uuid4

from bench import load, pgbench, product, stock
from bench.browsers import Browser, Unexpected, pay, reopen_what_was_closed
from bench.database import Database
from bench.recording import Recorder, logged
from bench.table import Row, at_least, beside, reported
from bench.walks import APART, WARM_UP_SECONDS, Length
from paygate import clock
from paygate.checkout.models import Session
from paygate.credentials import keep
from paygate.journal.models import Entry
from paygate.merchants.models import Terminal
from paygate.tenants.context import within
from paygate.tenants.models import Merchant
from tests.make.journal import reservation

CLIENTS: Final = (1, 8, 32)
AT_ONCE: Final = 200

Json = dict[str, Any]


class Shop:
    """A program with a credential of the merchant, and one kept connection."""

    def __init__(self, port: int, authorization: str) -> None:
        self.connection = HTTPConnection("localhost", port, timeout=60)
        self.authorization = authorization

    def payment(self, path: str, body: Json) -> Json:
        """A call of the JSON API."""
        header = {
            "SpecVersion": "1.53",
            "CustomerId": stock.CUSTOMER,
            "RequestId": str(uuid4()),
            "RetryIndicator": 0,
        }
        return self._ask("POST", f"/api/Payment/v1/{path}", {"RequestHeader": header, **body})

    def rest(self, verb: str, path: str, body: Json | None = None) -> Json:
        """A call of the Management API."""
        return self._ask(
            verb, f"/api/rest/customers/{stock.CUSTOMER}/terminals/{stock.TERMINAL}/{path}", body
        )

    def _ask(self, verb: str, path: str, body: Json | None) -> Json:
        headers = {
            "Authorization": self.authorization,
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
            "Saferpay-ApiVersion": "1.14",
            "Saferpay-RequestId": str(uuid4()),
        }
        reopen_what_was_closed(self.connection)
        self.connection.request(verb, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise Unexpected(f"{verb} {path}: {answer.status} {text[:300]!r}")
        told: Json = json.loads(text)
        return told


class Reservations:
    """Payments that wait to be captured, told by their transaction ids; made ahead, outside of what is measured."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: list[str] = []
        self._as_made: dict[str, Entry] = {}
        self.taken: list[str] = []

    def have(self, wanted: int) -> None:
        """Make as many as are missing to so many."""
        with within(stock.merchant_id()):
            terminal = Terminal.objects.get()
            while len(self._made) < wanted:
                entry = reservation(terminal)
                self._made.append(entry.transaction_id)
                self._as_made[entry.transaction_id] = entry

    def __next__(self) -> str:
        with self._lock:
            if not self._made:
                self.have(AT_ONCE)
            self.taken.append(self._made.pop())
            return self.taken[-1]

    def make_like(self, transaction_id: str, endings: list[str]) -> None:
        """Reservations as this one was when it was made; key and transaction id end in these digits."""
        rows = [copy(self._as_made[transaction_id]) for _ in endings]
        for row, ending in zip(rows, endings, strict=True):
            row.pk, row.transaction_id = int(ending), transaction_id[: -len(ending)] + ending
        with within(stock.merchant_id()):
            Entry.objects.bulk_create(rows, batch_size=stock.AT_ONCE)

    def key(self, transaction_id: str) -> int:
        """Of its row."""
        return self._as_made[transaction_id].pk


@dataclass(frozen=True, slots=True)
class Walk:
    """What a program does, and how pgbench does the same."""

    name: str
    work: Callable[[Shop], object]
    goal: float | None = None  # of pgbench's rate
    payments: Reservations | None = None  # what it uses up


def rows_of_programs(database: Database, length: Length) -> Iterator[Row]:
    """Offers created and read, payment pages begun and asserted, reservations captured."""
    told = _authorization()
    with logged(database), product.web(threads=1) as web:
        shop = Shop(web.port, told)
        walks = list(_walks(shop, Browser(web.port)))
        scripts = [_script(database, walk, shop) for walk in walks]
    with product.web() as web:
        shops = [Shop(web.port, told) for _ in range(max(CLIENTS))]
        for walk, (script, like) in zip(walks, scripts, strict=True):
            yield from _rows_of_walk(walk, script, like, shops, database, web, length)


def _authorization() -> str:
    password = keep.new_password()
    merchant = Merchant.objects.get(pk=stock.merchant_id())
    with within(merchant.pk):
        made = keep.make(merchant, password=password, by="system", now=clock.now())
    return "Basic " + base64.b64encode(f"{made.user_name}:{password}".encode()).decode()


def _walks(shop: Shop, payer: Browser) -> Iterator[Walk]:
    wish = {
        "ExpirationDate": (clock.now() + timedelta(days=14)).isoformat(timespec="seconds"),
        "Payer": {"LanguageCode": "de"},
        "Payment": {
            "Amount": {"Value": "4990", "CurrencyCode": "EUR"},
            "OrderId": "2026-0412",
            "Description": "Double room, one night",
        },
    }
    page = {
        "TerminalId": stock.TERMINAL,
        "Payment": wish["Payment"],
        "ReturnUrl": {"Url": "https://shop.example/back"},
    }
    there = shop.rest("POST", "spg-offers", wish)["OfferId"]
    pay(payer, next(stock.Links()))
    with within(stock.merchant_id()):
        paid = {"Token": str(Session.objects.latest("pk").token)}
    payments = Reservations()

    def begin_and_assert(one: Shop) -> None:
        one.payment("PaymentPage/Initialize", page)
        one.payment("PaymentPage/Assert", paid)

    def capture(one: Shop) -> None:
        one.payment("Transaction/Capture", {"TransactionReference": {"TransactionId": next(payments)}})

    yield Walk("offer created", lambda one: one.rest("POST", "spg-offers", wish), 0.3)
    yield Walk("offer read", lambda one: one.rest("GET", f"spg-offers/{there}"))
    yield Walk("payment page begun, another one asserted", begin_and_assert)
    yield Walk("reservation captured", capture, 0.3, payments)


def _script(database: Database, walk: Walk, shop: Shop) -> tuple[str, str]:
    """For pgbench; and the transaction id it was recorded with, of which each run needs the like."""
    payments = walk.payments or Reservations()
    if walk.payments:
        payments.have(50)
    for _ in range(4):
        walk.work(shop)
    payments.taken.clear()
    one, other = Recorder(database).record_alike(lambda: walk.work(shop))
    if not payments.taken:
        return pgbench.Script(one.statements, other.statements, one.keys).text(), ""
    like = payments.taken[one.number]
    script = pgbench.Script(one.statements, other.statements, one.keys, row=str(payments.key(like)))
    return script.text(), like


def _rows_of_walk(
    walk: Walk,
    script: str,
    like: str,
    shops: list[Shop],
    database: Database,
    web: product.Server,
    length: Length,
) -> Iterator[Row]:
    base = count(0, APART)

    def prepare(wanted: int) -> None:
        if walk.payments:
            walk.payments.have(wanted)

    def yardstick(clients: int, each: int) -> pgbench.Run:
        start = next(base)
        if walk.payments:
            walk.payments.make_like(like, pgbench.numbers(clients, each, start))
        return pgbench.run(
            database.programs, database.url, script,
            clients=clients, each=each, base=start, merchant=stock.merchant_id(),
        )  # fmt: skip

    for clients in CLIENTS:
        work: list[load.Work] = [lambda one=one: walk.work(one) for one in shops[:clients]]  # type: ignore[misc]
        prepare(AT_ONCE)
        expected = load.flat_out(work, WARM_UP_SECONDS).rate
        each = _each(yardstick(clients, 50), clients, length)
        ours: list[load.Round] = []
        theirs: list[pgbench.Run] = []
        before = web.cpu_seconds
        for _ in range(length.rounds):
            prepare(int(expected * length.seconds * 1.5) + clients)
            ours.append(load.flat_out(work, length.seconds))
            theirs.append(yardstick(clients, each))
        used = web.cpu_seconds - before
        rate, other = median(one.rate for one in ours), median(one.rate for one in theirs)
        name = f"(i) {walk.name} a second, {clients} clients{length.label}"
        yield beside(name, rate, other) if walk.goal is None else at_least(name, rate, other, walk.goal)
    each_ms = 1000 * used / sum(len(one.latencies) for one in ours)
    p99 = 1000 * median(one.percentile(99) for one in ours)
    yield reported(f"(i) {walk.name}, web CPU ms{length.label}", each_ms)
    yield reported(f"(i) {walk.name}, p99 ms with {clients} clients{length.label}", p99)


def _each(run: pgbench.Run, clients: int, length: Length) -> int:
    """How often a client of pgbench runs the script in one round."""
    return max(50, int(run.rate * length.seconds / 2 / clients))
