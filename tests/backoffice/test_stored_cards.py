"""The option to store the buyer's card: in the form, in a template, and on the page of the offer."""

import pytest

from paygate import clock
from paygate.aliases import store
from paygate.aliases.models import Alias
from paygate.merchants.models import Licence
from paygate.offers.models import Offer, OfferTemplate
from tests.backoffice.filled import filled
from tests.backoffice.reading import words
from tests.make.offers import offer
from tests.make.walk import pay
from tests.uploads.files import created, csv

pytestmark = pytest.mark.django_db
NEW = "/backoffice/offers/new/"


def page_of(offer: Offer) -> str:
    return f"/backoffice/offers/{offer.pk}/"


def is_ticked(response) -> bool:
    return " checked" in response.content.decode().split('name="save_means"')[1].split(">")[0]


def test_the_option_is_there_with_the_licence_only(anna):
    """SPG-FRM-38."""
    assert "Save payment means" in words(anna.browser().get(NEW))

    Licence.objects.update(features=["SECURE_PAYGATE"])
    assert "Save payment means" not in words(anna.browser().get(NEW))
    anna.browser().post(NEW, filled(anna.terminal, save_means="on"))
    assert not Offer.objects.get().save_means


def test_what_is_chosen_stays_chosen(anna):
    """SPG-FRM-37."""
    anna.browser().post(NEW, filled(anna.terminal, save_means="on"))
    made = Offer.objects.get()
    assert made.save_means

    assert "The card or the wallet is stored with the payment." in words(anna.browser().get(page_of(made)))
    assert is_ticked(anna.browser().get(f"{page_of(made)}edit/"))
    anna.browser().post(f"{page_of(made)}edit/", filled(anna.terminal, revision="1"))
    assert not Offer.objects.get().save_means


def test_the_page_of_the_offer_says_what_became_of_the_card(anna):
    """SPG-FRM-37, 39: the alias, by which programs find the card, is named; the card is not."""
    made = offer(anna.terminal, save_means=True)
    pay(made, now=clock.now())
    alias = Alias.objects.get()
    assert f"The card is stored as {alias.name}." in words(anna.browser().get(page_of(made)))

    store.remove(alias)
    said = f"Stored as {alias.name}, and forgotten since."
    assert said in words(anna.browser().get(page_of(made)))


def test_an_offer_without_the_option_says_nothing_of_it(anna):
    assert "Save payment means" not in words(anna.browser().get(page_of(offer(anna.terminal))))


@pytest.mark.django_db(transaction=True)
def test_a_file_says_it_row_by_row(anna):
    """SPG-FRM-37, SPG-UPL-07."""
    created(anna, csv("5,CHF,One,yes", "6,CHF,Two,", header="Amount,Currency,Description,Save payment means"))

    kept = dict(Offer.objects.values_list("description", "save_means"))

    assert kept == {"One": True, "Two": False}


def test_a_template_keeps_it(anna):
    fields = filled(anna.terminal, save_means="on", name="Deposit", payer_email=None, expires_on=None)
    anna.browser().post("/backoffice/offers/templates/new/", fields)
    kept = OfferTemplate.objects.get()

    assert kept.terms["save_means"] is True
    assert is_ticked(anna.browser().get(f"{NEW}?template={kept.pk}"))
