"""What a shop wants to know of its payer: address forms, the name on the card, and what it knows already (F-5, F-6)."""

from typing import Any

import pytest

from paygate.checkout.models import Session
from paygate.journal.models import Entry
from paygate.mail.models import Mail
from tests.api.program import Json
from tests.flows.buyer import MASTERCARD, Buyer
from tests.flows.page import walk
from tests.flows.test_details_asked import error_at
from tests.flows.test_shop_page import Asked, ask, opened
from tests.make.desks import Desk

pytestmark = pytest.mark.django_db

KNOWN: Json = {
    "FirstName": "Carla", "LastName": "Muster", "Street": "Gasse 1", "Zip": "8000", "City": "Zürich",
    "CountryCode": "CH",
}  # fmt: skip
NO_LETTER: Json = {"Notification": {"SuccessNotifyUrl": "http://127.0.0.1:9/paid"}}
FORM: Json = {"AddressSource": "SAFERPAY"}


def at_form(shop: Desk, **wished: Any) -> tuple[Asked, Buyer]:
    asked = ask(shop, **NO_LETTER, **wished)
    return asked, opened(asked)


def sent(carla: Buyer, **typed: str) -> None:
    """The form by the names of its fields."""
    carla.send(next(form for form in carla.page.forms if not form.button("data-cancel")), **typed)


def payer_of(asked: Asked) -> Any:
    return asked.asserted().body["Payer"]


def test_what_the_shop_knows_stands_in_the_form_and_the_payer_has_the_last_word(shop):
    """The form is shown although nothing is missing: it is the shop's word, not the payer's (behaviour.md F-5)."""
    asked, carla = at_form(
        shop,
        BillingAddressForm=FORM,
        Payer={"BillingAddress": KNOWN | {"Email": "carla@example.org", "Phone": "+41 44 111 22 33"}},
    )
    assert carla.step == "address"
    assert 'value="Gasse 1"' in carla.page.html
    assert "111 22" not in carla.page.html

    sent(carla, street="Gasse 2")
    carla.pay_by_card(MASTERCARD)

    assert list(walk(carla.pages)) == ["address", "choose", "card", "paid"]
    assert payer_of(asked)["BillingAddress"] == KNOWN | {
        "Street": "Gasse 2", "Email": "carla@example.org", "Phone": "+41 44 111 22 33"
    }  # fmt: skip
    assert not Mail.objects.filter(recipient="carla@example.org").exists()


def test_both_addresses_are_shown_and_told(shop):
    away = KNOWN | {"FirstName": "Dario", "City": "Lugano", "Zip": "6900"}
    asked, carla = at_form(
        shop,
        BillingAddressForm=FORM | {"MandatoryFields": ["LASTNAME"]},
        DeliveryAddressForm=FORM,
        Payer={"BillingAddress": {"LastName": "Muster"}, "DeliveryAddress": away},
    )
    assert 'value="Lugano"' in carla.page.html

    sent(carla, delivery_city="Locarno")
    carla.pay_by_card(MASTERCARD)

    told = payer_of(asked)
    assert told["BillingAddress"] == {"LastName": "Muster", "CountryCode": "CH"}
    assert told["DeliveryAddress"] == away | {"City": "Locarno"}


@pytest.mark.parametrize(
    ("named", "field", "wrong", "right", "member"),
    [
        ("PHONE", "phone", "", "+41 44 111 22 33", {"Phone": "+41 44 111 22 33"}),
        ("COMPANY", "company", "", "Muster AG", {"Company": "Muster AG"}),
        ("SALUTATION", "salutation", "", "FEMALE", {"Gender": "FEMALE"}),
        ("SALUTATION", "salutation", "NOBODY", "DIVERSE", {"Gender": "DIVERSE"}),
        ("STATE", "state", "", "ch-zh", {"CountrySubdivisionCode": "ZH"}),
        ("STATE", "state", "Zürich", "ZH", {"CountrySubdivisionCode": "ZH"}),
        ("VATNUMBER", "vat_number", "", "CHE-1", {"VatNumber": "CHE-1"}),
        ("FIRSTNAME", "first_name", "", "Carla", {"FirstName": "Carla"}),
        ("LASTNAME", "last_name", "", "Muster", {"LastName": "Muster"}),
        ("STREET", "street", "", "Gasse 1", {"Street": "Gasse 1"}),
        ("ZIP", "zip", "", "8000", {"Zip": "8000"}),
        ("CITY", "city", "", "Bern", {"City": "Bern"}),
    ],
)
def test_what_the_shop_calls_mandatory_is_demanded_and_nothing_else(shop, named, field, wrong, right, member):
    asked, carla = at_form(shop, BillingAddressForm=FORM | {"MandatoryFields": [named]})

    sent(carla, **{field: wrong})
    assert carla.step == "address"
    assert error_at(carla, field)
    sent(carla, **{field: right})
    carla.pay_by_card(MASTERCARD)

    assert payer_of(asked)["BillingAddress"] == {"CountryCode": "CH"} | member


@pytest.mark.parametrize("form", ["BillingAddressForm", "DeliveryAddressForm"])
def test_a_mail_address_may_be_mandatory(shop, form):
    asked, carla = at_form(shop, **{form: FORM | {"MandatoryFields": ["EMAIL"]}})

    sent(carla, email="")
    assert error_at(carla, "email")
    sent(carla, email="carla@example.org")
    carla.pay_by_card(MASTERCARD)

    assert payer_of(asked)["BillingAddress"]["Email"] == "carla@example.org"


def test_nothing_has_to_be_mandatory(shop):
    _asked, carla = at_form(shop, BillingAddressForm=FORM | {"MandatoryFields": []})
    assert carla.step == "address"
    assert "Your confirmation goes there." not in carla.page.words  # the shop has asked for none

    sent(carla)

    assert carla.step == "choose"


def test_a_delivery_address_that_is_the_billing_address_must_have_all_it_needs(shop):
    _asked, carla = at_form(
        shop,
        BillingAddressForm=FORM | {"MandatoryFields": ["CITY"]},
        DeliveryAddressForm=FORM | {"MandatoryFields": ["CITY", "PHONE"]},
    )

    sent(carla, city="Bern")
    assert error_at(carla, "delivery_phone")
    assert not error_at(carla, "delivery_city")
    sent(carla, city="Bern", phone="+41 44 111 22 33")

    assert carla.step == "choose"


def test_fields_that_few_shops_want_are_not_shown_to_the_payers_of_others(shop):
    _asked, carla = at_form(shop, BillingAddressForm=FORM)

    assert not {"salutation", "state", "vat_number"} & set(carla.page.forms[0].values)
    sent(carla, state="ZH")

    assert "state" not in Session.objects.get().address


def test_what_the_shop_told_comes_back_without_any_form(shop):
    asked, carla = at_form(
        shop,
        Payer={
            "BillingAddress": KNOWN | {"Gender": "COMPANY", "VatNumber": "CHE-1", "Email": "n/a"},
            "DeliveryAddress": KNOWN | {"CountrySubdivisionCode": "CH-ZH"},
        },
    )
    carla.pay_by_card(MASTERCARD)

    told = payer_of(asked)

    assert told["BillingAddress"] == KNOWN | {"Gender": "COMPANY", "VatNumber": "CHE-1"}
    assert told["DeliveryAddress"] == KNOWN | {"CountrySubdivisionCode": "ZH"}
    inquired = {"TransactionReference": {"TransactionId": Entry.objects.get().transaction_id}}
    assert asked.program.call("Transaction/Inquire", inquired).body["Payer"] == told


def test_the_name_on_the_card_where_the_shop_wants_it(shop):
    _asked, carla = at_form(shop, PaymentMethods=["MASTERCARD"], CardForm={"HolderName": "MANDATORY"})

    carla.pay_by_card(MASTERCARD)
    assert (carla.step, error_at(carla, "holder")) == ("card", "Enter the name on the card.")
    carla.pay_by_card(MASTERCARD, cc_name="Carla Muster")

    assert carla.step == "paid"


def test_and_nowhere_else(shop):
    _asked, carla = at_form(shop, PaymentMethods=["MASTERCARD"], CardForm={"HolderName": "NONE"})

    assert carla.page.form("data-pay").field("cc-name") is None
