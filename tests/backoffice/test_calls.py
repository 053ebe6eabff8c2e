"""A payment's page tells what came of the calls to the merchant's server, and has it called again."""

import re

import pytest

from paygate.audit.models import AuditLine
from paygate.clock import now
from paygate.jobs.interface import run_due
from paygate.merchants.models import Preferences, Role
from paygate.webhooks.models import Delivery
from tests.backoffice.reading import words
from tests.cast import somebody
from tests.flows.buyer import MASTERCARD, Buyer
from tests.make.desks import Desk
from tests.webhooks.shop import open_shop

pytestmark = pytest.mark.django_db

CHANGE = "/backoffice/settings/secure-paygate/change"
GIVEN_UP = {"state": "GIVEN_UP", "tries": 17, "answer": "503", "answer_ms": 21}


def paid(anna, notify_url: str) -> str:
    """A payment that the hotel's server is told of; the address of its page."""
    Preferences.objects.update(notify_url=notify_url)
    link = Desk(anna.terminal).link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)
    return f"/backoffice/journal/{link.entry.transaction_id}/"


def test_a_payment_tells_what_its_call_came_to(anna):
    """SPG-SET-22."""
    with open_shop() as shop:
        page = paid(anna, f"{shop.url}/paid/{{{{{{PAYMENTPAGETOKEN}}}}}}")
        browser = anna.browser()
        assert "Waiting to be called" in words(browser.get(page))

        run_due()

        said = words(browser.get(page))
        assert "Calls to your server" in said
        assert f"{shop.url} " in said
        assert "Delivered" in said
        assert "Last answer: answered with status 200" in said
        assert "Call again" not in said
        (heard,) = shop.heard
        assert heard.path.removeprefix("/paid/") not in browser.get(page).content.decode(), (
            "the token is shown"
        )


def test_without_a_call_nothing_is_said_of_one(anna):
    assert words(anna.browser().get(paid(anna, ""))).count("Calls to your server") == 1  # in the menu


def test_a_call_that_fails_tells_when_it_is_tried_again(anna):
    with open_shop() as shop:
        shop.status = 500
        page = paid(anna, shop.url)
        run_due()

    response = anna.browser().get(page)
    said = words(response)
    assert "Trying again" in said
    assert "1 try failed" in said
    assert re.search(r"next try: today \d\d:\d\d|next try: tomorrow", said)
    assert "&lt;" not in response.content.decode(), "markup is shown as text"


def test_what_was_given_up_is_called_again(anna):
    """safety.md OB-4: under the same id."""
    with open_shop() as shop:
        page = paid(anna, shop.url)
        call = Delivery.objects.get()
        Delivery.objects.update(**GIVEN_UP)
        browser = anna.browser()
        said = words(browser.get(page))
        assert "Given up" in said
        assert "Call again" in said
        assert "answered with status 503" in said

        response = browser.post(f"{page}call-again/", follow=True)
        run_due()

        assert "Your server is called again." in words(response)
        assert [heard.id for heard in shop.heard] == [str(call.public_id)]
        assert "Delivered" in words(browser.get(page))
        line = AuditLine.objects.get(action="called again")
        assert (line.by, line.subject) == (anna.actor.name, call.about)
        assert line.detail == {"call": str(call.public_id), "server": shop.url}
        again = browser.post(f"{page}call-again/", follow=True)
        assert "nothing to repeat" in words(again)
        assert len(shop.heard) == 1
        assert AuditLine.objects.filter(action="called again").count() == 1, "nothing was repeated"


def test_who_may_not_book_sees_it_and_has_no_button(anna):
    page = paid(anna, "https://shop.example/")
    Delivery.objects.update(**GIVEN_UP)
    clerk = somebody(anna.terminal, "Rita", Role.READER).browser()

    assert "Given up" in words(clerk.get(page))
    assert "Call again" not in words(clerk.get(page))
    assert clerk.post(f"{page}call-again/").status_code == 403
    assert Delivery.objects.get().state == "GIVEN_UP"
    assert now() > Delivery.objects.get().created_at


@pytest.mark.parametrize(
    ("status", "said"), [(200, "answered with status 200"), (404, "answered with status 404")]
)
def test_the_notification_address_is_called_from_the_settings_with_status_and_time(anna, status, said):
    """Nothing is saved, and what the server writes is not shown."""
    with open_shop() as shop:
        shop.status = status
        address = f"{shop.url}/paid?token={{{{{{PAYMENTPAGETOKEN}}}}}}"
        page = anna.browser().post(CHANGE, {"notify_server": "on", "notify_url": address, "button": "call"})

        assert re.search(rf"Called now: {said}, after \d+ ms", words(page))
        (heard,) = shop.heard
        assert heard.path.startswith("/paid?token=EXAMPLE-")
    line = AuditLine.objects.get(action="notification tried")
    assert (line.by, line.detail) == (anna.actor.name, {"address": address, "answer": said})
    assert Preferences.objects.get().notify_url == ""


@pytest.mark.parametrize("address", ["", "ftp://shop.example/", "http://["])
def test_an_address_that_is_none_is_not_called(anna, address):
    page = anna.browser().post(CHANGE, {"notify_server": "on", "notify_url": address, "button": "call"})

    assert page.status_code == 422
    assert "Called now" not in words(page)
