"""A multi-use link from the first page to the journal, as often as somebody wants to pay (SPG-MUL, SPG-MUP)."""

import re

import pytest

from paygate import clock
from paygate.jobs.interface import run_due
from paygate.links.change import change_link
from paygate.links.terms import terms_of
from paygate.merchants.models import Booking
from paygate.merchants.reach import system
from paygate.webhooks.models import Delivery
from tests.flows.buyer import ASKED, DECLINED, MASTERCARD, VISA
from tests.flows.page import walk
from tests.flows.visiting import at, letters_of
from tests.make.desks import CARDS, desk
from tests.make.money import chf
from tests.make.visits import multi_use

pytestmark = pytest.mark.django_db


def test_a_payer_says_how_much_and_pays_it():
    """SPG-MUL-01 to 03, SPG-MUF-04, 09, SPG-MUP-01 to 05: one page more than usual, and all letters."""
    link = multi_use(desk(), reference_prefix="ROOF-")
    carla = at(link)

    assert "Donation for the roof" in carla.page.words
    carla.say_how_much("12.50", email="carla@example.org")
    carla.pay_by_card(MASTERCARD)

    assert list(walk(carla.pages)) == ["amount", "choose", "card", "paid"]
    assert "CHF 12.50" in carla.page.words
    entry = link.entry
    assert (entry.amount, entry.state, entry.payer_email) == (chf("12.50"), "AUTHORIZED", "carla@example.org")
    assert (entry.description, entry.origin) == ("Donation for the roof", "SECURE_PAYGATE")
    assert entry.reference.startswith("ROOF-")
    assert letters_of(link.desk, "confirmation") == ["carla@example.org"]
    assert letters_of(link.desk, "notice") == ["reception@alpenblick.example"]
    assert link.totals == {"CHF": (1, 1250)}


def test_many_payers_pay_one_link_each_under_a_reference_of_its_own():
    """SPG-MUL-01, SPG-MUF-19."""
    link = multi_use(desk(methods=CARDS), reference_prefix="R")
    for amount in ("5", "10", "20"):
        carla = at(link)
        carla.say_how_much(amount, email=f"{amount}@example.org")
        assert carla.step == "card"
        carla.pay_by_card(MASTERCARD)
        assert carla.step == "paid"

    assert len({entry.reference for entry in link.entries}) == 3
    assert all(re.fullmatch(r"R[A-Z0-9]{5}-[A-Z0-9]{5}", entry.reference) for entry in link.entries)
    assert link.totals == {"CHF": (3, 3500)}
    assert letters_of(link.desk, "confirmation") == ["5@example.org", "10@example.org", "20@example.org"]


def test_a_merchant_who_confirms_nothing_sends_no_confirmation():
    link = multi_use(desk(), confirm=False)
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by_card(MASTERCARD)

    assert letters_of(link.desk, "confirmation") == []
    assert letters_of(link.desk, "notice") == ["reception@alpenblick.example"]


def test_the_merchants_addresses_of_the_link_are_told_instead_of_those_of_the_settings():
    """SPG-MUF-22."""
    link = multi_use(desk(), notify_emails=("roof@example.org", "anna@example.org"))
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by_card(MASTERCARD)

    assert letters_of(link.desk, "notice") == ["roof@example.org", "anna@example.org"]


def test_without_scripts_and_with_the_bank_asking_it_is_paid_all_the_same():
    link = multi_use(desk())
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by_card(ASKED)
    carla.to_bank()
    carla.press("approve")

    assert carla.step == "paid"
    assert link.totals == {"CHF": (1, 500)}


def test_a_wallet_pays_a_link_too():
    link = multi_use(desk(), booking=Booking.AUTOMATIC)
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by("TWINT")
    assert link.held == 1
    carla.press("approve")

    assert carla.step == "paid"
    assert (link.totals, link.held) == ({"CHF": (1, 500)}, 0)


def test_a_method_that_does_not_take_the_currency_is_not_offered():
    """SPG-MUF-11: the wallets of this desk take CHF only."""
    carla = at(multi_use(desk(), currency="EUR"))

    carla.say_how_much("5")

    assert carla.step == "card"


@pytest.mark.parametrize(
    ("booking", "state"),
    [
        (Booking.FINAL, "AUTHORIZED"),
        (Booking.PRE_AUTHORIZATION, "AUTHORIZED"),
        (Booking.AUTOMATIC, "CAPTURED"),
    ],
)
def test_each_authorization_type_books_as_it_says(booking, state):
    """SPG-MUF-12 to 15."""
    link = multi_use(desk(), booking=booking)
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by_card(MASTERCARD)
    run_due()

    entry = link.entry
    assert entry.state == state
    assert entry.guaranteed_until is not None
    assert entry.authorized_at is not None
    days = (entry.guaranteed_until - entry.authorized_at).days
    assert days == (30 if booking is Booking.PRE_AUTHORIZATION else 10)


def test_the_merchants_server_is_told_of_each_payment():
    """behaviour.md E-10: Secure PayGate's own notification address, for links of either kind."""
    hotel = desk()
    hotel.prefers(notify_url="https://shop.example/paid?token={{{PAYMENTPAGETOKEN}}}")
    link = multi_use(hotel)
    for _ in range(2):
        carla = at(link)
        carla.say_how_much("5")
        carla.pay_by_card(DECLINED)
        carla.pay_by_card(MASTERCARD)

    with hotel.in_view():
        called = list(Delivery.objects.order_by("pk").values_list("url", flat=True))
    assert called == [f"https://shop.example/paid?token={visit.token}" for visit in link.visits]


def test_the_same_buyer_pays_again_on_purpose_and_is_told_of_the_first_payment():
    link = multi_use(desk())
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by_card(MASTERCARD)

    carla.open(link)
    assert carla.step == "amount"
    assert "You paid CHF 5.00 on" in carla.page.words
    receipt = carla.page.link("See the receipt")
    carla.say_how_much("7")
    carla.pay_by_card(MASTERCARD)

    assert [visit.state for visit in link.visits] == ["PAID", "PAID"]
    assert link.totals == {"CHF": (2, 1200)}
    assert "CHF 5.00" in carla.open(receipt).words


def test_a_double_click_opens_one_visit_and_pays_once():
    """safety.md ID-6."""
    link = multi_use(desk(methods=CARDS))
    carla = at(link)
    carla.say_how_much("5")
    carla.send_again()
    assert len(link.visits) == 1
    carla.pay_by_card(MASTERCARD)

    for _ in range(2):
        carla.send_again()
        assert carla.step == "paid"
        carla.reload()
        assert carla.step == "paid"
    assert len(link.attempts) == 1
    assert link.totals == {"CHF": (1, 500)}


def test_the_way_back_to_the_card_form_pays_nothing_twice():
    link = multi_use(desk(methods=CARDS))
    carla = at(link)
    carla.say_how_much("5")
    other = carla.clone()
    other.open(carla.page.url)
    carla.pay_by_card(MASTERCARD)

    other.pay_by_card(VISA)

    assert other.step == "paid"
    assert len(link.attempts) == 1


def test_another_amount_in_another_window_is_shown_before_it_is_paid():
    """safety.md MO-8."""
    link = multi_use(desk(methods=CARDS))
    carla = at(link)
    carla.say_how_much("5")
    form = carla.page.form("data-pay")
    other = carla.clone()
    other.open(link)
    assert other.page.forms[0].values["amount"] == "5.00"
    other.say_how_much("50")

    carla.send(form, number=MASTERCARD, expiry="12/30", code="573")

    assert "The amount was changed in another window" in carla.page.words
    assert "CHF 50.00" in carla.page.words
    assert link.attempts == []
    carla.pay_by_card(MASTERCARD)
    assert link.entry.amount == chf(50)


def test_an_amount_is_not_changed_while_it_is_being_paid():
    link = multi_use(desk())
    carla = at(link)
    form = carla.page.forms[0]
    carla.say_how_much("5")
    carla.pay_by_card(ASKED)
    assert carla.step == "challenge"

    carla.send(form, amount="99", email="carla@example.org")
    assert carla.step == "challenge"
    carla.to_bank()
    carla.press("approve")

    assert link.entry.amount == chf(5)


def test_a_browser_that_is_at_the_bank_is_led_back_there():
    link = multi_use(desk())
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by_card(ASKED)

    carla.open(link)

    assert carla.step == "challenge"


def test_after_a_declined_card_another_one_pays():
    link = multi_use(desk(methods=CARDS))
    carla = at(link)
    carla.say_how_much("5")

    carla.pay_by_card(DECLINED)
    assert carla.page.is_declined
    assert (link.totals, link.held) == ({}, 0)
    carla.pay_by_card(MASTERCARD)

    assert carla.step == "paid"
    assert [attempt.state for attempt in link.attempts] == ["DECLINED", "PAID"]
    assert len({entry.reference for entry in link.entries}) == 1


def test_who_is_paying_keeps_the_terms_of_then_when_the_link_is_changed():
    """safety.md MO-7."""
    link = multi_use(desk(methods=CARDS), amount=chf(35), reference_prefix="A")
    carla = at(link)
    carla.enter_details(email="carla@example.org")
    with link.desk.in_view():
        terms = terms_of(link.link)
        changed = type(terms)(**{name: getattr(terms, name) for name in terms.__slots__} | {
            "amount": chf(99), "description": "Other", "reference_prefix": "B"})  # fmt: skip
        change_link(link.id, changed, seen=1, by=system(link.desk.terminal.merchant_id), now=clock.now())

    carla.pay_by_card(MASTERCARD)

    assert (link.entry.amount, link.entry.description) == (chf(35), "Donation for the roof")
    assert link.entry.reference.startswith("A")
