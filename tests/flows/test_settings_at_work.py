"""The settings of Secure PayGate at work: in offers, payments, journal and letters (SPG-SET)."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from paygate.acquiring.models import Contract
from paygate.jobs.interface import run_due
from paygate.jobs.sweep import sweep
from paygate.journal.models import Entry
from paygate.offers.models import Offer
from tests.backoffice.filled import filled
from tests.backoffice.reading import error_at, words
from tests.backoffice.settings_form import save, terms_file
from tests.cast import Person
from tests.flows.buyer import AMEX, MASTERCARD, Buyer
from tests.mail.pdfs import pdf
from tests.make.desks import Desk, Link

MAESTRO = "9040100352000005"
NEW_OFFER = "/backoffice/offers/new/"
GERMAN, ENGLISH = pdf(b"% AGB\n"), pdf(b"% Terms\n")


@pytest.fixture
def hotel(anna: Person) -> Person:
    """Anna's hotel with terms in English and German, and contracts for two more brands."""
    for method in ("AMEX", "MAESTRO"):
        Contract.objects.create(
            merchant_id=anna.merchant.pk,
            terminal=anna.terminal,
            method=method,
            currencies=["CHF"],
            connector="simulator",
            acquirer_merchant_id="MID-17000011",
            acquirer_bin="400000",
        )
    save(anna, terms_language="de", terms=terms_file("AGB.pdf", GERMAN))
    save(anna, terms_language="en", terms=terms_file("Terms.pdf", ENGLISH))
    return anna


def offered(hotel: Person, **fields: Any) -> Link:
    """Anna fills in the form for a new offer; the authorization type stays as the page proposes it."""
    browser = hotel.browser()
    page = browser.get(NEW_OFFER).content.decode()
    proposed = re.search(r'<input type="radio" name="booking" value="(\w+)"[^>]*\bchecked', page)
    assert proposed
    response = browser.post(NEW_OFFER, filled(hotel.terminal, booking=proposed[1], **fields))
    assert response.status_code == 302
    return Link(Desk(hotel.terminal), Offer.objects.latest("created_at").pk)


def paid(hotel: Person, means: str = MASTERCARD, **fields: Any) -> Entry:
    """A new offer, paid by this card or wallet; everything that follows by itself has happened."""
    link, carla = offered(hotel, **fields), Buyer()
    carla.open(link)
    if means.isdecimal():
        carla.pay_by_card(means)
    else:
        carla.pay_by(means)
        carla.press("approve")
    assert carla.step == "paid"
    run_due()
    sweep()
    run_due()
    return link.entry


def entry_page(hotel: Person, entry: Entry) -> str:
    said = words(hotel.browser().get(reverse("backoffice:entry", args=[entry.transaction_id])))
    return said.replace("\u00a0", " ")


def book(hotel: Person, entry: Entry, amount: str) -> Any:
    return hotel.browser().post(
        reverse("backoffice:entry_book", args=[entry.transaction_id]), {"amount": amount}, follow=True
    )


def letters() -> list[EmailMessage]:
    """All letters that left the house, oldest first."""
    files = sorted((Path(django_settings.PAYGATE_DATA) / "mail").glob("*.eml"))
    found = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [letter for letter in found if isinstance(letter, EmailMessage)]


def attached(letter: EmailMessage) -> list[tuple[str | None, bytes]]:
    return [(part.get_filename(), part.get_content()) for part in letter.iter_attachments()]


@pytest.mark.parametrize("booking", ["FINAL", "PRE_AUTHORIZATION"])
def test_a_payment_is_only_authorized_until_it_is_booked_by_hand(hotel, booking):
    """SPG-SET-03, 04, 05, 06: the default authorization type of the settings reaches the journal."""
    save(hotel, booking=booking)

    entry = paid(hotel)

    assert "Reserved" in entry_page(hotel, entry)
    assert "CHF 49.90 booked." in words(book(hotel, entry, "49.90")).replace("\u00a0", " ")
    assert "Booked" in entry_page(hotel, entry)


def test_automatic_booking_books_a_successful_authorization_at_once(hotel):
    """SPG-SET-10."""
    save(hotel, booking="AUTOMATIC")

    entry = paid(hotel)

    said = entry_page(hotel, entry)
    assert "CHF 49.90 Booked" in said
    assert "by PayGate" in said


def test_what_is_booked_can_be_less_and_never_more(hotel):
    """SPG-SET-07, 08."""
    save(hotel, booking="PRE_AUTHORIZATION")
    entry = paid(hotel)

    more = book(hotel, entry, "49.91")
    assert "at most what is reserved" in error_at(more, "amount")
    assert "Reserved" in entry_page(hotel, entry)

    book(hotel, entry, "30")
    assert "CHF 30.00 Booked of CHF 49.90 reserved" in entry_page(hotel, entry)


@pytest.mark.parametrize(
    ("means", "days"), [(MASTERCARD, 30), (MAESTRO, 30), (AMEX, 10), ("TWINT", 7)], ids=str
)
def test_pre_authorization_is_for_visa_and_mastercard_brands_and_others_are_authorized_normally(
    hotel, means, days
):
    """SPG-SET-09: what is pre-authorized is guaranteed for longer."""
    save(hotel, booking="PRE_AUTHORIZATION")

    entry = paid(hotel, means)

    assert entry.guaranteed_until is not None
    assert entry.guaranteed_until - entry.created_at == pytest.approx(
        timedelta(days=days), abs=timedelta(hours=1)
    )
    assert "Guaranteed until" in entry_page(hotel, entry)


def test_buyers_see_exactly_the_sender_that_was_chosen_and_answer_to_reply_to(hotel):
    """SPG-SET-26, 27, 30."""
    save(hotel, sender_local="Front.Desk_1", reply_to="answers@alpenblick.example")

    paid(hotel, button="send", by_email="on")

    offer_letter, confirmation = [one for one in letters() if one["To"] == "guest@example.org"]
    for letter in (offer_letter, confirmation):
        assert letter["From"] == "Hotel Alpenblick <Front.Desk_1@paygate.localhost>"
        assert letter["Reply-To"] == "answers@alpenblick.example"


def test_each_letter_is_copied_to_the_bcc_address(hotel):
    """SPG-SET-28: to the last byte; nobody else learns of it."""
    save(hotel, archive_email="archive@alpenblick.example")

    paid(hotel, button="send", by_email="on", notify_emails="desk@alpenblick.example")

    sent = Desk(hotel.terminal).letters
    whole = [mail for mail in sent if mail.copy_of_id is None]
    assert sorted(mail.kind for mail in whole) == ["confirmation", "notice", "offer"]
    copies = {mail.copy_of_id: mail for mail in sent if mail.copy_of_id}
    assert set(copies) == {mail.pk for mail in whole}
    assert all(copies[mail.pk].sha256 == mail.sha256 for mail in whole)
    assert {mail.recipient for mail in copies.values()} == {"archive@alpenblick.example"}
    assert not any("archive@" in str(letter) for letter in letters())


@pytest.mark.parametrize(
    ("language", "files"),
    [("de", [("AGB.pdf", GERMAN)]), ("en", [("Terms.pdf", ENGLISH)]), ("it", []), ("fr", [])],
)
def test_every_letter_to_a_buyer_carries_the_terms_in_its_language(hotel, language, files):
    """SPG-SET-32, 33, 35; SPG-SET-36: without terms in that language it goes without them."""
    paid(hotel, language=language, button="send", by_email="on")

    to_buyer = [one for one in letters() if one["To"] == "guest@example.org"]
    assert [one["Content-Language"] for one in to_buyer] == [language, language]
    assert [attached(one) for one in to_buyer] == [files, files]


def test_replaced_terms_go_with_the_next_letter(hotel):
    """SPG-SET-31."""
    newer = pdf(b"% newer\n")
    save(hotel, terms_language="de", terms=terms_file("AGB 2027.pdf", newer))

    offered(hotel, button="send", by_email="on")
    run_due()

    assert [attached(one) for one in letters()] == [[("AGB 2027.pdf", newer)]]


def test_who_is_told_of_payments_is_proposed_and_told(hotel):
    """SPG-SET-02."""
    save(hotel, notify_emails="desk@alpenblick.example, owner@alpenblick.example")

    paid(hotel)

    told = {one["To"] for one in letters()}
    assert told == {"guest@example.org", "desk@alpenblick.example", "owner@alpenblick.example"}
