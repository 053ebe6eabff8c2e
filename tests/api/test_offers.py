"""Payment links by the Management API (SPG-API, SPG-REQ-01; behaviour.md M)."""

from datetime import timedelta
from typing import Any

import pytest

from paygate import clock
from paygate.designs.change import Look, save_design
from paygate.journal.models import Entry
from paygate.mail.models import Mail
from paygate.merchants.models import Licence
from paygate.merchants.reach import system
from paygate.offers.models import Offer, Source
from tests.backoffice.filled import filled
from tests.backoffice.reading import words
from tests.make.money import chf
from tests.make.walk import pay

OFFERS = "terminals/17000011/spg-offers"


def wish(**changed: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "ExpirationDate": (clock.now() + timedelta(days=3)).isoformat(timespec="seconds"),
        "Payer": {"LanguageCode": "fr"},
        "Payment": {
            "Amount": {"Value": "4990", "CurrencyCode": "CHF"},
            "OrderId": "A-1",
            "Description": "Chambre double",
        },
    }
    return {name: value for name, value in {**told, **changed}.items() if value is not ...}


def test_a_program_makes_reads_and_deletes_a_link(shop, anna):
    """SPG-API-01, 02, SPG-REQ-01: it appears in the overview, by the application RestApi (behaviour.md M-9)."""
    made = shop.rest("POST", OFFERS, wish())
    offer = Offer.objects.get()
    path = f"{OFFERS}/{made.body['OfferId']}"

    assert made.status == 200
    assert made.body["PaymentLink"].endswith(f"/SecurePayGate/Payment/100001/17000011/{offer.pk}")
    assert (offer.source, offer.language, offer.max_attempts, offer.booking) == (Source.API, "fr", 5, "FINAL")
    read = shop.rest("GET", path).body
    assert read["Status"] == "OPEN"
    assert read["Payment"] == wish()["Payment"]
    assert read["PaymentLink"] == made.body["PaymentLink"]
    assert "TransactionId" not in read
    assert "RestApi" in words(anna.browser().get("/backoffice/offers/?whole"))
    deleted = shop.rest("DELETE", path)
    assert (deleted.status, deleted.body) == (200, {})
    assert shop.rest("GET", path).body["Status"] == "DISABLED"
    assert shop.rest("DELETE", path).status == 200
    assert not Mail.objects.exists()


def test_a_link_says_which_program_made_it_and_is_found_by_it(shop, anna):
    shop.rest("POST", OFFERS, wish())
    offer, browser, program = Offer.objects.get(), anna.browser(), shop.credential.user_name

    page = words(browser.get(f"/backoffice/offers/{offer.pk}/"))
    (_head, row) = browser.get("/backoffice/offers/offers.csv").getvalue().decode().splitlines()

    assert f"Created by {program}" in page
    assert "a former member" not in page
    assert program in row
    assert "api:" not in row
    assert str(offer.pk) in browser.get(f"/backoffice/offers/?q={program}").content.decode()
    assert str(offer.pk) not in browser.get("/backoffice/offers/?q=API_999999").content.decode()


def test_a_link_of_a_program_is_not_edited_in_the_back_office(shop, anna):
    """behaviour.md M-9: the program cannot see what it is paid for any more; a copy can be changed."""
    shop.rest("POST", OFFERS, wish())
    offer, browser = Offer.objects.get(), anna.browser()
    path = f"/backoffice/offers/{offer.pk}/"

    page = browser.get(path).content.decode()
    form = browser.get(f"{path}edit/", follow=True)
    saved = browser.post(f"{path}edit/", filled(anna.terminal, amount="1.00", revision="1"))

    assert f"{path}edit/" not in page
    assert f"/backoffice/offers/new/?copy={offer.pk}" in page
    assert form.redirect_chain[-1][0] == path
    assert "A program made this offer" in words(form)
    assert (saved.status_code, "A program made this offer" in words(saved)) == (422, True)
    assert Offer.objects.get().amount == chf("49.90")


def test_a_paid_link_tells_its_transaction_and_is_not_deleted(shop):
    """behaviour.md M-6, M-7."""
    made = shop.rest("POST", OFFERS, wish())
    pay(Offer.objects.get(), now=clock.now())
    path = f"{OFFERS}/{made.body['OfferId']}"

    read = shop.rest("GET", path).body

    assert read["Status"] == "PAID"
    assert read["TransactionId"] == Entry.objects.get().transaction_id
    assert shop.rest("DELETE", path).error == "TRANSACTION_IN_WRONG_STATE"


def test_everything_that_can_be_told_of_an_offer(shop, alpenblick):
    save_design(Look("Summer", "#0b5f6b"), by=system(alpenblick.merchant_id), now=clock.now())
    full = wish(
        Payer={
            "LanguageCode": "de-CH",
            "BillingAddress": {
                "FirstName": "Max",
                "City": "Bern",
                "CountryCode": "CH",
                "Email": "max@example.org",
            },
        },
        Payment={
            "Amount": {"Value": 100, "CurrencyCode": "EUR"},
            "OrderId": "B-2",
            "Description": "Two nights",
            "Options": {"PreAuth": True},
        },
        MaxPaymentAttempts=10,
        Condition="WITH_SUCCESSFUL_THREE_DS_CHALLENGE",
        ConfigSet="SUMMER",
        BillingAddressForm={"AddressSource": "SAFERPAY"},
        Order={"Items": [{"Name": "Night", "Quantity": 2, "UnitPrice": "50"}]},
    )

    assert shop.rest("POST", OFFERS, full).status == 200

    offer = Offer.objects.get()
    assert (offer.booking, offer.max_attempts, offer.payer_email) == (
        "PRE_AUTHORIZATION",
        10,
        "max@example.org",
    )
    assert offer.address["city"] == "Bern"
    assert offer.address_editable
    assert offer.design
    assert offer.design.name == "Summer"
    assert offer.condition == "WITH_SUCCESSFUL_THREE_DS_CHALLENGE"
    assert (offer.amount_minor, offer.currency, offer.language) == (100, "EUR", "de-CH")


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"ExpirationDate": ...}, "ExpirationDate"),
        ({"ExpirationDate": "tomorrow at noon"}, "ExpirationDate"),
        ({"ExpirationDate": "2020-01-01T10:00:00Z"}, "ExpirationDate"),
        ({"Payer": ...}, "Payer"),
        ({"Payment": ...}, "Payment"),
        ({"Payment": {"OrderId": "x", "Description": "y"}}, "Payment.Amount"),
        ({"MaxPaymentAttempts": 2}, "MaxPaymentAttempts"),
        ({"Condition": "MAYBE"}, "Condition"),
        ({"RegisterAlias": {"IdGenerator": "MANUAL"}}, "RegisterAlias.IdGenerator"),
        ({"Payer": {"BillingAddress": {"Email": "no address"}}}, "Payer.BillingAddress.Email"),
        ({"Payer": {"LanguageCode": "GERMAN"}}, "Payer.LanguageCode"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(shop, changed, place):
    answer = shop.rest("POST", OFFERS, wish(**changed))

    assert (answer.status, answer.error) == (400, "VALIDATION_FAILED")
    assert f"{place}: " in answer.details
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("amount", "place"),
    [
        ({"Value": "0", "CurrencyCode": "CHF"}, "Payment.Amount.Value"),
        ({"Value": "-5", "CurrencyCode": "CHF"}, "Payment.Amount.Value"),
        ({"Value": "1.50", "CurrencyCode": "CHF"}, "Payment.Amount.Value"),
        ({"Value": "9" * 13, "CurrencyCode": "CHF"}, "Payment.Amount.Value"),
        ({"Value": "100", "CurrencyCode": "XXX"}, "Payment.Amount.CurrencyCode"),
        ({"Value": "100", "CurrencyCode": "JPY"}, "Payment.Amount.CurrencyCode"),
    ],
)
def test_amounts_that_cannot_be_asked_for(shop, amount, place):
    payment = {**wish()["Payment"], "Amount": amount}

    answer = shop.rest("POST", OFFERS, wish(Payment=payment))

    assert (answer.status, answer.error) == (400, "VALIDATION_FAILED")
    assert place in answer.details


def test_the_same_request_makes_one_offer(shop):
    """safety.md ID-3: the stored answer, whatever; another body under the same id is another request."""
    body = wish()
    first, again = (shop.rest("POST", OFFERS, body, HTTP_SAFERPAY_REQUESTID="r-1") for _each in range(2))
    other = shop.rest(
        "POST", OFFERS, wish(Payment={**body["Payment"], "OrderId": "A-2"}), HTTP_SAFERPAY_REQUESTID="r-1"
    )

    assert first == again
    assert other.body["OfferId"] != first.body["OfferId"]
    assert Offer.objects.count() == 2


@pytest.mark.parametrize("offer_id", ["nonsense", "503a3d7b-072b-400f-9e7e-8ec15191c737"])
def test_unknown_offers_are_not_found(shop, offer_id):
    """behaviour.md C-5."""
    for verb in ("GET", "DELETE"):
        answer = shop.rest(verb, f"{OFFERS}/{offer_id}")

        assert (answer.status, answer.error) == (402, "TRANSACTION_NOT_FOUND")


def test_only_a_secure_paygate_terminal_has_links(shop, alpenblick):
    alpenblick.kind = "ECOM"
    alpenblick.save()

    assert shop.rest("POST", OFFERS, wish()).error == "PERMISSION_DENIED"


def test_the_card_is_stored_where_that_is_wished_and_licensed(shop):
    assert shop.rest("POST", OFFERS, wish(RegisterAlias={"IdGenerator": "RANDOM"})).status == 200
    assert Offer.objects.get().save_means

    Licence.objects.update(features=["SECURE_PAYGATE", "MANAGEMENT_API"])
    answer = shop.rest("POST", OFFERS, wish(RegisterAlias={"IdGenerator": "RANDOM"}))
    assert (answer.status, answer.error) == (403, "PERMISSION_DENIED")
    assert Offer.objects.count() == 1
