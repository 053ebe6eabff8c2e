"""Multi-use links that are not open, ended, used up or deleted; payers who give up, or try too often."""

from datetime import timedelta

import pytest

from paygate import clock
from paygate.checkout.loose_ends import expire_sessions, give_up_left_behind
from paygate.links.change import delete_link, restore_link
from paygate.merchants.reach import system
from paygate.tenants.context import across_tenants
from tests.flows.buyer import ASKED, DECLINED, MASTERCARD, Buyer
from tests.flows.visiting import at, error_at
from tests.make.desks import CARDS, desk
from tests.make.money import chf
from tests.make.visits import multi_use

pytestmark = pytest.mark.django_db


CLOSED = [
    ({"begins_at": timedelta(days=1)}, "disabled", "not-begun", "It opens on"),
    ({"ends_at": timedelta(seconds=-1)}, "expired", "ended", "This payment link has ended"),
]


@pytest.mark.parametrize(("dates", "step", "why", "says"), CLOSED)
def test_a_link_outside_its_dates_says_so(dates, step, why, says):
    link = multi_use(desk())
    carla = at(link)
    form = carla.page.forms[0]
    link.change(**{name: clock.now() + ahead for name, ahead in dates.items()})

    for look in (lambda: carla.open(link), lambda: carla.send(form, amount="5", email="c@example.org")):
        look()
        assert (carla.step, carla.page.main["data-why"]) == (step, why)
        assert says in carla.page.words
    assert link.visits == []


def test_who_began_in_time_is_told_when_the_link_has_ended_meanwhile():
    link = multi_use(desk(methods=CARDS))
    carla = at(link)
    carla.say_how_much("5")
    link.change(ends_at=clock.now())

    carla.pay_by_card(MASTERCARD)

    assert (carla.step, carla.page.main["data-why"]) == ("expired", "ended")
    assert link.attempts == []


def test_who_was_at_the_bank_when_it_ended_pays_to_the_end():
    """safety.md ST-7."""
    link = multi_use(desk())
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by_card(ASKED)
    link.change(ends_at=clock.now())
    with link.desk.in_view():
        delete_link(link.id, by=system(link.desk.terminal.merchant_id), now=clock.now())

    carla.to_bank()
    carla.press("approve")

    assert carla.step == "paid"
    assert link.totals == {"CHF": (1, 500)}


def test_a_link_that_is_used_up_says_so():
    link = multi_use(desk(), most_payments=1)
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by_card(MASTERCARD)

    dario = at(link)

    assert (dario.step, dario.page.main["data-why"]) == ("disabled", "used-up")
    carla.open(link)
    assert carla.page.main["data-why"] == "used-up"


def test_who_comes_too_late_for_the_last_place_is_charged_nothing():
    """The place is taken before money is asked for, not before the payer has been at the bank."""
    link = multi_use(desk(), most_payments=1)
    carla, dario = at(link), at(link)
    for buyer in (carla, dario):
        buyer.say_how_much("5")
        buyer.pay_by_card(ASKED)
        buyer.to_bank()
    carla.press("approve")
    dario.press("approve")

    assert (carla.step, dario.step) == ("paid", "disabled")
    assert dario.page.main["data-why"] == "used-up"
    assert "Nothing has been charged to you" in dario.page.words
    assert [attempt.state for attempt in link.attempts] == ["PAID", "FAILED"]
    assert link.totals == {"CHF": (1, 500)}


def test_no_more_than_what_is_left_can_be_entered():
    link = multi_use(desk(), most_total=chf(100))
    carla = at(link)
    carla.say_how_much("70")
    carla.pay_by_card(MASTERCARD)

    dario = at(link)
    dario.say_how_much("30.01")
    assert error_at(dario, "amount") == "At most CHF 30.00."
    dario.say_how_much("30")
    dario.pay_by_card(MASTERCARD)

    assert dario.step == "paid"
    assert at(link).page.main["data-why"] == "used-up"


def test_what_is_left_limits_what_is_suggested_too():
    link = multi_use(desk(), most_total=chf(80), suggested=(chf(10), chf(30), chf(50)))
    carla = at(link)
    assert carla.page.html.count("data-suggested") == 3
    carla.say_how_much(suggested="5000")
    carla.pay_by_card(MASTERCARD)

    assert "CHF 30.00" in at(link).page.words
    assert at(link).page.html.count("data-suggested") == 2


def test_an_amount_that_no_longer_fits_is_not_charged():
    link = multi_use(desk(methods=CARDS), most_total=chf(100))
    carla, dario = at(link), at(link)
    carla.say_how_much("70")
    dario.say_how_much("70")
    carla.pay_by_card(MASTERCARD)

    dario.pay_by_card(MASTERCARD)

    assert dario.page.main["data-why"] == "used-up"
    assert link.totals == {"CHF": (1, 7000)}
    dario.open(link)
    assert "At most CHF 30.00." in dario.page.words


def test_a_deleted_link_is_as_unknown_as_any_and_comes_back():
    """SPG-MUL-07, 10; safety.md LN-2: deleted, foreign, unknown and malformed links are the same page."""
    hotel = desk()
    link, other = multi_use(hotel), multi_use(desk("200002", "17000099"))
    by = system(hotel.terminal.merchant_id)
    with hotel.in_view():
        delete_link(link.id, by=by, now=clock.now())
    never = link.path[:-4] + "0000"
    foreign = other.path.replace("200002", "100001").replace("17000099", "17000011")

    pages = [Buyer().open(path) for path in (link.path, never, foreign, f"{link.path}x")]

    assert {page.status for page in pages} == {404}
    assert len({page.words for page in pages}) == 1
    with hotel.in_view():
        restore_link(link.id, by=by, now=clock.now())
    assert at(link).step == "amount"


def test_a_payer_in_a_deleted_link_is_told_so():
    link = multi_use(desk(methods=CARDS))
    carla = at(link)
    carla.say_how_much("5")
    with link.desk.in_view():
        delete_link(link.id, by=system(link.desk.terminal.merchant_id), now=clock.now())

    carla.pay_by_card(MASTERCARD)

    assert (carla.step, carla.page.main["data-why"]) == ("disabled", "deleted")
    assert link.attempts == []


def test_who_gives_up_on_the_first_page_has_opened_nothing():
    link = multi_use(desk())
    carla = at(link)

    carla.cancel()

    assert (carla.step, link.visits) == ("aborted", [])
    carla.open(carla.page.link("Try again"))
    assert carla.step == "amount"


@pytest.mark.parametrize("page", ["amount", "choose", "card"])
def test_who_gives_up_later_ends_the_visit(page):
    link = multi_use(desk())
    carla = at(link)
    carla.say_how_much("5")
    match page:
        case "amount":
            carla.open(link)
        case "card":
            carla.to_card_form()

    carla.cancel()

    assert carla.step == "aborted"
    assert [visit.state for visit in link.visits] == ["ABORTED"]


def test_who_just_leaves_is_forgotten_after_an_hour():
    link = multi_use(desk())
    carla = at(link)
    carla.say_how_much("5")
    with across_tenants():
        expire_sessions(now=clock.now() + timedelta(hours=2))

    carla.open(link)

    assert link.visit.state == "EXPIRED"
    assert carla.page.forms[0].values["amount"] == ""


def test_who_does_not_come_back_from_the_bank_holds_no_place():
    link = multi_use(desk(), most_payments=1)
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by_card(ASKED)
    with across_tenants():
        give_up_left_behind(now=clock.now() + timedelta(minutes=16))

    assert link.attempts[0].state == "ABANDONED"
    dario = at(link)
    dario.say_how_much("5")
    dario.pay_by_card(MASTERCARD)
    assert dario.step == "paid"


def test_a_visit_ends_after_five_tries():
    """safety.md CT-2, INV-17: a link for many payments is no place to try out cards."""
    link = multi_use(desk(methods=CARDS))
    carla = at(link)
    carla.say_how_much("5")
    for _ in range(5):
        assert carla.step == "card"
        carla.pay_by_card(DECLINED)

    assert carla.step == "failed"
    assert link.visit.state == "FAILED"
    carla.open(carla.page.link("Try again"))
    assert carla.step == "amount"


def test_one_address_does_not_try_cards_without_end(settings):
    """safety.md section 11: ten card submissions in ten minutes."""
    settings.PAYGATE_LIMITS = "strict"
    link = multi_use(desk(methods=CARDS))
    statuses = []
    for _ in range(6):
        carla = at(link)
        carla.say_how_much("5")
        for _try in range(2):
            carla.pay_by_card(DECLINED)
            statuses.append(carla.page.status)
            if carla.page.status == 429:
                break

    assert statuses == [200] * 10 + [429]
