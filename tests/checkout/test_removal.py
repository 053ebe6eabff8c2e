"""Six months after its deletion a link goes for good, and its payments stay (SPG-MUL-08, 09; safety.md 20)."""

from datetime import timedelta

import pytest

from paygate import clock
from paygate.acquiring.simulator.faults import set_fault
from paygate.checkout import removal
from paygate.checkout.models import Session
from paygate.checkout.removal import remove_deleted_links
from paygate.journal.models import Entry
from paygate.links.change import delete_link, restore_link
from paygate.links.models import Link, LinkTotal
from paygate.merchants.reach import system
from paygate.tenants.context import across_tenants
from tests.flows.buyer import MASTERCARD
from tests.flows.visiting import at
from tests.invariants import assert_invariants_hold
from tests.make.desks import CARDS, desk
from tests.make.visits import MultiUse, multi_use

pytestmark = pytest.mark.django_db

SIX_MONTHS = timedelta(days=184)


def paid_and_deleted(times: int = 1) -> MultiUse:
    link = multi_use(desk(methods=CARDS))
    for _ in range(times):
        carla = at(link)
        carla.say_how_much("5")
        carla.pay_by_card(MASTERCARD)
    by = system(link.desk.terminal.merchant_id)
    with link.desk.in_view():
        delete_link(link.id, by=by, now=clock.now())
    return link


def removed(*, after: timedelta = SIX_MONTHS) -> int:
    with across_tenants():
        return remove_deleted_links(now=clock.now() + after)


def test_a_deleted_link_stays_for_six_months_and_goes_then_without_its_payments(monkeypatch):
    """SPG-MUL-08, 09; visits forget it some at a time."""
    monkeypatch.setattr(removal, "TOGETHER", 2)
    link = paid_and_deleted(times=3)
    token = link.visits[0].token

    assert removed(after=timedelta(days=180)) == 0
    assert removed() == 1

    with link.desk.in_view():
        assert not Link.objects.exists()
        assert not LinkTotal.objects.exists()
        assert Session.objects.filter(link=None, state="PAID").count() == 3
        assert Entry.objects.filter(multi_use_of=str(link.id), succeeded=True).count() == 3
    assert_invariants_hold()
    receipt = at(link).open(f"/vt2/api/PaymentPage/100001/17000011/{token}")
    assert receipt.step == "paid"
    assert at(link).page.status == 404
    assert removed() == 0


def test_what_was_restored_stays():
    link = paid_and_deleted()
    with link.desk.in_view():
        restore_link(link.id, by=system(link.desk.terminal.merchant_id), now=clock.now())

    assert removed() == 0
    assert link.totals == {"CHF": (1, 500)}


def test_a_link_with_a_payment_that_nobody_knows_the_end_of_stays():
    set_fault("AUTH", "drop_after_commit")
    set_fault("INQUIRY", "drop_before_read", 20)
    link = paid_and_deleted()
    assert link.held == 1

    assert removed() == 0
    assert link.visit.link_id == link.id
