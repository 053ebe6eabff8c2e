"""Measure, print one table, and keep it as JSON."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django

from bench import database, product
from bench.table import Row, kept, printed


def main() -> int:
    """0 when every goal was met. BENCH_QUICK=1 makes a short run, to try; its rows say so."""
    data = Path(os.environ.get("PAYGATE_DATA") or product.CHECKOUT / "var")
    quick = os.environ.get("BENCH_QUICK") == "1"
    with database.running() as cluster, product.own_environment(cluster.url):
        django.setup()
        rows: list[Row] = []
        for row in _rows(cluster, quick=quick):
            print(printed([row]).splitlines()[1], file=sys.stderr, flush=True)
            rows.append(row)
    print(printed(rows))
    data.mkdir(parents=True, exist_ok=True)
    kept(rows, data / "bench.json")
    return 0 if all(row.met is not False for row in rows) else 1


def _rows(cluster: database.Database, *, quick: bool) -> Iterator[Row]:
    from bench import bulk, endurance, overview, programs, stock, walks
    from bench.recording import logged
    from paygate.operations.serve import prepare

    length = walks.Length(3, 3, 500) if quick else walks.Length(5, 6, 10_000)
    only = os.environ.get("BENCH_ONLY", "abcdefghi")
    prepare()
    stock.make_merchant()
    stock.sign_in(walks.CLIENTS)
    if "h" in only:
        yield from overview.rows_of_overview(cluster, quick=quick)
    if only == "h":
        return
    cluster.number_keys(7_000_000, 100_000)
    if "i" in only:
        yield from programs.rows_of_programs(cluster, length)
    if only == "i":
        return
    with logged(cluster), product.web(threads=1) as recorded:
        scripts = walks.record(cluster, recorded)
    with product.web() as web:
        if "a" in only:
            yield from walks.rows_of_link(cluster, web, length)
        if "b" in only:
            yield from walks.rows_of_offer(cluster, web, scripts.offer, length)
        if "c" in only:
            yield from walks.rows_of_payment(cluster, web, scripts.payment, length)
        if "d" in only:
            yield from endurance.rows_of_slow_acquirer(web, length)
        if "e" in only:
            yield from endurance.rows_of_jobs(cluster, length)
    if "f" in only:
        with product.web() as web, product.worker() as worker:
            yield from endurance.rows_of_memory(web, worker, length)
    if "g" in only:
        yield from bulk.rows_of_files(cluster, length)
        with product.web() as web, product.worker():
            yield from bulk.rows_of_payments_meanwhile(web, length)


if __name__ == "__main__":
    sys.exit(main())
