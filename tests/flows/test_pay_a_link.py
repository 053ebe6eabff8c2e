"""A link is opened and paid: by a card without a question and with one, and what other windows see meanwhile."""

from datetime import timedelta

import pytest

from paygate import clock
from paygate.acquiring.simulator import ledger
from tests.flows.buyer import AMEX, ASKED, MASTERCARD, VISA, Buyer
from tests.flows.page import walk
from tests.make.desks import CARDS, desk
from tests.make.money import chf, eur

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("number", "method"), [(VISA, "VISA"), (MASTERCARD, "MASTERCARD"), (AMEX, "AMEX")])
def test_a_link_is_paid_by_a_card_that_the_bank_recognises(number, method):
    """SPG-FLOW-03, 09, 10, 13; SPG-PAY-06."""
    link = desk().link(chf("249.90"))
    carla = Buyer()

    carla.open(link)
    carla.pay_by_card(number)

    assert carla.step == "paid"
    assert "CHF 249.90" in carla.page.words.replace("\u00a0", " ")
    assert link.state == "PAID"
    entry = link.entry
    assert (entry.state, entry.amount, entry.method) == ("AUTHORIZED", chf("249.90"), method)
    assert entry.means == f"{number[:6]}xxxxxx{number[-4:]}"
    assert entry.origin == "SECURE_PAYGATE"


def test_the_link_alone_opens_the_page_without_any_login():
    """SPG-FLOW-03."""
    link = desk().link()
    carla = Buyer()

    page = carla.open(link)

    assert (page.status, page.step) == (200, "choose")
    assert "Hotel Alpenblick" in page.words
    assert "Double room, one night" in page.words
    assert "2026-0412" in page.words


def test_the_bank_looks_at_the_browser_before_it_is_asked():
    link = desk().link()
    carla = Buyer()
    carla.open(link)

    carla.pay_by_card(VISA)

    assert list(walk(carla.pages)) == ["choose", "card", "wait", "paid"]
    areq = next(line.body for line in link.messages if line.message_type == "AReq")
    assert areq["threeDSCompInd"] == "Y"


def test_a_bank_whose_look_never_ends_is_asked_all_the_same():
    link = desk().link()
    carla = Buyer(looks_at_browser=False)
    carla.open(link)

    carla.pay_by_card(VISA)

    assert carla.step == "paid"
    areq = next(line.body for line in link.messages if line.message_type == "AReq")
    assert areq["threeDSCompInd"] == "N"


def test_the_payer_confirms_at_the_bank_and_the_link_is_paid():
    """SPG-FLOW-05: a written or telephone order, paid with 3-D Secure through a link."""
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)
    assert carla.step == "challenge"
    assert link.state == "OPEN"

    carla.to_bank()
    assert "Hotel Alpenblick" in carla.page.words
    assert "CHF 49.90" in carla.page.words.replace("\u00a0", " ")
    carla.press("approve")

    assert carla.step == "paid"
    entry = link.entry
    assert entry.liability_shift
    assert entry.authentication_type == "STRONG_CUSTOMER_AUTHENTICATION"


@pytest.mark.parametrize("brand", ["VISA", "MASTERCARD", "AMEX", "DINERS"])
def test_every_programme_asks_the_payer(brand):
    """SPG-FLOW-05: Visa, Mastercard, American Express and Diners Club."""
    numbers = {
        "VISA": "9010004950000001",
        "MASTERCARD": "9030004950000007",
        "AMEX": "9070004950000008",
        "DINERS": "9050100052000005",
    }
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(numbers[brand])

    carla.to_bank()
    carla.press("approve")

    assert carla.step == "paid"
    assert (link.entry.method, link.entry.liability_shift) == (brand, True)


def test_the_payer_chooses_among_what_the_terminal_takes_in_this_currency():
    """SPG-FLOW-09, SPG-PAY-03, SPG-REQ-02: only methods with a contract, and only in their currencies."""
    hotel = desk()
    in_francs, in_euro = hotel.link(), hotel.link(eur(20))

    assert Buyer().open(in_francs).methods == ["CARD", "TWINT", "POSTFINANCEPAY"]
    page = Buyer().open(in_euro)

    assert page.step == "card"  # no wallet takes euro here, so there is nothing to choose
    assert page.methods == []


def test_a_method_without_a_contract_cannot_be_used():
    """SPG-REQ-02."""
    link = desk(methods=("VISA", "TWINT")).link()
    carla = Buyer()

    assert carla.open(link).methods == ["CARD", "TWINT"]
    carla.pay_by_card(MASTERCARD)

    assert carla.step == "card"
    assert "This card is not accepted here" in carla.page.words
    assert link.attempts == []


def test_another_browser_sees_that_it_is_being_paid():
    link = desk().link()
    carla, dario = Buyer(), Buyer(address="192.0.2.8")
    carla.open(link)
    carla.pay_by_card(ASKED)

    dario.open(link)

    assert dario.step == "in-progress"
    assert "2026-0412" not in dario.page.html
    assert "carla" not in dario.page.html


def test_two_open_card_forms_and_only_one_of_them_pays():
    link = desk().link()
    carla, dario = Buyer(), Buyer()
    for buyer in (carla, dario):
        buyer.open(link)
        buyer.to_card_form()
    carla.pay_by_card(ASKED)

    dario.pay_by_card(MASTERCARD)

    assert dario.step == "in-progress"
    assert len(link.attempts) == 1


def test_a_paid_link_says_so_to_anybody_and_shows_nobody_elses_data():
    link = desk().link(description="Zimmer 214 für Frau Muster", payer_email="carla.muster@example.org")
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)

    page = Buyer().open(link)

    assert page.step == "paid"
    assert "This has been paid" in page.words
    for secret in ("Muster", "carla", "2026-0412", "0007", link.entry.transaction_id, "49.90"):
        assert secret not in page.html


def test_the_session_page_shows_its_receipt_to_the_browser_that_paid_only():
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)
    receipt = carla.page.url
    assert link.entry.transaction_id in carla.page.html

    page = Buyer().open(receipt)

    assert page.step == "paid"
    for secret in (link.entry.transaction_id, "0007", "2026-0412", "Double room"):
        assert secret not in page.html


def test_a_payer_who_left_comes_back_to_where_the_payment_stands():
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)

    carla.open(link)

    assert carla.step == "challenge"
    carla.to_bank()
    carla.press("approve")
    assert carla.step == "paid"
    assert len(link.attempts) == 1


def test_every_page_of_the_walk_can_be_loaded_again_and_left_backwards():
    link = desk().link()
    carla = Buyer()
    for _ in range(2):
        carla.open(link)
    carla.pay_by_card(ASKED)
    carla.reload()
    assert carla.step == "challenge"
    carla.to_bank()
    carla.open(carla.pages[-2].url)  # back from the bank's page
    assert carla.step == "challenge"
    carla.to_bank()
    carla.press("approve")
    receipt = carla.reload()

    assert receipt.step == "paid"
    assert link.entry.transaction_id in receipt.html
    assert carla.open(link).step == "paid"
    assert len([row for row in ledger.listed() if row["op"] == "AUTH"]) == 1


def test_back_to_the_card_form_and_another_card_is_a_new_try_of_the_same_visit():
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)

    carla.open(f"{link.path}?method=CARD")
    assert carla.step == "challenge"
    carla.cancel()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)

    assert carla.step == "paid"
    assert [attempt.state for attempt in link.attempts] == ["ABANDONED", "PAID"]


def test_a_payer_who_never_comes_back_from_the_bank_frees_the_link_for_others(settings):
    link = desk().link()
    carla, dario = Buyer(), Buyer()
    carla.open(link)
    carla.pay_by_card(ASKED)
    carla.to_bank()

    settings.PAYGATE_CLOCK_OFFSET = str(16 * 60)
    dario.open(link)
    dario.pay_by_card(MASTERCARD)

    assert dario.step == "paid"
    assert [attempt.state for attempt in link.attempts] == ["ABANDONED", "PAID"]
    carla.press("approve")
    assert carla.page.status == 404  # her way back is over (3D-3), and the link tells her why
    assert carla.open(link).step == "paid"
    assert "This has been paid" in carla.page.words
    assert len(link.entries) == 1


def test_a_link_is_paid_after_its_deadline_only_when_the_payer_had_begun_before(settings):
    """safety.md ST-7."""
    begun, late = (
        desk(number, terminal) for number, terminal in (("100001", "17000011"), ("100002", "17000012"))
    )
    links = [hotel.link(expires_at=clock.now() + timedelta(minutes=61)) for hotel in (begun, late)]
    settings.PAYGATE_CLOCK_OFFSET = str(59 * 60)
    carla, dario = Buyer(), Buyer()
    carla.open(links[0])
    carla.pay_by_card(ASKED)
    carla.to_bank()
    dario.open(links[1])
    dario.to_card_form()

    settings.PAYGATE_CLOCK_OFFSET = str(63 * 60)
    carla.press("approve")
    dario.pay_by_card(MASTERCARD)

    assert (carla.step, links[0].state) == ("paid", "PAID")
    assert dario.step == "expired"
    assert links[1].entries == []


def test_all_card_brands_stand_behind_one_entry():
    page = Buyer().open(desk().link())

    assert page.methods.count("CARD") == 1
    for brand in CARDS[:4]:
        assert {"VISA": "Visa", "MASTERCARD": "Mastercard", "AMEX": "Amex", "DINERS": "Diners"}[
            brand
        ] in page.words
