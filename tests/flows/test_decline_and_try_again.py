"""The acquirer says no: one text for all reasons, a try less, and in the end the link is closed."""

import pytest

from paygate.acquiring.simulator import ledger
from paygate.acquiring.simulator.faults import set_fault
from paygate.jobs.interface import run_due
from paygate.merchants.reach import system
from paygate.money.amount import Money
from paygate.offers.change import NotOpen, restore
from paygate.threeds.models import Authentication
from tests.flows.buyer import ASKED, DECLINED, MASTERCARD, REFUSED, Buyer
from tests.make.desks import Link, desk
from tests.make.money import chf

pytestmark = pytest.mark.django_db

BY_AMOUNT = "9030403153900007"
SOFT = {"VISA": "9010103204160007", "MASTERCARD": "9030103204160003", "AMEX": "9070103204160004"}
TEXT = "Your payment was declined. Nothing was taken. Please try another way to pay."


def pay(link: Link, number: str) -> Buyer:
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(number)
    return carla


def test_a_declined_card_may_be_replaced_by_another():
    link = desk().link()

    carla = pay(link, DECLINED)

    assert (carla.step, carla.page.is_declined) == ("choose", True)
    assert TEXT in carla.page.words
    assert link.state == "OPEN"
    assert not link.offer.claim
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"
    assert [entry.state for entry in link.entries] == ["DECLINED", "AUTHORIZED"]
    assert len(link.sessions) == 1


def test_the_banks_own_words_for_the_payer_are_passed_on():
    """safety.md PP-7: nothing else about why a bank refused."""
    link = desk().link()
    carla = pay(link, DECLINED)
    with link.desk.in_view():
        Authentication.objects.update(cardholder_info="Please call us: 044 000 00 00 <b>")

    carla.reload()

    assert "Your bank says: Please call us: 044 000 00 00 <b>" in carla.page.words
    assert "000 00 00 &lt;b&gt;" in carla.page.html, "it is text, not markup"


def test_a_terminal_for_cards_alone_shows_the_card_form_again():
    link = desk(methods=("VISA", "MASTERCARD")).link()

    carla = pay(link, DECLINED)

    assert (carla.step, carla.page.is_declined) == ("card", True)
    form = carla.page.form("data-pay")
    assert form.values["number"] == form.values["expiry"] == form.values["code"] == ""


@pytest.mark.parametrize("ending", ["03", "05", "09", "12", "30", "33", "51", "62", "99"])
def test_whatever_the_reason_the_payer_reads_the_same(ending):
    """safety.md PP-7; the merchant sees the code in the journal."""
    link = desk().link(Money(10_000 + int(ending), "CHF"))

    carla = pay(link, BY_AMOUNT)

    assert (carla.step, carla.page.is_declined) == ("choose", True)
    assert TEXT in carla.page.words
    (movement,) = link.movements
    assert movement.acquirer_code == (ending if ending != "99" else "05")


def test_the_declined_page_is_the_same_for_every_reason_of_bank_and_acquirer():
    pages: list[str] = []
    for number, minor in ((BY_AMOUNT, 10_051), (BY_AMOUNT, 10_062), (DECLINED, 10_051), (REFUSED, 10_051)):
        hotel = desk(f"1000{len(pages):02}", f"170000{len(pages):02}")
        carla = pay(hotel.link(Money(minor, "CHF")), number)
        if carla.step == "challenge":
            carla.to_bank()
            carla.press("approve")
        pages.append(carla.page.words.replace("100.51", "SUM").replace("100.62", "SUM"))

    assert len(set(pages)) == 1


@pytest.mark.parametrize(("ending", "shift"), [("00", True), ("01", False)])
def test_two_endings_are_approved_by_the_card_that_goes_by_amounts(ending, shift):
    link = desk().link(Money(10_000 + int(ending), "CHF"))

    carla = pay(link, BY_AMOUNT)

    assert carla.step == "paid"
    assert (link.entry.liability_shift, link.entry.authenticated) == (shift, True)


def test_a_bank_that_wants_to_ask_first_is_given_one_more_try_with_a_challenge():
    """safety.md OC-13: inside the same try of the payer."""
    link = desk().link(max_attempts=1)
    set_fault("AUTH", "soft_decline")

    carla = pay(link, MASTERCARD)
    assert carla.step == "challenge"
    assert [attempt.state for attempt in link.attempts] == ["DECLINED", "AUTHENTICATING"]
    carla.to_bank()
    carla.press("approve")

    assert carla.step == "paid"
    assert [entry.state for entry in link.entries] == ["DECLINED", "AUTHORIZED"]
    assert link.entries[1].authentication_type == "STRONG_CUSTOMER_AUTHENTICATION"
    assert (link.offer.attempts, link.state) == (1, "PAID")


@pytest.mark.parametrize("number", SOFT.values(), ids=SOFT)
def test_a_bank_that_still_says_no_after_the_challenge_has_declined(number):
    """safety.md OC-13: once, and no more."""
    link = desk().link()

    carla = pay(link, number)
    carla.to_bank()
    carla.press("approve")

    assert carla.page.is_declined
    assert TEXT in carla.page.words
    assert len([row for row in ledger.listed() if row["op"] == "AUTH"]) == 2
    assert [attempt.refused_because for attempt in link.attempts] == ["PAYER_AUTHENTICATION_REQUIRED"] * 2
    assert link.offer.attempts == 1


def test_who_was_asked_before_is_not_asked_again():
    link = desk().link()
    set_fault("AUTH", "soft_decline")
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)
    carla.to_bank()
    carla.press("approve")

    assert carla.page.is_declined
    assert len(link.attempts) == 1


def test_a_lost_answer_that_turns_out_to_be_a_soft_no_is_just_a_no(settings):
    """The payer's card is gone by then; nobody asks again behind their back."""
    link = desk().link()
    set_fault("AUTH", "drop_after_commit")
    carla = pay(link, SOFT["VISA"])
    settings.PAYGATE_CLOCK_OFFSET = "3"
    run_due()

    carla.reload()
    assert carla.page.is_declined
    assert (len(link.attempts), link.attempt.state) == (1, "DECLINED")


def test_a_card_the_scheme_forbids_to_try_again_is_blocked_on_that_terminal_for_thirty_days(settings):
    """safety.md OC-13, CT-2: it counts as a try, nobody is asked, and the payer reads what every refused card reads."""
    hotel = desk()
    pay(hotel.link(Money(10_043, "CHF")), BY_AMOUNT)
    asked = len(ledger.listed())

    link = hotel.link()
    carla = pay(link, BY_AMOUNT)

    assert carla.page.is_declined
    assert TEXT in carla.page.words
    assert len(ledger.listed()) == asked
    assert (link.attempt.refused_because, link.offer.attempts) == ("CARD_BLOCKED", 1)
    assert not link.entries
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"

    settings.PAYGATE_CLOCK_OFFSET = str(31 * 24 * 3600)
    later = hotel.link(Money(10_000, "CHF"))
    assert pay(later, BY_AMOUNT).step == "paid"


def test_a_block_is_the_terminals_own():
    hotel, shop = desk(), desk("200002", "17000099", name="Carla's Flowers")
    pay(hotel.link(Money(10_043, "CHF")), BY_AMOUNT)

    assert pay(shop.link(Money(10_000, "CHF")), BY_AMOUNT).step == "paid"


@pytest.mark.parametrize("ending", ["04", "14", "34", "43"])
def test_a_card_that_must_not_be_tried_again_is_refused_like_any_other(ending):
    """safety.md PP-7: whoever tries cards does not learn here which of them were stolen."""
    usual, link = (
        desk().link(chf("100.05")),
        desk("100002", "17000022").link(Money(10_000 + int(ending), "CHF")),
    )
    refused = pay(usual, BY_AMOUNT)

    carla = pay(link, BY_AMOUNT)

    assert carla.page.words == refused.page.words.replace("100.05", f"100.{ending}")
    assert link.attempt.do_not_retry
    assert not usual.attempt.do_not_retry
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"


def test_every_try_counts_and_the_last_one_closes_the_link():
    hotel = desk()
    link = hotel.link(max_attempts=3)
    carla = Buyer()
    carla.open(link)

    for left in (2, 1):
        carla.pay_by_card(DECLINED)
        assert (carla.step, link.offer.attempts) == ("choose", 3 - left)
    carla.pay_by_card(DECLINED)

    assert carla.step == "failed"
    assert (link.state, link.offer.attempts) == ("DISABLED", 3)
    assert [session.state for session in link.sessions] == ["FAILED"]
    assert "data-pay" not in carla.page.html
    assert carla.open(link).step == "disabled"
    assert hotel.letters == []
    with hotel.in_view(), pytest.raises(NotOpen):
        restore(link.id, by=system(hotel.merchant.pk), now=link.offer.created_at)


def test_a_try_that_ends_before_the_acquirer_counts_too():
    """safety.md CT-2."""
    link = desk().link(max_attempts=1)

    carla = pay(link, REFUSED)
    carla.to_bank()
    carla.press("approve")

    assert (carla.step, link.state) == ("failed", "DISABLED")
    assert ledger.listed() == []


def test_giving_up_counts_as_a_try_and_the_last_one_closes_the_link():
    link = desk().link(max_attempts=1)
    carla = pay(link, ASKED)

    carla.cancel()

    assert link.state == "DISABLED"
    assert carla.step in {"failed", "aborted"}
    assert "Nothing has been charged" in carla.page.words


def test_a_link_without_limit_is_tried_on_and_on():
    link = desk().link(max_attempts=0)
    carla = Buyer()
    carla.open(link)

    for _ in range(7):
        carla.pay_by_card(DECLINED)
    assert carla.page.is_declined
    carla.pay_by_card(MASTERCARD)

    assert carla.step == "paid"
    assert link.offer.attempts == 8


def test_who_gives_up_after_a_decline_has_failed():
    """As the demo buyer does it: declined twice, then the way out."""
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(DECLINED)
    carla.pay_by_card(DECLINED)

    carla.cancel()

    assert carla.step == "failed"
    assert link.state == "OPEN"


def test_a_partial_approval_that_nobody_asked_for_is_not_kept_as_paid():
    """safety.md OC-2."""
    set_fault("AUTH", "partial_amount")
    link = desk().link(chf(100))

    carla = pay(link, MASTERCARD)

    assert carla.step != "paid"
    assert link.state == "OPEN"
    assert [entry.state for entry in link.entries if entry.succeeded] == []


def test_after_a_decline_and_cancel_the_page_says_what_it_was_about_and_offers_another_try():
    link = desk().link(reference="2026-0412")
    carla = pay(link, DECLINED)

    carla.cancel()

    assert carla.step in {"failed", "aborted"}
    assert "ask the seller for a new link" not in carla.page.words
    assert "2026-0412" in carla.page.words
    assert carla.page.link("Try again")
