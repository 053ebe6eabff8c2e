"""The archive of letters through its pages."""

import pytest

from paygate import clock
from paygate.mail.models import Mail
from paygate.mail.states import MailState
from paygate.merchants.models import TermsFile
from paygate.offers.send import send_offer
from tests.backoffice.reading import rows, words
from tests.make.offers import offer


@pytest.fixture
def letter(anna):
    """An offer letter with the merchant's terms."""
    TermsFile.objects.create(merchant=anna.merchant, language="en", name="Terms.pdf", content=b"%PDF-1.7")
    sold = offer(anna.terminal, payer_email="guest@example.org", description="A <b>bold</b> room")
    send_offer(sold.pk, by=anna.actor, now=clock.now())
    return Mail.objects.get()


def test_the_list_shows_whom_a_letter_went_to(anna, letter):
    found = rows(anna.browser().get("/backoffice/letters/"))

    assert "guest@example.org" in found[0]
    assert "Offer to the buyer" in found[0]


def test_a_letter_is_shown_in_a_frame_that_runs_nothing_and_loads_nothing(anna, letter):
    body = anna.browser().get(f"/backoffice/letters/{letter.public_id}/body/")

    policy = body["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "script-src" not in policy
    assert 'src="data:image/png;base64,' in body.content.decode()
    assert "cid:" not in body.content.decode()


def test_the_letters_page_has_its_headers_its_text_and_its_attachments(anna, letter):
    browser = anna.browser()
    page = browser.get(f"/backoffice/letters/{letter.public_id}/")
    text = browser.get(f"/backoffice/letters/{letter.public_id}/?show=text")

    assert "guest@example.org" in words(page)
    assert "Terms.pdf" in words(page)
    assert "A <b>bold</b> room" in words(text)


def test_an_attachment_is_downloaded_and_never_opened_here(anna, letter):
    file = anna.browser().get(f"/backoffice/letters/{letter.public_id}/attachments/0/")

    assert file.content == b"%PDF-1.7"
    assert file["Content-Disposition"] == 'attachment; filename="Terms.pdf"'
    assert file["X-Content-Type-Options"] == "nosniff"


def test_an_attachment_that_is_not_there_is_not_found(anna, letter):
    assert anna.browser().get(f"/backoffice/letters/{letter.public_id}/attachments/5/").status_code == 404


def test_the_whole_message_can_be_downloaded(anna, letter):
    message = anna.browser().get(f"/backoffice/letters/{letter.public_id}/letter.eml")

    assert b"To: guest@example.org" in message.content
    assert message["Content-Type"] == "message/rfc822"


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("smtp://mail.example.com", "The letter is on its way again."),
        ("", "No mail server is set up: the letter is only kept under Letters."),
    ],
)
def test_a_letter_that_was_given_up_is_sent_again(anna, letter, settings, server, said):
    settings.EMAIL_URL = server
    Mail.objects.filter(pk=letter.pk).update(state=MailState.GIVEN_UP, server_answer="550 No such user here")
    browser = anna.browser()

    assert "550 No such user here" in words(browser.get("/backoffice/"))
    page = browser.post(f"/backoffice/letters/{letter.public_id}/send-again/", follow=True)

    assert said in words(page)
    assert ("on its way" in words(page)) is bool(server)
    letter.refresh_from_db()
    assert letter.state == MailState.QUEUED


def test_a_letter_that_is_not_given_up_is_left_alone(anna, letter):
    page = anna.browser().post(f"/backoffice/letters/{letter.public_id}/send-again/", follow=True)

    assert "nothing to send again" in words(page)
