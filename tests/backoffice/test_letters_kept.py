"""What becomes of letters: copies, archive, delivery (SPG-ARC-01, SPG-ARC-02; safety.md EM-6 to EM-8)."""

from datetime import timedelta

import pytest

from paygate import clock
from paygate.jobs.interface import run_due
from paygate.journal.models import Entry
from paygate.mail.archive import AT_LEAST, raw
from paygate.mail.bounces import return_path
from paygate.mail.models import Mail
from paygate.mail.tasks import purge_old
from paygate.merchants.models import Preferences, TermsFile
from paygate.merchants.returned import take_returned
from paygate.offers.send import send_offer
from tests.backoffice.reading import words
from tests.mail.post import open_post
from tests.mail.returned import report
from tests.make.offers import offer
from tests.make.walk import pay

pytestmark = pytest.mark.django_db(transaction=True)

ARCHIVE = "archive@alpenblick.example"


@pytest.fixture
def post(settings):
    """A mail server, and the installation set to use it."""
    with open_post() as post:
        settings.EMAIL_URL = post.url
        yield post


@pytest.fixture
def sold(anna):
    """Sent to Max, with the terms in the letter's language."""
    TermsFile.objects.create(
        merchant=anna.merchant, language="en", name="Terms.pdf", content=b"%PDF-1.7 terms"
    )
    Preferences.objects.update(archive_email=ARCHIVE, reply_to="anna@alpenblick.example")
    sold = offer(anna.terminal, payer_email="max@example.org", reference="2026-0412")
    send_offer(sold.pk, by=anna.actor, now=clock.now())
    return sold


def page_of(person, sold):
    return person.browser().get(f"/backoffice/offers/{sold.pk}/")


def came_back(mail, **told):
    return take_returned(report(return_path(mail), **told), now=clock.now())


def test_a_copy_of_every_letter_to_a_buyer_goes_to_the_bcc_address(anna, sold, post):
    """SPG-ARC-01: the offer and the confirmation, the same bytes with attachments and terms."""
    pay(sold, now=clock.now())
    run_due()

    by_address = {
        address: [one.content for one in post.received if one.recipient == address]
        for address in ("max@example.org", ARCHIVE)
    }
    assert len(by_address["max@example.org"]) == 2
    assert by_address[ARCHIVE] == by_address["max@example.org"]
    assert all(b'filename="Terms.pdf"' in content for content in by_address[ARCHIVE])
    assert ARCHIVE.encode() not in b"".join(by_address["max@example.org"]), "nobody sees who else reads it"


def test_a_bcc_address_that_refuses_stops_no_letter_to_the_buyer_and_is_told_of(anna, sold, post):
    """SPG-ARC-01, EM-6."""
    post.recipient_answers[ARCHIVE] = "550 No such mailbox"
    run_due()

    assert [one.recipient for one in post.received] == ["max@example.org"]
    assert "550 No such mailbox" in words(anna.browser().get("/backoffice/"))


@pytest.mark.parametrize("bcc", [ARCHIVE, ""])
def test_letters_are_kept_whole_for_24_months_at_least(bcc, anna, sold):
    """SPG-ARC-02: with terms and all, found from offer and payment, also without a BCC address."""
    Preferences.objects.update(archive_email=bcc)
    pay(sold, now=clock.now())
    Mail.objects.update(queued_at=clock.now() - AT_LEAST)
    purge_old()
    browser = anna.browser()

    offers_page = page_of(anna, sold)
    payments_page = browser.get(f"/backoffice/journal/{Entry.objects.get().transaction_id}/")
    for page, kind in ((offers_page, "offer"), (payments_page, "confirmation")):
        mail = Mail.objects.get(kind=kind, copy_of=None)
        address = f"/backoffice/letters/{mail.public_id}/"
        assert address in page.content.decode()
        file = browser.get(f"{address}letter.eml")
        assert file.content == raw(mail)
        assert b'filename="Terms.pdf"' in file.content
        assert browser.get(f"{address}attachments/0/").content == b"%PDF-1.7 terms"


def test_letters_can_be_removed_by_nobody_before(anna, sold):
    """SPG-ARC-02, EM-7: there is no button for it, and the job keeps what is younger than 30 months."""
    Mail.objects.update(queued_at=clock.now() - timedelta(days=900))
    purge_old()

    kept = Mail.objects.get(kind="offer", copy_of=None)
    page = anna.browser().get(f"/backoffice/letters/{kept.public_id}/")
    assert "Delete" not in words(page)


def test_the_offer_shows_that_its_letter_waits_was_sent_and_came_back(anna, sold, post):
    """With the mail server's answer each time."""
    assert "Waiting to be sent" in words(page_of(anna, sold))

    run_due()
    page = words(page_of(anna, sold))
    assert "Sent" in page
    assert "250 OK, queued as 4711" in page
    assert "Not delivered" not in page

    came_back(Mail.objects.get(kind="offer", copy_of=None))
    page = words(page_of(anna, sold))
    assert "Not delivered: it came back" in page
    assert "550 5.1.1 No such user here" in page


def test_before_it_is_sent_again_one_is_warned_and_may_do_it_all_the_same(anna, sold, post):
    run_due()
    came_back(Mail.objects.get(kind="offer", copy_of=None))

    page = page_of(anna, sold)
    assert "A letter to max@example.org came back: 550 5.1.1 No such user here" in words(page)
    assert "Send again anyway" in words(page)

    send_offer(sold.pk, by=anna.actor, now=clock.now())
    run_due()
    assert [one.recipient for one in post.received].count("max@example.org") == 2
    page = words(page_of(anna, sold))
    assert "Send again anyway" not in page
    assert "Not delivered" in page, "the first letter still did not arrive"


def test_after_a_letter_came_back_the_confirmation_is_kept_and_not_sent(anna, sold, post):
    run_due()
    came_back(Mail.objects.get(kind="offer", copy_of=None))

    pay(sold, now=clock.now())
    run_due()

    confirmation = Mail.objects.get(kind="confirmation", copy_of=None)
    assert confirmation.state == "GIVEN_UP"
    assert [one.recipient for one in post.received].count("max@example.org") == 1


def test_the_dashboard_tells_of_letters_that_came_back(anna, sold, post):
    run_due()
    came_back(Mail.objects.get(kind="offer", copy_of=None))

    assert "550 5.1.1 No such user here" in words(anna.browser().get("/backoffice/"))


def test_a_copy_that_comes_back_says_what_to_check(anna, sold, post):
    run_due()

    assert came_back(Mail.objects.get(kind="offer", recipient=ARCHIVE)).notified
    assert "Check the BCC address in the settings." in raw(Mail.objects.get(kind="returned")).decode()
