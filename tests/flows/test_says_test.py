"""Where no money moves, every page and every letter says so (contract section 2)."""

import pytest
from django.test import Client

from paygate.acquiring.simulator.faults import set_fault
from paygate.jobs.interface import run_due
from paygate.mail.archive import raw
from tests.flows.buyer import ASKED, MASTERCARD, Buyer
from tests.make.desks import desk

pytestmark = pytest.mark.django_db

BADGE = ("TEST", "Test")


def says_test(html: str) -> bool:
    return any(badge in html for badge in BADGE)


@pytest.mark.parametrize(
    "path", ["/account/login/", "/account/password/reset/", "/SecurePayGate/Payment/1/2/3", "/nowhere"]
)
def test_pages_for_anybody(path):
    assert says_test(Client().get(path, follow=True).content.decode())


@pytest.mark.parametrize(
    "path", ["/backoffice/", "/backoffice/offers/", "/backoffice/journal/", "/backoffice/settings/terminals/"]
)
def test_pages_of_the_back_office(path, anna):
    assert "TEST" in anna.browser().get(path, follow=True).content.decode()


def test_every_page_of_a_payment():
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    assert says_test(carla.page.html)
    carla.to_card_form()
    assert says_test(carla.page.html)
    carla.pay_by_card(ASKED)
    assert says_test(carla.page.html)
    carla.to_bank()
    assert says_test(carla.page.html), "the issuer's page"
    carla.press("approve")
    assert carla.step == "paid"
    assert says_test(carla.page.html)


def test_the_wallet_and_the_page_that_waits():
    hotel = desk()
    carla = Buyer()
    carla.open(hotel.link())
    carla.pay_by("TWINT")
    assert says_test(carla.page.html), "the wallet's page"
    set_fault("AUTH", "drop_after_commit")
    beat = Buyer()
    beat.open(hotel.link())
    beat.pay_by_card(MASTERCARD)
    assert beat.step == "wait"
    assert says_test(beat.page.html)


def test_every_letter():
    hotel = desk()
    carla = Buyer()
    carla.open(hotel.link())
    carla.pay_by_card(MASTERCARD)
    run_due()

    assert len(hotel.letters) == 2
    with hotel.in_view():
        for letter in hotel.letters:
            assert b"TEST" in raw(letter)
