"""One offer's page, and what can be done from it."""

from datetime import timedelta
from urllib.parse import unquote

import pytest

from paygate import clock
from paygate.mail.models import Mail
from paygate.offers.link import link_of
from paygate.offers.models import Offer
from paygate.offers.payable import note_opened
from paygate.offers.states import OfferState
from tests.backoffice.reading import value_of, words
from tests.flows.buyer import MASTERCARD, Buyer
from tests.make.journal import reservation
from tests.make.offers import offer


def test_an_open_offer_shows_its_link_its_code_and_its_story(beat):
    sold = offer(beat.terminal, payer_email="guest@example.org", language="de")
    note_opened(sold, now=clock.now())

    page = beat.browser().get(f"/backoffice/offers/{sold.pk}/")

    link = f"http://localhost:8000/SecurePayGate/Payment/100001/17000011/{sold.pk}"
    assert f'value="{link}"' in page.content.decode()
    assert "Link opened for the first time" in words(page)
    assert "mailto:guest@example.org?subject=" in page.content.decode()
    assert link in unquote(page.content.decode().partition('href="mailto:')[2].partition('"')[0])


def test_the_code_is_a_picture_of_the_link(beat):
    sold = offer(beat.terminal)
    browser = beat.browser()

    picture = browser.get(f"/backoffice/offers/{sold.pk}/qr.png")
    file = browser.get(f"/backoffice/offers/{sold.pk}/qr.png?download")

    assert picture.content.startswith(b"\x89PNG")
    assert file["Content-Disposition"] == f'attachment; filename="payment-link-{sold.pk}.png"'


def test_what_was_written_about_its_payment_is_among_its_letters(beat):
    sold = offer(beat.terminal, payer_email="carla@example.org")
    carla = Buyer()
    carla.open(link_of(sold, beat.merchant, beat.terminal.number))
    carla.pay_by_card(MASTERCARD)

    page = words(beat.browser().get(f"/backoffice/offers/{sold.pk}/"))

    assert "You paid CHF 49.90" in page.replace("\u00a0", " ")
    assert "Letter to carla@example.org" in page
    assert "Nothing was sent from here yet" not in page


def test_sending_again_sends_another_letter(beat):
    sold = offer(beat.terminal, payer_email="guest@example.org")
    browser = beat.browser()

    address = f"/backoffice/offers/{sold.pk}/"

    for _ in range(2):
        form = {"sent": value_of(browser.get(address), "sent")}
        page = browser.post(f"{address}send/", form, follow=True)

    assert Mail.objects.count() == 2
    assert "Send again" in words(page)


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("smtp://mail.example.com", "The e-mail to the buyer is on its way."),
        ("", "No mail server is set up: the e-mail to the buyer is only kept under Letters."),
    ],
)
def test_nothing_is_said_to_be_on_its_way_that_goes_nowhere(beat, settings, server, said):
    settings.EMAIL_URL = server
    sold = offer(beat.terminal, payer_email="guest@example.org")

    page = beat.browser().post(f"/backoffice/offers/{sold.pk}/send/", {"sent": ""}, follow=True)

    assert said in words(page)


def test_the_same_form_sends_one_letter_however_often_it_is_submitted(beat):
    sold = offer(beat.terminal, payer_email="guest@example.org")
    browser = beat.browser()

    for _ in range(3):
        page = browser.post(f"/backoffice/offers/{sold.pk}/send/", {"sent": ""}, follow=True)

    assert Mail.objects.count() == 1
    assert "It was sent meanwhile" in words(page)


def test_without_an_address_nothing_is_sent_and_the_page_says_why(beat):
    sold = offer(beat.terminal)

    page = beat.browser().post(f"/backoffice/offers/{sold.pk}/send/", follow=True)

    assert "Enter the buyer's e-mail address" in words(page)
    assert not Mail.objects.exists()


def test_an_offer_is_disabled_and_restored(beat):
    sold = offer(beat.terminal)
    browser = beat.browser()

    browser.post(f"/backoffice/offers/{sold.pk}/disable/")
    assert Offer.objects.get().state == OfferState.DISABLED
    page = browser.post(f"/backoffice/offers/{sold.pk}/restore/", follow=True)

    assert Offer.objects.get().state == OfferState.OPEN
    assert "by Beat" in words(page)


def test_an_offer_being_paid_is_not_disabled(beat):
    sold = offer(beat.terminal)
    Offer.objects.filter(pk=sold.pk).update(claim="somebody")

    page = beat.browser().post(f"/backoffice/offers/{sold.pk}/disable/", follow=True)

    assert "Somebody is paying this offer right now" in words(page)
    assert Offer.objects.get().state == OfferState.OPEN


def test_past_its_deadline_an_offer_is_expired_before_any_job_says_so(beat):
    sold = offer(beat.terminal)
    Offer.objects.filter(pk=sold.pk).update(expires_at=clock.now() - timedelta(seconds=1))

    page = beat.browser().get(f"/backoffice/offers/{sold.pk}/")

    assert 'data-status="EXPIRED"' in page.content.decode()
    assert "Disable" not in words(page)


def test_its_payments_are_shown_with_it(beat):
    sold = offer(beat.terminal)
    entry = reservation(beat.terminal, single_use_of=str(sold.pk))

    browser = beat.browser()

    assert (
        f"/backoffice/journal/{entry.transaction_id}/"
        in browser.get(f"/backoffice/offers/{sold.pk}/").content.decode()
    )
    assert (
        f"/backoffice/offers/{sold.pk}/"
        in browser.get(f"/backoffice/journal/{entry.transaction_id}/").content.decode()
    )
