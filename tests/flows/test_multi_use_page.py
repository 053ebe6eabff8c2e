"""What the first pages of a multi-use link ask for, take and refuse (SPG-MUF, SPG-MUP)."""

import pytest
from django.forms import model_to_dict

from paygate.addresses import Address
from paygate.threeds.models import MessageLine
from tests.flows.buyer import MASTERCARD, Buyer
from tests.flows.page import walk
from tests.flows.visiting import CARLA, at, error_at, letters_of
from tests.make.desks import CARDS, desk
from tests.make.money import chf
from tests.make.visits import multi_use

pytestmark = pytest.mark.django_db


def test_a_fixed_amount_is_not_asked_for():
    """SPG-MUF-08, SPG-MUP-04: the e-mail address is asked for all the same."""
    link = multi_use(desk(), amount=chf(35))
    carla = at(link)

    assert carla.step == "address"
    assert "CHF 35.00" in carla.page.words
    assert carla.page.forms[0].field("amount") is None
    carla.enter_details(email="carla@example.org")
    carla.pay_by_card(MASTERCARD)

    assert list(walk(carla.pages)) == ["address", "choose", "card", "paid"]
    assert link.entry.amount == chf(35)


def test_an_amount_sent_to_a_link_with_a_fixed_one_counts_for_nothing():
    """safety.md MO-7."""
    link = multi_use(desk(), amount=chf(35))
    carla = at(link)

    carla.send(carla.page.forms[0], email="carla@example.org", amount="1.00", suggested="100")
    carla.pay_by_card(MASTERCARD)

    assert link.entry.amount == chf(35)


@pytest.mark.parametrize(
    ("language", "typed", "minor"),
    [
        ("en", "1,250.50", 125050),
        ("en", " 20 ", 2000),
        ("de", "1'250.50", 125050),
        ("de", "1’250,50", 125050),
        ("de", "12,5", 1250),
        ("fr", "1 250,50", 125050),
        ("fr", "12,50", 1250),
        ("it", "1.250,50", 125050),
    ],
)
def test_an_amount_is_read_as_the_payers_language_writes_it(language, typed, minor):
    """SPG-MUP-03."""
    link = multi_use(desk(), language=language)
    carla = at(link)

    carla.say_how_much(typed)

    assert carla.step == "choose"
    assert link.visit.amount_minor == minor


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter an amount."),
        ("nothing", "This is not an amount."),
        ("-5", "The amount cannot be negative."),
        ("0", "The amount must be more than zero."),
        ("1e3", "Write the amount out in full"),
        ("１２", "Write the amount with the digits 0 to 9."),
        ("12.345", "CHF has 2 decimals, not more."),
        ("12345678901", "at most 10 digits"),
        ("4.99", "At least CHF 5.00."),
        ("500.01", "At most CHF 500.00."),
        ("9010 0031 5000 0001", "not an amount"),
    ],
)
def test_what_is_no_amount_is_said_beside_the_field(typed, said):
    """SPG-MUP-03; what was typed stays, and nothing is opened."""
    link = multi_use(desk(), smallest=chf(5), largest=chf(500))
    carla = at(link)
    assert "From CHF 5.00 to CHF 500.00." in carla.page.words

    carla.say_how_much(typed, email="carla@example.org")

    assert (carla.step, carla.page.status) == ("amount", 422)
    assert said in error_at(carla, "amount")
    assert carla.page.forms[0].values["email"] == "carla@example.org"
    assert "9010 0031" not in carla.page.html
    assert link.visits == []


def test_a_suggested_amount_is_chosen_with_one_press():
    link = multi_use(desk(), suggested=(chf(10), chf(50)))
    carla = at(link)
    assert carla.page.words.count("CHF 50.00") == 1

    carla.say_how_much(suggested="5000")
    carla.pay_by_card(MASTERCARD)

    assert link.entry.amount == chf(50)


def test_who_chooses_one_amount_and_types_another_is_asked_which():
    link = multi_use(desk(), suggested=(chf(10), chf(50)))
    carla = at(link)

    carla.say_how_much("20", suggested="5000")
    assert "You chose CHF 50.00 and entered another amount" in error_at(carla, "amount")
    carla.say_how_much("50", suggested="5000")

    assert link.visit.amount == chf(50)


def test_an_amount_that_nobody_suggested_is_not_chosen():
    carla = at(multi_use(desk(), suggested=(chf(10),)))

    carla.say_how_much(suggested="1")

    assert error_at(carla, "amount") == "Enter an amount."


def test_the_mail_address_must_be_entered_where_the_merchant_wants_it_and_may_be_left_out_elsewhere():
    """SPG-MUF-16, SPG-MUP-04."""
    hotel = desk()
    wanted, optional = multi_use(hotel), multi_use(hotel, email_required=False)

    carla = at(wanted)
    carla.say_how_much("5", email="")
    assert error_at(carla, "email") == "Enter your e-mail address."
    dario = at(optional)
    assert "E-mail (optional)" in dario.page.words
    dario.say_how_much("5", email="")
    dario.pay_by_card(MASTERCARD)

    assert dario.step == "paid"
    assert letters_of(hotel, "confirmation") == []


def test_a_billing_address_is_asked_for_after_the_amount():
    """SPG-MUF-20: on, it must be entered; the issuer is told."""
    link = multi_use(desk(), billing_required=True)
    carla = at(link)

    carla.say_how_much("5")
    assert carla.step == "address"
    carla.enter_details(given_name="Carla")
    assert error_at(carla, "last_name") == "Please fill in this field."
    carla.enter_details(**CARLA)
    assert carla.step == "choose"
    carla.pay_by_card(MASTERCARD)

    assert carla.step == "paid"
    assert Address.of_row(link.visit.address).city == "Zürich"
    with link.desk.in_view():
        areq = MessageLine.objects.get(message_type="AReq")
    assert areq.body["billAddrCity"] == "Zürich"


def test_without_the_wish_no_address_is_asked_for():
    """SPG-MUF-20, 21: off."""
    carla = at(multi_use(desk()))

    carla.say_how_much("5")

    assert carla.step == "choose"


def delivery_fields(**typed: str) -> dict[str, str]:
    good = {"first_name": "Dario", "last_name": "Rossi", "street": "Via 2", "zip": "6900", "city": "Lugano"}
    return {f"delivery_{name}": value for name, value in (good | typed).items()}


def test_a_delivery_address_is_asked_for():
    """SPG-MUF-21."""
    link = multi_use(desk(), amount=chf(20), delivery_required=True)
    carla = at(link)

    carla.send(carla.page.forms[0], email="c@example.org", **delivery_fields(city=""))
    assert error_at(carla, "delivery_city") == "Please fill in this field."
    carla.send(carla.page.forms[0], **delivery_fields())
    carla.pay_by_card(MASTERCARD)

    assert carla.step == "paid"
    assert Address.of_row(link.visit.delivery).city == "Lugano"
    assert link.visit.address == {}


def test_a_delivery_address_left_empty_is_the_billing_address():
    link = multi_use(desk(), billing_required=True, delivery_required=True)
    carla = at(link)
    carla.say_how_much("5")

    carla.enter_details(**CARLA)

    assert carla.step == "choose"
    assert link.visit.delivery == link.visit.address
    carla.open(carla.page.link("Your details"))
    assert carla.page.forms[0].values["delivery_city"] == ""
    carla.send(carla.page.forms[0], **delivery_fields())
    assert Address.of_row(link.visit.delivery).first_name == "Dario"
    assert Address.of_row(link.visit.address).first_name == "Carla"


def test_nobody_gets_past_the_address():
    link = multi_use(desk(methods=CARDS))
    carla = at(link)
    carla.say_how_much("5")
    form = carla.page.form("data-pay")
    with link.desk.in_view():
        visit = link.visit
        visit.asks = ["billing"]
        visit.save(update_fields=["asks"])

    carla.send(form, number=MASTERCARD, expiry="12/30", code="573")

    assert carla.step == "address"
    assert link.attempts == []


def test_a_changed_currency_is_shown_before_anything_is_opened():
    link = multi_use(desk())
    carla = at(link)
    form = carla.page.forms[0]
    link.change(currency="EUR")

    carla.send(form, amount="20", email="carla@example.org")

    assert "The seller has changed this link" in error_at(carla, "amount")
    assert carla.page.forms[0].values["currency"] == "EUR"


def test_the_page_speaks_the_links_language_until_the_payer_chooses_another():
    carla = at(multi_use(desk(), language="fr"), language="en")
    assert carla.page.language == "fr"

    carla.open(f"{carla.page.url}?lang=it")
    carla.say_how_much("5")

    assert carla.page.language == "it"


def test_opening_a_link_changes_nothing():
    """safety.md ST-9."""
    link = multi_use(desk())
    before = model_to_dict(link.link)

    for _ in range(3):
        at(link)

    assert link.visits == []
    assert model_to_dict(link.link) == before


def test_a_form_without_the_browsers_own_token_is_not_taken():
    link = multi_use(desk())
    carla = at(link)
    token = carla.page.forms[0].values["form_token"]
    dario = Buyer()

    for name in ("begin", "cancel"):
        assert dario.post(f"{link.path}/{name}", {"form_token": token, "amount": "5"}).status == 403
    assert link.visits == []


def test_another_browser_sees_nothing_of_a_visit():
    link = multi_use(desk(), billing_required=True)
    carla = at(link)
    carla.say_how_much("5")
    carla.enter_details(**CARLA)
    dario = Buyer()

    dario.open(carla.page.url)

    assert dario.step == "amount"
    assert "Muster" not in dario.page.html
    assert dario.page.forms[0].values["amount"] == ""


def test_what_one_browser_has_paid_no_other_is_told():
    link = multi_use(desk())
    carla = at(link)
    carla.say_how_much("5")
    carla.pay_by_card(MASTERCARD)

    assert "You paid" not in at(link).page.words
