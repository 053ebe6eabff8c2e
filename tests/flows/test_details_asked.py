"""The payment page asks for e-mail and address where the merchant wants it, and takes nothing where not."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from paygate import clock
from paygate.addresses import Address
from paygate.checkout.loose_ends import expire_sessions
from paygate.merchants.reach import system
from paygate.offers.change import change_offer, disable, terms_of
from paygate.offers.models import AskEmail
from paygate.tenants.context import across_tenants
from tests.flows.buyer import ASKED, MASTERCARD, Buyer
from tests.flows.page import walk
from tests.make.desks import desk
from tests.make.money import chf

pytestmark = pytest.mark.django_db

CARLA = {
    "given_name": "Carla",
    "family_name": "Muster",
    "address_line1": "Gasse 1",
    "postal_code": "8000",
    "address_level2": "Zürich",
}
KNOWN = Address(
    first_name="Karla", last_name="Muster", street="Gasse 1", zip="8000", city="Zürich", country="CH",
    phone="+41 44 111 22 33",
)  # fmt: skip


def at(link) -> Buyer:
    """Carla, who just opened it."""
    carla = Buyer()
    carla.open(link)
    return carla


def error_at(buyer: Buyer, field: str) -> str:
    found = re.search(rf'<p class="error" id="{field}-error">(.*?)</p>', buyer.page.html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def entered(link) -> Address:
    """The address of the only session."""
    (session,) = link.sessions
    return Address.of_row(session.address)


def test_an_offer_that_asks_for_nothing_begins_with_the_choice():
    """SPG-FRM-42: "Do not ask"."""
    link = desk().link(payer_email="", ask_email=AskEmail.NO)

    carla = at(link)

    assert carla.step == "choose"
    assert carla.to_card_form().form("data-pay").field("email") is None


def test_a_wanted_mail_address_is_asked_for_before_the_choice_and_the_confirmation_goes_there():
    """SPG-FRM-42: mandatory."""
    link = desk().link(payer_email="", ask_email=AskEmail.MANDATORY)
    carla = at(link)

    carla.enter_details(email="")
    assert (carla.step, error_at(carla, "email")) == ("address", "Enter your e-mail address.")
    carla.enter_details(email="carla@example.org")
    assert carla.step == "choose"
    carla.pay_by_card(MASTERCARD)

    assert carla.step == "paid"
    assert list(walk(carla.pages)) == ["address", "address", "choose", "card", "paid"]
    assert [mail.recipient for mail in link.desk.letters if mail.kind == "confirmation"] == [
        "carla@example.org"
    ]
    assert link.entry.payer_email == "carla@example.org"


def test_a_mail_address_that_may_be_left_empty_stands_in_nobodys_way():
    """SPG-FRM-42: optional."""
    link = desk().link(payer_email="", ask_email=AskEmail.OPTIONAL)
    carla = at(link)

    carla.enter_details(email="")
    carla.pay_by_card(MASTERCARD)

    assert carla.step == "paid"
    assert [mail.kind for mail in link.desk.letters] == ["notice"]


def test_the_confirmation_goes_where_the_offer_was_sent_and_the_page_asks_for_no_other():
    """SPG-CNF-04."""
    link = desk().link(payer_email="carla@example.org", ask_email=AskEmail.MANDATORY)

    carla = at(link)
    assert carla.step == "choose"
    carla.pay_by_card(MASTERCARD)

    assert [mail.recipient for mail in link.desk.letters if mail.kind == "confirmation"] == [
        "carla@example.org"
    ]


def test_a_missing_address_is_filled_in_by_the_payer():
    """SPG-ADR-03; told to the issuer (safety.md 7.2)."""
    link = desk().link(address_editable=True)
    carla = at(link)

    carla.enter_details(given_name="Carla")
    assert error_at(carla, "last_name") == "Please fill in this field."
    assert carla.page.forms[0].values["first_name"] == "Carla"
    carla.enter_details(**CARLA, tel="+41 44 111 22 33")
    carla.pay_by_card(MASTERCARD)

    assert carla.step == "paid"
    assert entered(link) == Address(
        first_name="Carla", last_name="Muster", street="Gasse 1", zip="8000", city="Zürich", country="CH",
        phone="+41 44 111 22 33",
    )  # fmt: skip
    assert link.offer.address == {}
    areq = next(line.body for line in link.messages if line.message_type == "AReq")
    told = {
        name: value for name, value in areq.items() if name.startswith(("billAddr", "homePhone", "email"))
    }
    assert told == {
        "email": "carla@example.org",
        "billAddrLine1": "Gasse 1",
        "billAddrCity": "Zürich",
        "billAddrPostCode": "8000",
        "billAddrCountry": "756",
        "homePhone": {"cc": "41", "subscriber": "441112233"},
    }


def test_a_prefilled_address_is_corrected_by_the_payer():
    """SPG-ADR-04; the phone number that is known is not shown (safety.md LN-3)."""
    link = desk().link(address_editable=True, address=KNOWN)
    carla = at(link)
    assert carla.page.forms[0].values["first_name"] == "Karla"
    assert "111" not in carla.page.html
    assert "••• 33" in carla.page.words

    carla.enter_details(given_name="Carla")

    assert carla.step == "choose"
    assert entered(link).first_name == "Carla"
    assert entered(link).phone == "+41 44 111 22 33"
    assert link.offer.address["first_name"] == "Karla"


def test_without_the_option_the_payer_cannot_change_it():
    """SPG-ADR-05: not even with a form that the page never showed."""
    link = desk().link(address=KNOWN)
    carla = at(link)
    token = carla.page.form("data-cancel").values["form_token"]
    assert "Muster" not in carla.page.html

    carla.post(
        f"{link.path}/details", {"form_token": token, "first_name": "Eve", "email": "eve@evil.example"}
    )
    assert (carla.step, link.sessions) == ("choose", [])
    carla.pay_by_card(MASTERCARD)

    assert entered(link) == KNOWN
    assert link.entry.payer_email == "carla@example.org"


def test_where_only_the_mail_address_is_asked_for_no_other_field_is_taken():
    link = desk().link(payer_email="", ask_email=AskEmail.OPTIONAL, address=KNOWN)
    carla = at(link)
    form = carla.page.forms[0]

    carla.send(form, email="carla@example.org", first_name="Eve")

    assert entered(link) == KNOWN


def test_nobody_gets_past_the_question():
    """A card form of before, or one that nobody was shown."""
    link = desk().link()
    carla = at(link)
    form = carla.to_card_form().form("data-pay")
    link.change(address_editable=True)

    carla.send(form, number=MASTERCARD, expiry="12/30", code="573")

    assert carla.step == "address"
    assert (link.attempts, link.offer.attempts) == ([], 0)


def test_what_one_browser_entered_no_other_sees():
    link = desk().link(address_editable=True)
    at(link).enter_details(**CARLA)

    dario = at(link)

    assert dario.step == "address"
    assert "Muster" not in dario.page.html


def test_the_payer_may_go_back_and_correct_it():
    link = desk().link(address_editable=True, payer_email="", ask_email=AskEmail.MANDATORY)
    carla = at(link)
    carla.enter_details(**CARLA, email="carla@example.org")

    carla.open(carla.page.link("Your details"))
    assert carla.page.forms[0].values["street"] == "Gasse 1"
    assert "carla@" not in carla.page.html
    assert "c•••@example.org" in carla.page.words
    carla.enter_details(address_line1="Gasse 2")

    assert entered(link).street == "Gasse 2"
    assert link.sessions[0].payer_email == "carla@example.org"


def test_after_a_declined_card_nothing_is_asked_again():
    link = desk().link(address_editable=True)
    carla = at(link)
    carla.enter_details(**CARLA)

    carla.pay_by_card("9030403153150009")
    assert carla.page.is_declined
    carla.pay_by_card(MASTERCARD)

    assert carla.step == "paid"
    assert entered(link).last_name == "Muster"


def test_the_bank_is_told_when_it_asks_the_payer_too():
    link = desk().link(address_editable=True)
    carla = at(link)
    carla.enter_details(**CARLA)

    carla.pay_by_card(ASKED)
    carla.to_bank()
    carla.press("approve")

    assert carla.step == "paid"
    areq = next(line.body for line in link.messages if line.message_type == "AReq")
    assert areq["billAddrCity"] == "Zürich"


def test_a_changed_offer_asks_again_only_for_what_is_missing():
    """The amount changed while Carla looked for her card."""
    link = desk().link(address_editable=True)
    carla = at(link)
    carla.enter_details(**CARLA)
    merchant = system(link.desk.terminal.merchant_id)
    with link.desk.in_view():
        terms = terms_of(link.offer, now=clock.now())
        change_offer(link.id, terms, seen=1, by=merchant, now=clock.now())

    carla.open(link)

    assert carla.step == "choose"
    assert link.offer.amount == chf("49.90")


def test_who_comes_back_after_an_hour_is_asked_again():
    link = desk().link(address_editable=True)
    carla = at(link)
    carla.enter_details(**CARLA)
    with across_tenants():
        expire_sessions(now=clock.now() + timedelta(hours=2))

    carla.open(link)

    assert carla.step == "address"


def test_who_gives_up_after_the_question_has_given_up():
    link = desk().link(address_editable=True)
    carla = at(link)
    carla.enter_details(**CARLA)

    carla.cancel()

    assert carla.step == "aborted"
    assert [session.state for session in link.sessions] == ["ABORTED"]


def pay_it(link) -> None:
    carla = at(link)
    carla.enter_details(**CARLA)
    carla.pay_by_card(MASTERCARD)


def let_it_expire(link) -> None:
    link.change(expires_at=clock.now())


def take_it_back(link) -> None:
    with link.desk.in_view():
        disable(link.id, by=system(link.desk.terminal.merchant_id), now=clock.now())


@pytest.mark.parametrize(
    ("end", "step"), [(pay_it, "paid"), (let_it_expire, "expired"), (take_it_back, "disabled")]
)
def test_a_link_that_is_over_serves_no_address(end, step):
    """safety.md LN-3."""
    link = desk().link(address_editable=True, address=KNOWN)
    end(link)

    dario = at(link)
    assert dario.step == step
    dario.open(f"{link.path}?details=1")

    assert "Muster" not in dario.page.html
    assert "Zürich" not in dario.page.html


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("last_name", "x" * 101, "At most 100 characters."),
        ("city", "9010 0031 5000 0001", "looks like a card number"),
        ("street", "Gasse\x001", "control characters"),
        ("country", "XX", "Choose a country of the list."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(field, typed, said):
    link = desk().link(address_editable=True)
    carla = at(link)
    form = carla.page.forms[0]

    carla.send(
        form,
        **{"first_name": "Carla", "last_name": "M", "street": "G", "zip": "1", "city": "Z"} | {field: typed},
    )

    assert said in error_at(carla, field)
    assert "9010 0031" not in carla.page.html
    assert link.sessions == []


def test_the_fields_carry_the_names_by_which_browsers_know_them():
    """contract section 4."""
    form = at(desk().link(address_editable=True, payer_email="", ask_email=AskEmail.OPTIONAL)).page.forms[0]

    known = ["email", "given-name", "family-name", "organization", "address-line1", "address-line2"]
    assert all(form.field(name) for name in [*known, "postal-code", "address-level2", "country", "tel"])


def test_all_that_is_wrong_is_said_at_once():
    carla = at(desk().link(address_editable=True, payer_email="", ask_email=AskEmail.MANDATORY))

    carla.enter_details(**CARLA | {"email": "carla", "postal_code": ""})

    assert "not a complete e-mail address" in error_at(carla, "email")
    assert error_at(carla, "zip") == "Please fill in this field."
    assert "Please check 2 things" in carla.page.words


def test_a_form_of_another_browser_is_not_taken():
    link = desk().link(address_editable=True)
    token = at(link).page.forms[0].values["form_token"]

    answer = Client(HTTP_HOST="localhost:8000").post(f"{link.path}/details", {"form_token": token, **CARLA})

    assert answer.status_code == 403
    assert link.sessions == []


def test_two_windows_of_a_browser_keep_one_set_of_details():
    link = desk().link(address_editable=True)
    carla = at(link)
    other = carla.clone()
    other.open(link)

    carla.enter_details(**CARLA)
    other.enter_details(**CARLA | {"given_name": "Clara"})

    assert entered(link).first_name == "Clara"
