"""The invariants of multi-use links are broken on purpose, and are seen (safety.md 23: INV-02, 10, 11, 17, 18)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from paygate import clock
from paygate.acquiring.simulator.faults import set_fault
from paygate.checkout.models import Session
from paygate.journal.models import Entry
from paygate.links.models import Link, LinkTotal
from paygate.mail.models import Mail
from paygate.tenants.context import across_tenants
from tests.flows.buyer import DECLINED, MASTERCARD
from tests.flows.visiting import at
from tests.invariants import assert_invariants_hold, broken
from tests.make.desks import CARDS, desk
from tests.make.visits import MultiUse, multi_use

pytestmark = pytest.mark.django_db

Break = Callable[[MultiUse], Any]


def paid(number: str = MASTERCARD) -> MultiUse:
    link = multi_use(desk(methods=CARDS))
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by_card(number)
    return link


def silent() -> MultiUse:
    set_fault("AUTH", "drop_after_commit")
    return paid()


def declined() -> MultiUse:
    return paid(DECLINED)


def all_of(model: Any, **columns: Any) -> Break:
    return lambda link: model.objects.update(**columns)


def without_counters(link: MultiUse) -> None:
    LinkTotal.objects.all().delete()


def six_tries(link: MultiUse) -> None:
    attempt = link.attempts[0]
    for _ in range(5):
        attempt.pk, attempt.form_id = None, uuid4()
        attempt.entry = attempt.authentication = attempt.held_card = None
        attempt.save()


def deleted_by_nobody(link: MultiUse) -> None:
    link.change(state="DELETED", deleted_at=clock.now())


BROKEN: list[tuple[str, str, Callable[[], MultiUse], Break]] = [
    ("INV-02", "a payment too many is counted", paid, all_of(LinkTotal, payments=2)),
    ("INV-02", "another sum", paid, all_of(LinkTotal, sum_minor=501)),
    ("INV-02", "a place that nobody holds", paid, all_of(LinkTotal, held=1, held_minor=500)),
    ("INV-02", "a place that is not held", silent, all_of(LinkTotal, held=0, held_minor=0)),
    ("INV-02", "nothing is counted", paid, without_counters),
    ("INV-02", "more than the link allows", paid, all_of(Link, most_total_minor=499)),
    ("INV-02", "an entry of another link", paid, all_of(Entry, multi_use_of=str(uuid4()))),
    ("INV-10", "a state without a step", paid, deleted_by_nobody),
    ("INV-11", "no confirmation", paid, lambda link: Mail.objects.filter(kind="confirmation").delete()),
    ("INV-14", "a card number in a prefix", paid, all_of(Link, reference_prefix="9010003150000001")),
    ("INV-17", "a sixth try", declined, six_tries),
    ("INV-18", "another number of digits", paid, all_of(Link, exponent=3)),
    ("INV-18", "another amount of the visit", paid, all_of(Session, amount_minor=501)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("invariant", "what", "story", "break_it"), BROKEN, ids=[f"{row[0]}: {row[1]}" for row in BROKEN]
)
def test_what_breaks_an_invariant_is_found(invariant, what, story, break_it):
    link = story()
    assert_invariants_hold()

    with across_tenants():
        break_it(link)

    assert invariant in broken()


def test_a_link_that_took_more_payments_than_it_allows_is_found():
    link = paid()
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by_card(MASTERCARD)

    link.change(most_payments=1)

    assert "INV-02" in broken()
