"""However many offers there are, a page of the overview reads few of them: told by the plans, whatever they take."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from bench import many_offers
from bench.overview import pages
from tests.cast import Person, a_terminal

OFFERS = 40_000
MOST_READ = 12_000
OVERVIEW = "/backoffice/offers/"


def addresses(person: Person) -> dict[str, str]:
    """The pages that `make bench` measures: each filter, each order, each kind of word, and some of them together."""
    numbers = {"17000012": person.terminal.number, "17100012": "17100002", "17100013": "17100003"}
    return {
        name: f"{OVERVIEW}?" + "&".join(_with_own(part, numbers) for part in query.split("&"))
        for name, query in pages().items()
    }


def _with_own(part: str, numbers: dict[str, str]) -> str:
    name, _, value = part.partition("=")
    return f"{name}={numbers.get(value, value)}"


@pytest.fixture
def hotel(anna: Person) -> Person:
    """Anna's hotel, with three more terminals."""
    for number in range(1, 4):
        a_terminal(anna.merchant, f"1710000{number}", f"Bar {number}")
    return anna


@contextmanager
def explained(how: str, table: str = "offers_offer") -> Iterator[list[tuple[str, Any]]]:
    """Each statement about the rows of a table that is run in this block, with its plan."""
    plans: list[tuple[str, Any]] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if table in sql and not sql.startswith("EXPLAIN"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {how} {sql}", params)
                plans.append((sql, cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield plans


@pytest.mark.on_postgresql
def test_a_page_reads_few_of_many_offers(hotel):
    with connection.cursor() as cursor:
        cursor.execute(many_offers.OFFERS.format(merchant=hotel.merchant.pk, count=OFFERS))
        cursor.execute("ANALYZE offers_offer")
        cursor.execute("SET LOCAL enable_seqscan = off")  # so few would be read whole
    browser, read = hotel.browser(), {}

    for name, address in addresses(hotel).items():
        with explained("(ANALYZE, FORMAT JSON)") as plans:
            assert browser.get(address).status_code == 200
        assert plans, name
        read[name] = sum(rows_read(plan[0][0][0]["Plan"]) for _sql, plan in plans)

    assert {name: rows for name, rows in read.items() if rows > MOST_READ} == {}


def rows_read(node: dict[str, Any]) -> int:
    """Rows and index entries that were looked at, those that did not pass included."""
    own = 0
    if "Relation Name" in node or "Index Name" in node:
        removed = sum(number for key, number in node.items() if key.startswith("Rows Removed by"))
        own = (node["Actual Rows"] + removed) * node["Actual Loops"]
    return own + sum(rows_read(one) for one in node.get("Plans", []))


@pytest.mark.on_sqlite
def test_on_sqlite_a_page_follows_an_index(hotel):
    browser, wrong = hotel.browser(), {}

    for name, address in addresses(hotel).items():
        with explained("QUERY PLAN") as plans:
            assert browser.get(address).status_code == 200
        assert plans, name
        for sql, lines in plans:
            if told := astray(lines):
                wrong[name] = (told, sql)

    assert wrong == {}


def astray(lines: list[tuple[Any, ...]]) -> list[str]:
    """Where offers are read one by one, or put in order after all that fit were read."""
    told = []
    for _key, parent, _unused, detail in lines:
        beside = [text for _, other, _, text in lines if other == parent]
        reads = [text for text in beside if "offers_offer" in text]
        if "SCAN offers_offer" in detail and "INDEX" not in detail:
            told.append(detail)
        if "TEMP B-TREE FOR ORDER BY" in detail and reads:
            told.append(f"{detail}: {reads}")
    return told
