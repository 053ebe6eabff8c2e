"""The rows about what goes on beside: slow acquirers, jobs, memory."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from bench import browsers, load, product, stock
from bench.database import Database
from bench.table import Row, at_most, reported
from bench.walks import CLIENTS, FASTEST, Length
from paygate.acquiring.connector import Operation
from paygate.acquiring.simulator import faults
from paygate.simulation.faults import Mode

SLOW_SECONDS = 2
PAYERS = 200


def rows_of_slow_acquirer(web: product.Server, length: Length) -> Iterator[Row]:
    """Links opened while 200 payments wait 2 s for the acquirer, against the same payments answered at once."""
    payers = PAYERS if not length.label else PAYERS // 4
    rate = _peak(web, length) / 3
    prompt = _p95_beside(web, payers, rate)
    faults.set_fault(Operation.AUTHORIZE, Mode.DELAY, count=payers, delay_s=SLOW_SECONDS)
    slow = _p95_beside(web, payers, rate)
    faults.clear()
    name = f"(d) link opened beside payments that wait {SLOW_SECONDS} s, p95 ms{length.label}"
    yield at_most(name, 1000 * slow, 1000 * prompt, 1.5)


def _peak(web: product.Server, length: Length) -> float:
    """How many payments a second there can be at most."""
    links = stock.Links()
    links.have(int(FASTEST * length.seconds / 2))
    payers = [browsers.Browser(web.port) for _ in range(CLIENTS)]
    work: list[load.Work] = [lambda one=one: browsers.pay(one, next(links)) for one in payers]  # type: ignore[misc]
    return load.flat_out(work, length.seconds).rate


def _p95_beside(web: product.Server, payers: int, rate: float) -> float:
    """In seconds: 95 of 100 links were opened in this time, while payments came at this rate."""
    links = stock.Links()
    links.have(2 * payers + CLIENTS)
    waiting = [browsers.Browser(web.port) for _ in range(int(rate * SLOW_SECONDS * 4) + CLIENTS)]
    looking = [browsers.Browser(web.port) for _ in range(CLIENTS)]
    seconds = payers / rate
    paying: list[load.Work] = [lambda one=one: browsers.pay(one, next(links)) for one in waiting]  # type: ignore[misc]
    opening: list[load.Work] = [lambda one=one: browsers.open_link(one, next(links)) for one in looking]  # type: ignore[misc]
    beside = threading.Thread(target=load.at_rate, args=(paying, rate, seconds))
    beside.start()
    seen = load.at_rate(opening, rate, seconds)
    beside.join()
    return seen.percentile(95)


def rows_of_jobs(database: Database, length: Length) -> Iterator[Row]:
    """Jobs asked for and run, by one process."""
    count = 500 if length.label else 2000
    for engine, url in (("PostgreSQL", database.another("jobs")), ("SQLite", "")):
        with tempfile.TemporaryDirectory(prefix="paygate-bench-jobs-") as folder:
            done = subprocess.run(
                [sys.executable, "-m", "bench.jobs", str(count)],
                env={**os.environ, "DATABASE_URL": url, "PAYGATE_DATA": folder},
                cwd=product.CHECKOUT, capture_output=True, text=True, check=True,
            )  # fmt: skip
        rates = json.loads(done.stdout.splitlines()[-1])
        yield reported(f"(e) jobs asked for a second, {engine}{length.label}", rates["asked"])
        yield reported(f"(e) jobs run a second, {engine}{length.label}", rates["run"])


def rows_of_memory(web: product.Server, worker: product.Server, length: Length) -> Iterator[Row]:
    """What web and job process hold after many payments, against after a tenth of them."""
    links = stock.Links()
    payers = [browsers.Browser(web.port) for _ in range(CLIENTS)]

    def pay(count: int) -> None:
        left = iter(range(count))
        lock = threading.Lock()

        def each(payer: browsers.Browser) -> None:
            while True:
                with lock:
                    if next(left, None) is None:
                        return
                browsers.pay(payer, next(links))

        with ThreadPoolExecutor(len(payers)) as threads:
            list(threads.map(each, payers))  # raises what one of them met

    pay(length.payments // 10)
    early = {"web": web.rss_bytes, "worker": worker.rss_bytes}
    pay(length.payments - length.payments // 10)
    late = {"web": web.rss_bytes, "worker": worker.rss_bytes}
    for name in early:
        label = f"(f) memory of {name} after {length.payments} payments, MB{length.label}"
        yield at_most(label, late[name] / 1e6, early[name] / 1e6, 1.05)
