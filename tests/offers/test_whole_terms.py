"""All that the form asks for: kept in the offer, given back by it, and kept as a proposal for others."""

import json
from datetime import timedelta
from typing import Any

import pytest

from paygate.addresses import COUNTRIES, Address, country_name, country_names
from paygate.designs.models import Design
from paygate.offers.change import terms_of
from paygate.offers.create import create_offer
from paygate.offers.models import AskEmail, Offer, Source
from paygate.offers.terms import OfferTerms
from paygate.offers.terms_row import proposed_terms, terms_as_row
from paygate.tenants.context import within
from tests.make.books import NOON
from tests.make.money import chf

CARD = "9010 0031 5000 0001"
CARLA = Address(
    first_name="Carla", last_name="Muster", street="Gasse 1", zip="8000", city="Zürich", country="CH"
)


def whole(**changes: Any) -> OfferTerms:
    """Terms in which nothing is as usual."""
    given: dict[str, Any] = {
        "amount": chf("49.90"),
        "description": "Double room",
        "expires_at": NOON + timedelta(days=7),
        "ask_email": AskEmail.MANDATORY,
        "address": CARLA,
        "address_editable": True,
        "by_email": True,
        "letter": {"subject": "Your room", "text": "Dear Carla,\nplease pay."},
        "confirm": False,
        "confirmation": {"signature": "Anna"},
        "reply_to": "anna@alpenblick.example",
        "archive_email": "archive@alpenblick.example",
    }
    return OfferTerms(**given | changes)


def problems_of(anna, **changes: Any) -> list[str]:
    return [problem.field for problem in whole(**changes).problems(anna.terminal, now=NOON)]


def a_design(terminal, name: str = "Alpine") -> Design:
    with within(terminal.merchant_id):
        return Design.objects.create(
            merchant_id=terminal.merchant_id, name=name, accent="#0b5f6b", changed_at=NOON, changed_by="x"
        )


def test_an_offer_keeps_all_terms_and_gives_them_back(anna):
    terms = whole(design_id=a_design(anna.terminal).pk)

    offer = create_offer(anna.terminal, terms, source=Source.BACKOFFICE, by=anna.actor, now=NOON)

    assert terms_of(Offer.objects.get(pk=offer.pk), now=NOON) == terms


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"address": Address(country="XX")}, ["address_country"]),
        ({"address": Address(country="Switzerland")}, ["address_country"]),
        ({"address": Address(street="x" * 101)}, ["address_street"]),
        ({"address": Address(zip="x" * 21)}, ["address_zip"]),
        ({"address": Address(city="Zürich\nBern")}, ["address_city"]),
        ({"address": Address(company=CARD)}, ["address_company"]),
        ({"letter": {"subject": "two\nlines"}}, ["letter_subject"]),
        ({"letter": {"subject": "x" * 201}}, ["letter_subject"]),
        ({"letter": {"text": "two\r\nlines"}}, []),
        ({"letter": {"text": f"Card {CARD}"}}, ["letter_text"]),
        ({"letter": {"text": "a\0b"}}, ["letter_text"]),
        ({"confirmation": {"signature": "x" * 1001}}, ["confirmation_signature"]),
        ({"design_id": 4711}, ["design"]),
    ],
)
def test_what_is_wrong_is_told_with_its_field(anna, changes, fields):
    assert problems_of(anna, **changes) == fields


def test_a_design_of_another_merchant_is_none_of_ours(anna, carla):
    theirs = a_design(carla.terminal)

    assert problems_of(anna, design_id=theirs.pk) == ["design"]


def test_a_proposal_knows_no_buyer_and_no_date(anna):
    terms = whole(payer_email="carla@example.org", notify_emails=("anna@alpenblick.example",))

    row = json.loads(json.dumps(terms_as_row(terms, now=NOON)))
    proposed = proposed_terms(row)

    assert "Carla" not in str({**row, "letter": None})
    assert "carla@example.org" not in str(row)
    assert proposed["valid_for"] == "7"
    assert (proposed["amount"], proposed["currency"]) == ("49.90", "CHF")
    assert (proposed["ask_email"], proposed["address_editable"], proposed["confirm"]) == (
        "MANDATORY",
        True,
        False,
    )
    assert (proposed["letter_subject"], proposed["confirmation_signature"]) == ("Your room", "Anna")
    assert proposed["notify_emails"] == "anna@alpenblick.example"


@pytest.mark.parametrize(
    ("days", "proposed"), [(0.1, "1"), (1, "1"), (2, "3"), (30, "30"), (31, "90"), (180, "180")]
)
def test_a_deadline_is_proposed_as_the_offered_days_that_are_not_shorter(days, proposed):
    row = terms_as_row(whole(expires_at=NOON + timedelta(days=days)), now=NOON)

    assert proposed_terms(row)["valid_for"] == proposed


def test_countries_are_those_of_iso_3166_in_the_order_of_a_language():
    assert len(COUNTRIES) == 249
    assert (COUNTRIES["CH"], COUNTRIES["LI"]) == ("756", "438")
    assert country_name("CH", "it") == "Svizzera"
    german = [name for _, name in country_names("de")]
    assert german.index("Österreich") < german.index("Polen")


def test_an_address_is_written_as_on_an_envelope():
    assert CARLA.lines("de") == ["Carla Muster", "Gasse 1", "8000 Zürich", "Schweiz"]
    assert Address().is_empty
