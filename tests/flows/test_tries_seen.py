"""What the merchant sees of tries that never reached the acquirer: when, why, and what 3-D Secure said (3D-5)."""

from typing import Any

import pytest

from paygate.merchants.licence import Feature
from paygate.merchants.models import Licence, Role
from tests.backoffice.reading import words
from tests.cast import somebody
from tests.flows.buyer import ASKED, REFUSED, VISA, Buyer
from tests.make.desks import Link, desk

pytestmark = pytest.mark.django_db


def page_of(link: Link) -> Any:
    with link.desk.in_view():
        Licence.objects.create(merchant=link.desk.merchant, features=[Feature.SECURE_PAYGATE.value])
    clerk = somebody(link.desk.terminal, "Beat", Role.CLERK).browser()
    return clerk.get(f"/backoffice/offers/{link.id}/")


def at_the_bank(number: str) -> tuple[Link, Buyer]:
    link, carla = desk().link(), Buyer()
    carla.open(link)
    carla.pay_by_card(number)
    carla.to_bank()
    return link, carla


@pytest.mark.parametrize(
    ("number", "button", "why"),
    [
        (REFUSED, "approve", "The buyer's bank did not confirm who is paying."),
        (ASKED, "cancel", "The buyer canceled, left or took too long."),
    ],
)
def test_a_try_that_the_bank_ended_is_told_with_its_messages(number, button, why):
    link, carla = at_the_bank(number)
    carla.press(button)

    page = page_of(link)

    assert f"{why} Nothing was reserved." in words(page)
    assert all(f"{kind} ·" in words(page) for kind in ("AReq", "ARes", "RReq"))
    assert number not in page.content.decode()


def test_who_paid_at_once_left_no_such_try():
    link, carla = desk().link(), Buyer()
    carla.open(link)
    carla.pay_by_card(VISA)

    assert "Nothing was reserved" not in words(page_of(link))


def test_a_payments_page_shows_the_whole_3d_secure_log():
    """SPG-ARC-03, 04: details of the payer and of the payment, and what was said to and by the issuer."""
    link, carla = at_the_bank(ASKED)
    carla.press("approve")
    with link.desk.in_view():
        Licence.objects.create(merchant=link.desk.merchant, features=[Feature.SECURE_PAYGATE.value])
    clerk = somebody(link.desk.terminal, "Beat", Role.CLERK).browser()

    page = clerk.get(f"/backoffice/journal/{link.entry.transaction_id}/")

    told = words(page)
    assert "3-D Secure log" in page.content.decode()
    assert all(kind in told for kind in ("AReq", "ARes", "RReq", "RRes", "CRes"))
    assert "carla@example.org" in told
    assert ASKED not in page.content.decode()
