"""The rows about links by file: checked and created, against COPY of the same rows; payments meanwhile; memory.

`python -m bench.bulk ROWS KIND` takes such a file on the database of the environment, from its first byte to its last
offer, and prints how long that took and how much memory the process had at most.
"""

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, Final

import django
import psycopg

from bench import browsers, load, processes, product
from bench.database import Database
from bench.table import Row, at_least, beside, counted, reported

if TYPE_CHECKING:
    from bench.walks import Length
    from paygate.uploads.models import Upload

ROWS: Final = 100_000
QUICK_ROWS: Final = 5_000
MOST_MEGABYTES: Final = 300
HEADER: Final = (
    "Amount", "Currency", "Description", "Reference", "E-mail", "Language", "Expires", "First name", "Last name",
    "Street", "Postal code", "Town", "Country",
)  # fmt: skip


def rows_of(rows: int, series: str) -> Iterator[list[Decimal | str]]:
    """Rows that are right; each series has references of its own."""
    for row in range(rows):
        yield [
            Decimal(f"{10 + row % 900}.{row % 100:02}"), "EUR", f"Double room {row}, one night with breakfast",
            f"{series}-{row:06}", f"guest{row}@example.org", "de", "+30d", "Maria", f"Muster {row}",
            f"Seestrasse {row % 200}", f"{1000 + row % 9000}", "Thun", "CH",
        ]  # fmt: skip


def a_file(rows: int, series: str, kind: str = "csv") -> bytes:
    """A file of these."""
    if kind == "xlsx":
        from paygate.spreadsheets import xlsx_file

        with xlsx_file(HEADER, rows_of(rows, series)) as file:
            return file.read()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(rows_of(rows, series))
    return text.getvalue().encode()


@dataclass
class Taken:
    """How long each part of an upload took, in seconds."""

    read: float
    check: float
    create: float


def checked(content: bytes, name: str) -> tuple["Upload", float, float]:
    """A file, taken and checked in this process; and how long reading and checking took."""
    from bench import stock
    from paygate import clock
    from paygate.merchants.models import Member, Terminal
    from paygate.merchants.reach import actor_of
    from paygate.tenants.context import within
    from paygate.uploads.check import check_some
    from paygate.uploads.take import take_file

    with within(stock.merchant_id()):
        terminal = Terminal.objects.select_related("merchant").get()
        by = actor_of(Member.objects.select_related("merchant").get())
        begun = time.monotonic()
        made, _new = take_file(name, io.BytesIO(content), terminal=terminal, by=by, now=clock.now())
        read = time.monotonic()
        check_some(made.pk, now=clock.now(), go_on=lambda: True)
        done = time.monotonic()
        made.refresh_from_db()
    return made, read - begun, done - read


def confirmed(made: "Upload") -> None:
    """Its offers are to be created, by whoever works on jobs."""
    from bench import stock
    from paygate import clock
    from paygate.merchants.models import Member
    from paygate.merchants.reach import actor_of
    from paygate.tenants.context import within
    from paygate.uploads.confirm import confirm

    with within(stock.merchant_id()):
        by = actor_of(Member.objects.select_related("merchant").get())
        confirm(made, whole=True, by=by, now=clock.now())


def created(content: bytes, name: str) -> Taken:
    """A file from its first byte to its last offer, in this process."""
    from bench import stock
    from paygate import clock
    from paygate.tenants.context import within
    from paygate.uploads.create import create_some

    made, read, check = checked(content, name)
    begun = time.monotonic()
    confirmed(made)
    with within(stock.merchant_id()):
        create_some(made.pk, now=clock.now(), go_on=lambda: True)
        done = time.monotonic()
        made.refresh_from_db()
    assert made.created == made.rows, f"{made.created} of {made.rows} rows were created"
    return Taken(read, check, done - begun)


def rows_of_files(database: Database, length: "Length") -> Iterator[Row]:
    """Offers of a file, checked and created, against COPY of the rows that came of it."""
    count, label = (QUICK_ROWS if length.label else ROWS), length.label
    ours: list[Taken] = []
    bare: list[float] = []
    whole: list[float] = []
    created(a_file(2000, "warm"), "warm.csv")
    database.as_superuser("ANALYZE")  # as a database that has been there for a day
    cpu = {"ours": 0.0, "database": 0.0, "copy": 0.0}
    for number in range(length.rounds):
        series = f"B{number}"
        content = a_file(count, series)
        own, theirs = time.process_time(), database.cpu_seconds
        ours.append(created(content, f"{series}.csv"))
        cpu["ours"] += time.process_time() - own
        cpu["database"] += database.cpu_seconds - theirs
        offers, rows, seconds = _copied(database, series)
        cpu["copy"] += seconds
        bare.append(offers)
        whole.append(offers + rows)
    rate = count / median(one.check + one.create for one in ours)
    name = f"(g) offers of a file checked and created a second, against COPY of offers and history{label}"
    yield at_least(name, rate, count / median(bare), 0.5)
    name = f"(g) the same, against COPY of offers, history and the file's rows{label}"
    yield at_least(name, rate, count / median(whole), 0.5)
    each = {name: 1e6 * seconds / count / length.rounds for name, seconds in cpu.items()}
    yield reported(f"(g) offer of a file, CPU of the job process, µs{label}", each["ours"])
    name = f"(g) offer of a file, CPU of the database, µs, against COPY of offers, history and rows{label}"
    yield beside(name, each["database"], each["copy"])
    yield reported(f"(g) rows of a CSV file read a second{label}", count / median(one.read for one in ours))
    for kind in ("csv", "xlsx"):
        figures = _on_sqlite(count, kind)
        if kind == "csv":
            seconds = figures["check"] + figures["create"]
            yield reported(
                f"(g) offers of a file checked and created a second, SQLite{label}", count / seconds
            )
        megabytes = int(figures["megabytes"])
        yield counted(
            f"(g) memory of a process that takes a whole {kind} file, MB{label}", megabytes, MOST_MEGABYTES
        )


_TABLES: Final = {
    "offers_offer": "reference LIKE '{series}-%'",
    "lifecycle_step": "subject = 'offers.Offer' AND subject_id IN"
    " (SELECT id::text FROM offers_offer WHERE reference LIKE '{series}-%')",
    "uploads_uploadrow": "reference LIKE '{series}-%'",
}


def _copied(database: Database, series: str) -> tuple[float, float, float]:
    """Seconds to COPY the rows of a series back: offers with their history, the rows of the file; CPU of both."""
    where = {table: condition.format(series=series) for table, condition in _TABLES.items()}
    data: dict[str, bytes] = {}
    with psycopg.connect(database.superuser_url) as connection:
        for table, condition in where.items():
            statement = f"COPY (SELECT * FROM {table} WHERE {condition}) TO STDOUT (FORMAT binary)"
            with connection.cursor().copy(statement.encode()) as copy:
                data[table] = b"".join(bytes(piece) for piece in copy)
        for table, condition in reversed(where.items()):
            connection.execute(f"DELETE FROM {table} WHERE {condition}".encode())
        connection.commit()
        begun, cpu = time.monotonic(), database.cpu_seconds
        for table in ("offers_offer", "lifecycle_step"):
            _copy_in(connection, table, data[table])
        connection.commit()
        between = time.monotonic()
        _copy_in(connection, "uploads_uploadrow", data["uploads_uploadrow"])
        connection.commit()
        return between - begun, time.monotonic() - between, database.cpu_seconds - cpu


def _copy_in(connection: "psycopg.Connection[tuple[object, ...]]", table: str, rows: bytes) -> None:
    with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)".encode()) as copy:
        copy.write(rows)


def _on_sqlite(count: int, kind: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="paygate-bench-bulk-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "bench.bulk", str(count), kind],
            env={**os.environ, "DATABASE_URL": "", "PAYGATE_DATA": folder},
            cwd=product.CHECKOUT, capture_output=True, text=True, check=True,
        )  # fmt: skip
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def rows_of_payments_meanwhile(web: product.Server, length: "Length") -> Iterator[Row]:
    """Payments a second while the job process creates the offers of a file, against the same without."""
    from bench import stock
    from bench.walks import CLIENTS, FASTEST

    links = stock.Links()
    payers = [browsers.Browser(web.port) for _ in range(CLIENTS)]
    paying: list[load.Work] = [lambda one=one: browsers.pay(one, next(links)) for one in payers]  # type: ignore[misc]
    rates: dict[str, list[float]] = {"without": [], "with": []}
    links.have(int(FASTEST * length.seconds / 2))
    load.flat_out(paying, 2)
    for number in range(length.rounds):
        made, _read, _check = checked(a_file(int(6000 * length.seconds), f"P{number}"), f"P{number}.csv")
        links.have(int(FASTEST * length.seconds))
        rates["without"].append(load.flat_out(paying, length.seconds).rate)
        confirmed(made)
        _wait_for(made, lambda made: made.created > 0)
        rates["with"].append(load.flat_out(paying, length.seconds).rate)
        _wait_for(made, lambda made: made.state == "DONE", was="CREATING")
    name = f"(g) payments a second while a file is created, against without{length.label}"
    yield at_least(name, median(rates["with"]), median(rates["without"]), 0.6)


def _wait_for(made: "Upload", is_so: Callable[["Upload"], bool], *, was: str = "") -> None:
    """Until something is so of an upload, whose state is `was` now."""
    from bench import stock
    from paygate.tenants.context import within

    with within(stock.merchant_id()):
        made.refresh_from_db()
        assert was in ("", made.state), "the file was created before the payments were measured"
        while not is_so(made):
            time.sleep(0.2)
            made.refresh_from_db()


def main(count: int, kind: str) -> None:
    """One file in this process."""
    django.setup()
    from bench import stock
    from paygate.operations.serve import prepare

    prepare()
    stock.make_merchant()
    content = a_file(count, "S", kind)
    taken = created(content, f"file.{kind}")
    megabytes = processes.peak_bytes() / 1e6
    print(json.dumps({"check": taken.check, "create": taken.create, "megabytes": megabytes}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
