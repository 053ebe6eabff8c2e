"""The acquirer does not answer about a payment by a multi-use link: its place is held until the end is known."""

import pytest

from paygate import clock
from paygate.acquiring.simulator.faults import clear, set_fault
from tests.flows.buyer import MASTERCARD, Buyer
from tests.flows.visiting import at, letters_of
from tests.make.desks import CARDS, desk
from tests.make.visits import MultiUse, multi_use
from tests.operations.shop import in_minutes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_clock(settings) -> None:
    """Stories let time pass."""
    settings.PAYGATE_CLOCK_OFFSET = ""


def unanswered(fault: str = "drop_after_commit") -> tuple[MultiUse, Buyer]:
    """Carla pays, and nobody says whether it worked."""
    set_fault("AUTH", fault)
    link = multi_use(desk(methods=CARDS), most_payments=1)
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by_card(MASTERCARD)
    return link, carla


def test_the_payer_waits_and_the_place_is_held():
    """safety.md OC-1, OC-11: no answer is not a no."""
    link, carla = unanswered()

    assert carla.step == "wait"
    assert "do not pay again" in carla.page.words
    assert (link.held, link.totals) == (1, {})
    dario = at(link)
    assert (dario.step, dario.page.main["data-why"]) == ("in-progress", "all-taken")
    assert at(link).page.status == 200


def test_who_comes_back_to_the_link_meanwhile_pays_nothing_twice():
    link, carla = unanswered()

    carla.open(link)

    assert carla.step == "wait"
    assert len(link.attempts) == 1


def test_an_answer_that_is_found_out_later_is_a_payment_with_all_that_follows():
    link, carla = unanswered()

    in_minutes(1)
    carla.reload()

    assert carla.step == "paid"
    assert (link.held, link.totals) == (0, {"CHF": (1, 500)})
    assert letters_of(link.desk, "confirmation") == ["carla@example.org"]
    assert letters_of(link.desk, "notice") == ["reception@alpenblick.example"]
    assert at(link).page.main["data-why"] == "used-up"


def test_a_question_that_never_arrived_frees_the_place_and_the_payer_is_told():
    link, carla = unanswered("drop_before_read")
    for minute in (2, 4, 30):
        in_minutes(minute)

    assert (link.held, link.totals) == (0, {})
    assert letters_of(link.desk, "not_paid") == ["carla@example.org"]
    letter = next(mail for mail in link.desk.letters if mail.kind == "not_paid")
    assert letter.about == f"entry:{link.entry.transaction_id}"
    assert at(link).step == "amount"


def test_what_nobody_answers_in_five_minutes_is_given_back_and_frees_the_place():
    """safety.md OC-7."""
    set_fault("INQUIRY", "drop_before_read", 20)
    link, _carla = unanswered()

    in_minutes(6)
    clear()
    in_minutes(10)

    assert [attempt.state for attempt in link.attempts] == ["VOIDED"]
    assert link.entry.state == "CANCELED"
    assert (link.held, link.totals) == (0, {})
    dario = at(link)
    dario.say_how_much("5")
    dario.pay_by_card(MASTERCARD)
    assert dario.step == "paid"
    assert clock.now() > link.visits[0].opened_at
