"""An installation in which no money moves says TEST on every page and in every letter; one in production does not."""

from pathlib import Path

import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext_lazy

import paygate
from paygate import clock
from paygate.accounts.letters import queue_change_letter, queue_reset_letter
from paygate.acquiring.connector import Elsewhere
from paygate.acquiring.simulator.connector import SimulatorConnector
from tests.accounts.letters import arrived
from tests.acquiring.requests import twint
from tests.flows.buyer import ASKED, DECLINED, Buyer
from tests.make.desks import desk

PACKAGE = Path(paygate.__file__).parent

pytestmark = pytest.mark.django_db


def says_test(page: str) -> bool:
    return "TEST" in page


def test_every_frame_of_pages_and_letters_has_a_place_for_it():
    """Whoever adds another look gives it its own."""
    frames = [path for path in PACKAGE.rglob("*.jinja") if "<!doctype html>" in path.read_text()]

    assert len(frames) == 7
    texts = [path for path in PACKAGE.rglob("*.txt.jinja") if path.name == "letter.txt.jinja"]
    assert [path for path in frames + texts if '_("TEST")' not in path.read_text()] == []


@pytest.mark.parametrize(
    "name", ["account_login", "account_reset_password", "account_logout", "account_reset_password_done"]
)
def test_the_pages_of_signing_in(name):
    assert says_test(Client().get(reverse(name), follow=True).content.decode())


def test_the_back_office(anna):
    browser = anna.browser()

    for name in ("home", "search", "offers", "offer_new", "journal", "periods", "letters", "terminals"):
        page = browser.get(reverse(f"backoffice:{name}"))
        assert (page.status_code, says_test(page.content.decode())) == (200, True), name
    assert says_test(browser.get("/backoffice/no-such-page/").content.decode())


def test_the_payment_pages_and_the_bank():
    shop = desk()
    link, other = shop.link(), shop.link()
    carla = Buyer()
    carla.open("/SecurePayGate/Payment/100001/17000011/unknown")
    carla.open(link)
    carla.pay_by_card(DECLINED)
    carla.pay_by_card(ASKED)
    carla.to_bank()
    carla.press("approve")
    carla.open(link)
    carla.open(other)
    carla.cancel()

    assert {page.step for page in carla.pages} >= {"choose", "card", "paid", "aborted"}
    assert any('data-action="approve"' in page.html for page in carla.pages), "the bank's page is among them"
    assert [page.url for page in carla.pages if not says_test(page.html)] == []


def test_the_wallet():
    answer = SimulatorConnector().authorize(twint())
    assert isinstance(answer, Elsewhere)

    assert says_test(Client().get(answer.url).content.decode())


def test_every_letter(anna):
    now = clock.now()
    shop = desk(customer_id="100009", number="17000019")
    carla = Buyer()
    carla.open(shop.link())
    carla.pay_by_card()
    queue_reset_letter(anna.user, now=now)
    queue_change_letter(anna.user, gettext_lazy("Your password was changed."), now=now)

    letters = arrived()

    assert len(letters) >= 4
    assert [one.mail.subject for one in letters if not says_test(one.parts.text)] == []
    assert [one.mail.subject for one in letters if not says_test(one.parts.html)] == []


def test_production_does_not(settings):
    settings.PAYGATE_ENV = "production"

    assert not says_test(Client().get(reverse("account_login")).content.decode())
    assert not says_test(Client().get("/no-such-page", HTTP_HOST="localhost:8000").content.decode())
    page = get_template("account/base.html.jinja").render({})
    assert not says_test(page)
