"""Many requests wait for acquirers and banks with few database connections: each holds one only while it needs it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Event
from time import monotonic
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from django.db import DataError, OperationalError, connection, connections, transaction
from django.test import Client
from psycopg import Connection

from paygate.offers.link import link_of
from paygate.offers.models import Offer
from paygate.operations.web_workers import shared
from paygate.outbound import leave_database
from paygate.tenants.context import within
from paygate.tenants.postgresql import base
from tests.at_once import at_once
from tests.make.books import NOON
from tests.make.offers import offer as an_offer

FORM = "application/x-www-form-urlencoded"
pytestmark = [
    pytest.mark.on_postgresql,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def really_committed(transactional_db):
    """So that another connection sees what the test made."""


@pytest.fixture
def only(anna, carla) -> Iterator[Callable[[int], None]]:
    """Both merchants have one offer. From the call on all threads share so many connections."""
    for person in (anna, carla):
        an_offer(person.terminal, now=NOON)
    kept = connections.settings["default"]

    def share(most: int) -> None:
        connection.close()
        _use(shared(kept, most))

    yield share
    connection.close()
    cast(Any, connection).close_pool()
    _use(kept)


def _use(settings: dict[str, object]) -> None:
    connections.settings["default"] = connection.settings_dict = settings


def seen() -> list[int]:
    """Whose offers a statement of our own making sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT merchant_id FROM offers_offer")
        return [row[0] for row in cursor.fetchall()]


def test_while_one_waits_for_an_acquirer_another_has_its_connection(only, anna):
    only(1)
    asked, seen_meanwhile = Event(), Event()

    def pay() -> list[int]:
        with within(anna.merchant.pk):
            first = seen()
            leave_database("the acquirer")
            asked.set()
            assert seen_meanwhile.wait(10), (
                "nobody else could reach the database while the acquirer was asked"
            )
            return first + seen()

    def open_link() -> list[int]:
        with within(anna.merchant.pk):
            assert asked.wait(10)
            try:
                return seen()
            finally:
                seen_meanwhile.set()
                connection.close()

    assert at_once(pay, open_link) == [[anna.merchant.pk] * 2, [anna.merchant.pk]]


def test_the_next_to_have_a_connection_sees_its_own_merchant_and_nobody_else(only, anna, carla):
    only(1)
    for merchant in (anna.merchant.pk, carla.merchant.pk) * 2:
        with within(merchant):
            assert seen() == [merchant]
        connection.close()


def test_a_connection_put_back_in_the_middle_of_a_transaction_is_told_anew(only, anna, carla):
    only(1)
    with within(carla.merchant.pk):
        assert seen() == [carla.merchant.pk]
    with within(anna.merchant.pk):
        connection.set_autocommit(False)
        assert seen() == [anna.merchant.pk]
        connection.close()  # what it was told goes back with the transaction
        assert seen() == [anna.merchant.pk]
        connection.close()


def test_after_a_transaction_that_met_an_error_nobody_elses_rows_are_in_view(only, anna, carla):
    """PostgreSQL answers its COMMIT with a ROLLBACK, which takes back who was told, and raises nothing."""
    only(1)
    with within(anna.merchant.pk):
        assert seen() == [anna.merchant.pk]
    with within(carla.merchant.pk):
        with transaction.atomic():
            assert seen() == [carla.merchant.pk]
            with pytest.raises(DataError), connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        assert seen() == [carla.merchant.pk]


class Slowly(BytesIO):
    """A body during which somebody else needs the database."""

    merchant_id: int
    others: list[int]

    def read(self, size=-1, /) -> bytes:
        self.others = elsewhere(self.merchant_id)
        return super().read(size)


def elsewhere(merchant_id: int) -> list[int]:
    """What another thread sees now."""

    def look() -> list[int]:
        try:
            with within(merchant_id):
                return seen()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(look).result()


def test_a_payer_who_sends_slowly_has_no_connection_meanwhile(only, anna, monkeypatch):
    monkeypatch.setattr("paygate.operations.web_workers.LONGEST_WAIT", 1)
    link = link_of(Offer.objects.get(merchant=anna.merchant), anna.merchant, anna.terminal.number)
    only(1)
    body = Slowly(b"consent=on")
    body.merchant_id = anna.merchant.pk

    instead: dict[str, Any] = {"wsgi.input": body}
    Client().generic("POST", f"{urlsplit(link).path}/pay", b"consent=on", FORM, **instead)

    assert body.others == [anna.merchant.pk]


def test_who_takes_a_file_slowly_has_no_connection_meanwhile(only, anna, monkeypatch):
    monkeypatch.setattr("paygate.operations.web_workers.LONGEST_WAIT", 1)
    browser = anna.browser()
    only(1)

    file = browser.get("/backoffice/offers/offers.xlsx")

    assert (file.status_code, file.streaming) == (200, True)
    assert elsewhere(anna.merchant.pk) == [anna.merchant.pk]
    file.close()


def test_a_connection_that_was_told_is_not_told_again(only, anna, monkeypatch):
    only(1)
    told = []
    with within(anna.merchant.pk):
        assert seen()
        connection.close()
        real = Connection.cursor

        def cursor(self, *more, **options):
            told.append(self)
            return real(self, *more, **options)

        monkeypatch.setattr(Connection, "cursor", cursor)
        assert seen() == [anna.merchant.pk]
    assert len(told) == 1, "one cursor: the statement itself"


@pytest.mark.parametrize("silent_s", [0, 60], ids=["at once", "after a silence"])
def test_connections_that_the_server_ended_are_not_handed_out(only, anna, monkeypatch, silent_s):
    only(3)

    def hold() -> int:
        with within(anna.merchant.pk):
            seen()
            held.append(connection.connection.info.backend_pid)
            return len(held)

    held: list[int] = []
    at_once(hold, hold, hold)
    monkeypatch.setattr(base, "monotonic", lambda: monotonic() + silent_s)
    with Connection.connect(_address(), autocommit=True) as other:
        for pid in set(held):
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    with within(anna.merchant.pk):
        for _ in range(4):
            assert seen() == [anna.merchant.pk]
            assert connection.connection.info.backend_pid not in held
            connection.close()


def test_who_waits_too_long_for_a_connection_is_told_that_the_database_is_away(only, anna, monkeypatch):
    monkeypatch.setattr("paygate.operations.web_workers.LONGEST_WAIT", 0.2)
    only(1)
    with within(anna.merchant.pk):
        assert Offer.objects.count() == 1

        def another() -> int:
            with within(anna.merchant.pk):
                return Offer.objects.count()

        [outcome] = at_once(another)
    assert isinstance(outcome, OperationalError)


def _address() -> str:
    one = connection.settings_dict
    return f"host={one['HOST']} port={one['PORT']} user={one['USER']} dbname={one['NAME']}"
