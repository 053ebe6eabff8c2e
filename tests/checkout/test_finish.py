"""All that a payment causes is true together or not at all, and trouble with letters is no trouble with money."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from paygate import clock
from paygate.acquiring.connector import AuthorizeRequest
from paygate.acquiring.simulator.connector import SimulatorConnector
from paygate.acquiring.simulator.faults import set_fault
from paygate.checkout.finish import finish
from paygate.checkout.loose_ends import find_out
from paygate.checkout.models import Attempt
from paygate.jobs.interface import run_due, tally
from paygate.journal.models import Entry
from paygate.mail.models import Mail
from paygate.merchants.models import Booking
from paygate.merchants.own_pages import PLACEHOLDER
from paygate.offers import payable
from paygate.webhooks.models import Delivery
from tests.flows.buyer import ASKED, DECLINED, MASTERCARD, REFUSED, Buyer
from tests.mail.post import free_port
from tests.make.desks import Desk, Link, desk
from tests.webhooks.shop import open_shop

pytestmark = pytest.mark.django_db


class Fell(Exception):
    """The transaction does not get to its end."""


def paid(hotel: Desk, **terms: Any) -> Link:
    link = hotel.link(**terms)
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)
    assert carla.step == "paid"
    return link


def test_a_payment_that_falls_back_leaves_no_letter_and_no_job():
    """safety.md LK-6, ST-6."""
    hotel = desk()
    link = hotel.link(booking=Booking.AUTOMATIC)
    carla = Buyer()
    carla.open(link)
    carla.pay_by("TWINT")
    jobs = tally()

    with hotel.in_view(), pytest.raises(Fell), transaction.atomic():
        attempt = Attempt.objects.get(offer=link.id)
        Entry.objects.filter(single_use_of=str(link.id)).update(state="AUTHORIZED", succeeded=True)
        finish(attempt, payable.lock(link.id), now=clock.now())
        assert Mail.objects.count() == 2
        assert tally() != jobs
        raise Fell

    assert hotel.letters == []
    assert tally() == jobs
    assert (link.state, link.attempt.state, link.sessions[0].state) == ("OPEN", "AUTHORIZING", "OPEN")


def test_letters_to_payer_and_merchant_are_queued_with_the_payment():
    """SPG-FLOW-11, 12; SPG-PAY-04, 05."""
    hotel = desk()

    link = paid(hotel)

    assert [(letter.kind, letter.recipient, letter.state) for letter in hotel.letters] == [
        ("confirmation", "carla@example.org", "QUEUED"),
        ("notice", "reception@alpenblick.example", "QUEUED"),
    ]
    assert {letter.about for letter in hotel.letters} == {f"entry:{link.entry.transaction_id}"}
    assert {letter.queued_at for letter in hotel.letters} == {link.offer.paid_at}


def test_the_addresses_of_the_offer_stand_before_those_of_the_settings():
    hotel = desk()

    paid(hotel, notify_emails=("beat@alpenblick.example", "bar@alpenblick.example"))

    notices = [letter.recipient for letter in hotel.letters if letter.kind == "notice"]
    assert notices == ["beat@alpenblick.example", "bar@alpenblick.example"]


def test_a_copy_of_the_confirmation_goes_to_the_archive_address():
    hotel = desk()
    hotel.prefers(archive_email="archive@alpenblick.example")

    paid(hotel)

    with hotel.in_view():
        (copy,) = Mail.objects.filter(copy_of__kind="confirmation")
        assert copy.recipient == "archive@alpenblick.example"


def test_without_an_address_nobody_is_written_to_and_the_payment_stands():
    hotel = desk()
    hotel.prefers(notify_emails=[])

    link = paid(hotel, payer_email="")

    assert link.state == "PAID"
    assert hotel.letters == []


def calls_of(hotel: Desk) -> list[Delivery]:
    with hotel.in_view():
        return list(Delivery.objects.all())


def test_the_merchants_server_is_told_of_the_payment_with_the_token_in_its_place(settings):
    """SPG-SET-22, behaviour.md E-10: by GET, in the transaction of the payment, once it is committed."""
    with open_shop() as shop:
        hotel = desk()
        hotel.prefers(notify_url=f"{shop.url}/myspg/paid?pptoken={PLACEHOLDER}&lang=de")

        link = paid(hotel, booking=Booking.AUTOMATIC)
        assert [(one.state, one.created_at) for one in calls_of(hotel)] == [("QUEUED", link.offer.paid_at)]
        run_due()

        (session,) = link.sessions
        (heard,) = shop.heard
        assert (heard.method, heard.body) == ("GET", b"")
        assert heard.path == f"/myspg/paid?pptoken={session.token}&lang=de"
        (told,) = calls_of(hotel)
        assert (told.state, told.about) == ("DONE", f"entry:{link.entry.transaction_id}")


def test_a_payment_that_was_found_out_later_is_told_too(settings):
    """SPG-SET-22: every success, also one whose answer got lost."""
    hotel = desk()
    hotel.prefers(notify_url="https://shop.example/paid")
    link = hotel.link()
    carla = Buyer()
    carla.open(link)
    set_fault("AUTH", "drop_after_commit")
    carla.pay_by_card(MASTERCARD)
    assert calls_of(hotel) == []

    settings.PAYGATE_CLOCK_OFFSET = "15"
    run_due()

    assert link.state == "PAID"
    assert len(calls_of(hotel)) == 1


def test_without_an_address_nobody_is_called():
    hotel = desk()

    paid(hotel)

    assert calls_of(hotel) == []


@pytest.mark.parametrize("address", ["https://[half/", "not an address", "https://ö" + "ö" * 980 + "/"])
def test_an_address_that_cannot_be_called_stops_no_payment(address, settings):
    hotel = desk()
    hotel.prefers(notify_url=address)

    link = paid(hotel)
    run_due()

    assert link.state == "PAID"
    (told,) = calls_of(hotel)
    assert told.state == "GIVEN_UP"
    assert told.answer.startswith("refused: ")


def test_a_server_that_is_not_there_does_not_touch_the_payment():
    hotel = desk()
    hotel.prefers(notify_url=f"http://127.0.0.1:{free_port()}/")

    link = paid(hotel, booking=Booking.AUTOMATIC)
    run_due()

    assert (link.state, link.entry.state) == ("PAID", "CAPTURED")
    assert [(one.state, one.answer) for one in calls_of(hotel)] == [("QUEUED", "connection refused")]


@pytest.mark.parametrize("end", ["declined", "refused", "canceled", "given up at the bank"])
def test_no_server_is_told_of_a_payment_that_failed_or_was_canceled(end):
    """SPG-SET-23."""
    hotel = desk()
    hotel.prefers(notify_url="https://shop.example/paid")
    carla = Buyer()
    carla.open(hotel.link())

    match end:
        case "declined":
            carla.pay_by_card(DECLINED)
        case "refused":
            carla.pay_by_card(REFUSED)
            carla.to_bank()
            carla.press("approve")
        case "canceled":
            carla.cancel()
        case "given up at the bank":
            carla.pay_by_card(ASKED)
            carla.to_bank()
            carla.press("cancel")
    run_due()

    assert calls_of(hotel) == []


@pytest.mark.parametrize("number", [DECLINED, REFUSED])
def test_a_payment_that_failed_sends_no_letter(number):
    hotel = desk()
    link = hotel.link()
    carla = Buyer()
    carla.open(link)

    carla.pay_by_card(number)
    if carla.step == "challenge":
        carla.to_bank()
        carla.press("approve")

    assert carla.page.is_declined
    assert hotel.letters == []


def test_a_mail_server_that_is_not_there_does_not_touch_the_payment(settings):
    """safety.md EM-1."""
    settings.EMAIL_URL = "smtp://127.0.0.1:9"
    hotel = desk()

    link = paid(hotel, booking=Booking.AUTOMATIC)
    run_due()

    assert (link.state, link.entry.state) == ("PAID", "CAPTURED")
    assert [(letter.state, letter.tries) for letter in hotel.letters] == [("QUEUED", 1)] * 2
    settings.EMAIL_URL = ""
    settings.PAYGATE_CLOCK_OFFSET = "120"
    run_due()
    assert [letter.state for letter in hotel.letters] == ["DONE"] * 2


def test_an_address_in_the_settings_that_is_none_stops_no_payment():
    hotel = desk()
    hotel.prefers(notify_emails=["reception@alpenblick.example, eve@evil.example"])

    link = paid(hotel)

    assert link.state == "PAID"
    assert [letter.kind for letter in hotel.letters] == ["confirmation"]


def test_automatic_booking_is_a_second_step():
    """safety.md ST-3."""
    link = paid(desk(), booking=Booking.AUTOMATIC)
    assert (link.entry.state, link.state) == ("AUTHORIZED", "PAID")

    run_due()

    entry = link.entry
    assert (entry.state, entry.booked_minor) == ("CAPTURED", 4990)
    assert [movement.kind for movement in link.movements] == ["AUTHORIZE", "CAPTURE"]


@pytest.mark.parametrize("booking", [Booking.FINAL, Booking.PRE_AUTHORIZATION])
def test_without_it_a_payment_stays_a_reservation(booking):
    link = paid(desk(), booking=booking)

    run_due()

    assert link.entry.state == "AUTHORIZED"
    entry = link.entry
    assert entry.guaranteed_until
    assert entry.authorized_at
    assert entry.guaranteed_until - entry.authorized_at >= timedelta(days=7)


def test_asking_again_about_a_finished_payment_changes_nothing():
    hotel = desk()
    link = paid(hotel)
    before = (link.entry.state, len(link.movements), len(hotel.letters))

    with hotel.in_view():
        assert find_out(link.attempt.pk, now=clock.now()) is None

    assert (link.entry.state, len(link.movements), len(hotel.letters)) == before


def test_the_acquirer_is_told_the_moment_that_the_issuer_was_told(monkeypatch):
    """safety.md 3D-7."""
    told: list[AuthorizeRequest] = []
    authorize = SimulatorConnector.authorize

    def listening(self, request):
        told.append(request)
        return authorize(self, request)

    monkeypatch.setattr(SimulatorConnector, "authorize", listening)
    link = desk().link()
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(MASTERCARD)

    (areq,) = [line.body for line in link.messages if line.message_type == "AReq"]
    assert told[0].three_ds is not None
    assert told[0].three_ds.purchase_date == areq["purchaseDate"]
    assert (told[0].amount.minor, str(told[0].amount.minor)) == (4990, areq["purchaseAmount"])
