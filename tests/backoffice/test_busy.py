"""Somebody holds a lock: the person is asked to try again, and nothing is half done (safety.md LK-9)."""

import sqlite3

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from paygate.offers.models import Offer
from tests.make.offers import offer

pytestmark = pytest.mark.django_db(transaction=True)


def disable(anna, sold: Offer):
    return anna.browser().post(f"/backoffice/offers/{sold.pk}/disable/")


@pytest.mark.on_sqlite
def test_a_held_database_is_told_of_and_nothing_is_changed(anna):
    sold = offer(anna.terminal)
    browser = anna.browser()
    holder = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    connection.cursor().execute("PRAGMA busy_timeout = 50")
    try:
        response = browser.post(f"/backoffice/offers/{sold.pk}/disable/")
    finally:
        holder.execute("ROLLBACK")
        holder.close()
        connection.close()

    assert response.status_code == 503
    assert "Nothing was changed" in response.content.decode()
    assert Offer.objects.get(pk=sold.pk).state == "OPEN"
    assert disable(anna, sold).status_code == 302


@pytest.mark.on_postgresql
def test_a_held_row_is_told_of_and_nothing_is_changed(anna):
    sold = offer(anna.terminal)
    browser = anna.browser()
    facts = connection.get_connection_params()
    holder = psycopg.connect(
        **{key: facts[key] for key in ("dbname", "user", "password", "host", "port") if facts.get(key)}
    )
    holder.execute("SELECT set_config('paygate.tenant', '*', false)")
    holder.execute("SELECT 1 FROM offers_offer WHERE id = %s FOR UPDATE", (sold.pk,))
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 50")
    try:
        response = browser.post(f"/backoffice/offers/{sold.pk}/disable/")
    finally:
        holder.rollback()
        holder.close()
        connection.close()

    assert response.status_code == 503
    assert Offer.objects.get(pk=sold.pk).state == "OPEN"
    assert settings.ON_POSTGRESQL


def test_whoever_takes_files_slowly_does_not_take_every_connection(anna):
    """Each file is read from the database while its browser takes it."""
    offer(anna.terminal)
    browser = anna.browser()

    def take(name: str):
        return browser.get(f"/backoffice/{name}")

    slow = [take("offers/offers.csv"), take("journal/journal.csv"), take("offers/offers.csv")]
    too_many = take("journal/journal.csv")
    slow.pop().close()
    afterwards = take("journal/journal.csv")

    assert too_many.status_code == 503
    assert "because much is going on" in too_many.content.decode()
    assert b"".join(afterwards.streaming_content).decode().count("\r\n") == 1
    assert [len(b"".join(one.streaming_content).splitlines()) for one in slow] == [2, 1]
