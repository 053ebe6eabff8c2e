"""Whoever had begun in time has paid, however late the answer comes (safety.md 2.3, ST-7, OC-7).

Until it is known the attempt holds the offer and the visit: neither ends meanwhile, so no money arrives too late.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from paygate import clock
from paygate.acquiring.simulator.faults import clear, set_fault
from paygate.checkout.tasks import tie_up_loose_ends
from paygate.jobs.interface import run_due
from paygate.jobs.sweep import sweep
from paygate.merchants.reach import system
from paygate.offers.change import BeingPaid, disable
from paygate.offers.tasks import expire_due
from tests.flows.buyer import MASTERCARD, Buyer
from tests.make.desks import Link, desk

pytestmark = pytest.mark.django_db

MINUTE, HOUR = 60, 3600


@pytest.fixture
def later(settings) -> Callable[[int], None]:
    """So many seconds after the beginning everything runs that is due."""
    settings.PAYGATE_CLOCK_OFFSET = "0"

    def run(seconds: int) -> None:
        settings.PAYGATE_CLOCK_OFFSET = str(seconds)
        expire_due()
        tie_up_loose_ends()
        sweep()
        run_due()

    return run


def checking_at_the_deadline() -> tuple[Link, Buyer]:
    """An offer with a minute left, whose payer waits for an answer that does not come."""
    link = desk().link()
    link.change(expires_at=clock.now() + timedelta(minutes=1))
    set_fault("AUTH", "drop_after_commit")
    set_fault("INQUIRY", "http_500", 100)
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)
    return link, carla


def test_an_offer_whose_deadline_passes_while_we_are_checking_is_paid(later):
    link, carla = checking_at_the_deadline()

    later(2 * MINUTE)
    assert link.state == "OPEN"
    assert Buyer().open(link).step == "in-progress"
    assert carla.reload().step == "wait"
    clear()
    later(290)

    assert (link.state, link.entry.state) == ("PAID", "AUTHORIZED")
    assert carla.reload().step == "paid"


def test_an_offer_whose_deadline_passes_expires_once_nothing_is_kept(later):
    link, _carla = checking_at_the_deadline()

    later(6 * MINUTE)
    later(7 * MINUTE)

    assert (link.state, link.entry.state) == ("EXPIRED", "CANCELED")


def test_an_offer_cannot_be_taken_back_while_we_are_checking():
    """ST-7."""
    hotel = desk()
    link = hotel.link()
    set_fault("AUTH", "drop_after_commit")
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)

    with hotel.in_view(), pytest.raises(BeingPaid):
        disable(link.id, by=system(hotel.merchant.pk), now=clock.now())


def test_a_visit_whose_wallet_answers_after_hours_is_still_open(later):
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    set_fault("INQUIRY", "http_500", 100)
    carla.pay_by("TWINT")
    carla.press("approve")
    assert carla.step == "wait"

    later(3 * HOUR)
    (session,) = link.sessions
    assert (session.state, link.state) == ("OPEN", "OPEN")
    clear()
    later(30 * HOUR)

    (session,) = link.sessions
    assert (session.state, link.state, link.attempt.state) == ("PAID", "PAID", "PAID")
