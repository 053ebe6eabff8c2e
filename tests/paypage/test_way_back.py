"""Own result pages: the payer reads the truth here, and goes on to the merchant's page with the token in its place."""

import re
from typing import Any

import pytest

from paygate.checkout.models import Session
from tests.flows.buyer import DECLINED, MASTERCARD, Buyer
from tests.make.desks import Desk, desk

pytestmark = pytest.mark.django_db

OWN = {
    "own_pages": True,
    "success_url": "https://www.shop.com/myspg/success/{{{PAYMENTPAGETOKEN}}}",
    "failure_url": "https://www.shop.com/myspg/fail?pptoken={{{PAYMENTPAGETOKEN}}}",
    "abort_url": "https://www.shop.com/myspg/abort#{{{PAYMENTPAGETOKEN}}}",
}


def onward(carla: Buyer) -> tuple[str, bool]:
    """Where the link to the merchant leads, and whether the page goes there by itself."""
    html = carla.page.html
    found = re.search(r'<a[^>]*href="([^"]*)"[^>]*data-onward', html)
    return (found[1] if found else ""), 'http-equiv="refresh" content="8;url=' in html


def paid_with(card: str, hotel: Desk, **terms: Any) -> tuple[Buyer, str]:
    """After paying, the browser and the token of its session."""
    link, carla = hotel.link(**terms), Buyer()
    carla.open(link)
    carla.pay_by_card(card)
    with hotel.in_view():
        return carla, Session.objects.get(offer=link.offer).token


def test_after_success_the_payer_goes_on_with_the_token_in_the_path():
    """SPG-SET-12, 13, 15, 16."""
    hotel = desk()
    hotel.prefers(**OWN)

    carla, token = paid_with(MASTERCARD, hotel)

    assert carla.step == "paid"
    assert onward(carla) == (f"https://www.shop.com/myspg/success/{token}", True)


def test_after_a_failure_with_the_token_in_the_query():
    """SPG-SET-17."""
    hotel = desk()
    hotel.prefers(**OWN)

    carla, token = paid_with(DECLINED, hotel, max_attempts=1)

    assert carla.step == "failed"
    assert onward(carla)[0] == f"https://www.shop.com/myspg/fail?pptoken={token}"


def test_who_gives_up_goes_on_with_the_token_in_the_fragment():
    """SPG-SET-18."""
    hotel = desk()
    hotel.prefers(**OWN)
    link, carla = hotel.link(), Buyer()
    carla.open(link)

    carla.cancel()

    with hotel.in_view():
        token = Session.objects.get(offer=link.offer).token
    assert carla.step == "aborted"
    assert onward(carla)[0] == f"https://www.shop.com/myspg/abort#{token}"


def test_with_the_standard_pages_nobody_is_sent_anywhere():
    """SPG-SET-11."""
    hotel = desk()
    hotel.prefers(**OWN | {"own_pages": False})

    carla, _token = paid_with(MASTERCARD, hotel)

    assert (carla.step, onward(carla)) == ("paid", ("", False))


def test_the_placeholder_is_optional():
    """SPG-SET-14."""
    hotel = desk()
    hotel.prefers(**OWN | {"success_url": "https://www.shop.com/thanks"})

    carla, _token = paid_with(MASTERCARD, hotel)

    assert onward(carla)[0] == "https://www.shop.com/thanks"


def test_another_browser_that_opens_the_link_gets_no_token():
    """safety.md LN-4: the token is for the payer's browser."""
    hotel = desk()
    hotel.prefers(**OWN)
    link, carla, dario = hotel.link(), Buyer(), Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)

    dario.open(link)

    assert (dario.step, onward(dario)) == ("paid", ("", False))
