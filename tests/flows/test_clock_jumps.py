"""The clock jumps by a day, also during a payment: jobs are late or early, and that is all (safety.md TM-3)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.jobs.interface import run_due
from paygate.jobs.registry import PERIODIC
from paygate.jobs.sweep import sweep
from paygate.journal.capture import capture
from paygate.journal.models import BookingPeriod
from paygate.journal.periods import last_closing_time
from paygate.merchants.reach import system
from paygate.offers.payable import expire_due
from paygate.tenants.context import across_tenants
from tests.flows.buyer import ASKED, MASTERCARD, Buyer
from tests.make.desks import Link, desk

pytestmark = pytest.mark.django_db

DAY = 24 * 3600
Jump = Callable[[int], None]


@pytest.fixture
def jump(settings) -> Jump:
    """The application's clock shows so many seconds more (or less) than the real one."""

    def to(seconds: int) -> None:
        settings.PAYGATE_CLOCK_OFFSET = str(seconds)

    return to


def work() -> None:
    """Everything that is due, periodic duties too."""
    for name in ("journal.close_due", "checkout.tie_up_loose_ends", "offers.expire_due"):
        PERIODIC[name].function()
    sweep()
    run_due()


def approvals() -> int:
    return len(
        [row for row in ledger.listed() if row["op"] == "AUTH" and row["code"] == "00" and not row["undone"]]
    )


@pytest.mark.parametrize("seconds", [DAY, -DAY])
def test_while_the_payer_is_at_the_bank(seconds, jump):
    """A day later the claim has lapsed and nothing is charged; a day earlier the payment goes on."""
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)
    carla.to_bank()

    jump(seconds)
    carla.press("approve")
    work()
    jump(0)
    work()

    states = [attempt.state for attempt in link.attempts]
    assert (link.state == "PAID") == ("PAID" in states) == (approvals() == 1)
    assert (link.state == "PAID") == (seconds < 0)
    if link.state != "PAID":
        again = Buyer()
        again.open(link)
        again.pay_by_card(MASTERCARD)
        assert again.step == "paid"
    assert approvals() == 1


@pytest.mark.parametrize("seconds", [DAY, -DAY])
def test_while_the_answer_is_being_looked_for(seconds, jump):
    """Kept or given back, but never both and never forgotten."""
    hotel = desk()
    link = hotel.link()
    set_fault("AUTH", "drop_after_commit")
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)

    for offset in (seconds, seconds + 60, 0, 30, 600, 1200, 2 * DAY):
        jump(offset)
        work()

    assert (link.entry.state, approvals()) in {("AUTHORIZED", 1), ("CANCELED", 0)}
    assert [letter.kind for letter in hotel.letters] in (["confirmation", "notice"], ["not_paid"])
    assert {letter.state for letter in hotel.letters} == {"DONE"}


def test_no_batch_is_closed_twice(jump):
    hotel = desk()
    link = hotel.link()
    book(link)
    evening = last_closing_time(clock.now()) + timedelta(days=1, minutes=5)
    until = int((evening - clock.now()).total_seconds())

    for offset in (until, until - DAY, until, until + DAY, until, until + 60):
        jump(offset)
        work()

    with hotel.in_view():
        states = list(BookingPeriod.objects.order_by("number").values_list("state", flat=True))
    assert states == ["CLOSED", "OPEN"]
    assert len([row for row in ledger.listed() if row["op"] == "BATCH"]) == 1


def book(link: Link) -> None:
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)
    with link.desk.in_view():
        capture(link.entry.pk, by=system(link.desk.merchant.pk), now=clock.now())


def test_no_expired_link_is_revived(jump):
    now = clock.now()
    link = desk().link(expires_at=now + timedelta(hours=2))
    jump(DAY)
    with across_tenants():
        expire_due(now=clock.now())
    assert link.state == "EXPIRED"

    jump(-DAY)
    work()

    assert link.state == "EXPIRED"
    assert Buyer().open(link).step == "expired"
