"""Buttons that count only for what was seen, and their addresses opened as pages."""

import pytest
from django.test import Client

from paygate.journal.capture import capture
from tests.make.journal import reservation
from tests.make.money import chf
from tests.make.offers import offer


def test_a_page_that_is_out_of_date_cancels_nothing(anna):
    entry = reservation(anna.terminal, chf(10))
    path = f"/backoffice/journal/{entry.transaction_id}/"
    browser = anna.browser()
    seen = "AUTHORIZED 0 0"
    assert f'value="{seen}"' in browser.get(path).content.decode()
    capture(entry.pk, amount=chf(4), by=anna.actor, now=entry.created_at)

    answer = browser.post(f"{path}cancel/", {"seen": seen}, follow=True)

    entry.refresh_from_db()
    assert (entry.state, entry.booked_minor) == ("CAPTURED", 400)
    assert "has changed meanwhile" in answer.content.decode()


@pytest.mark.parametrize("button", ["send", "disable", "restore"])
def test_the_address_of_a_button_opened_as_a_page_leads_to_its_page(anna, button):
    sold = offer(anna.terminal)

    answer = anna.browser().get(f"/backoffice/offers/{sold.pk}/{button}/")

    assert (answer.status_code, answer["Location"]) == (302, f"/backoffice/offers/{sold.pk}/")


def test_a_press_after_the_session_ended_leads_back_to_the_page_it_was_on(anna):
    entry = reservation(anna.terminal, chf(10))

    answer = Client().post(f"/backoffice/journal/{entry.transaction_id}/book/", {"amount": "10.00"})

    assert answer["Location"] == f"/account/login/?next=/backoffice/journal/{entry.transaction_id}/"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_last_days_of_the_calendar_narrow_nothing(anna, day):
    for name in ("expires_from", "expires_to"):
        assert anna.browser().get("/backoffice/offers/", {name: day}).status_code == 200


def test_a_body_that_is_too_large_gets_a_clear_page(anna, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    answer = anna.browser().post("/backoffice/offers/new/", {"description": "x" * 5000})

    assert answer.status_code == 400
    assert "could not be read" in answer.content.decode()
