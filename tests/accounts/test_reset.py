"""Somebody forgot the password."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from paygate.accounts.models import User
from paygate.mail.states import MailState
from paygate.project import settings as product
from tests.accounts.letters import arrived
from tests.backoffice.reading import words

NEW = "a staple for the battery"
STRANGER = "nobody@example.org"


def ask(email: str, **headers: str):
    """Ask for the letter, as somebody who is not signed in."""
    return Client(headers=headers).post(reverse("account_reset_password"), {"email": email}, follow=True)


def choose(path: str, password: str = NEW) -> Client:
    """Follow the link and set the password, as a browser does."""
    browser = Client()
    page = browser.get(path, follow=True)
    form = page.request["PATH_INFO"]
    browser.post(form, {"password1": password, "password2": password})
    return browser


def can_sign_in(email: str, password: str) -> bool:
    browser = Client()
    browser.post(reverse("account_login"), {"login": email, "password": password})
    return "_auth_user_id" in browser.session


def test_the_answer_does_not_tell_whether_there_is_an_account(anna):
    known, unknown = ask(anna.user.email), ask(STRANGER)

    assert known.status_code == unknown.status_code == 200
    assert known.redirect_chain == unknown.redirect_chain
    assert words(known) == words(unknown)


def test_nor_does_the_work_that_is_done_for_it(anna):
    def statements(email: str) -> list[str]:
        with CaptureQueriesContext(connection) as caught:
            Client().post(reverse("account_reset_password"), {"email": email})
        return [query["sql"].split()[0] for query in caught]

    assert statements(anna.user.email) == statements(STRANGER)


def test_a_stranger_and_somebody_who_left_get_no_letter(anna, beat):
    User.objects.filter(pk=beat.user.pk).update(is_active=False)

    ask(STRANGER)
    ask(beat.user.email)

    assert arrived() == []


def test_the_letter_is_delivered_by_the_jobs_and_in_the_persons_language(anna):
    User.objects.filter(pk=anna.user.pk).update(language="de")

    ask(anna.user.email.upper())
    (letter,) = arrived()

    assert letter.mail.state == MailState.DONE
    assert letter.mail.recipient == anna.user.email
    assert letter.mail.merchant_id == anna.merchant.pk
    assert letter.mail.about == f"account:{anna.user.pk}"
    assert letter.mail.language == "de"
    assert "Passwort" in letter.mail.subject
    assert letter.mail.subject != "Choose a new password for PayGate"


def test_its_link_sets_a_new_password_once(anna):
    ask(anna.user.email)
    (letter,) = arrived()

    assert letter.link in letter.parts.text
    choose(letter.path)

    assert not can_sign_in(anna.user.email, "correct horse battery")
    assert can_sign_in(anna.user.email, NEW)
    assert "no longer works" in words(Client().get(letter.path, follow=True))
    choose(letter.path, "another staple altogether")
    assert not can_sign_in(anna.user.email, "another staple altogether")


def test_where_a_password_is_chosen_its_rules_are_said_in_plain_words(anna):
    """The library's own text for them is a list in HTML, which a field shows as it stands."""
    ask(anna.user.email)
    (letter,) = arrived()

    with_a_link = Client().get(letter.path, follow=True)
    signed_in = anna.browser().get(reverse("account_change_password"))

    for page in (with_a_link, signed_in):
        assert "At least 12 characters" in words(page)
        assert "<li>" not in words(page)


def test_its_link_is_too_old_after_an_hour(anna, settings):
    assert settings.PASSWORD_RESET_TIMEOUT == 3600
    ask(anna.user.email)
    (letter,) = arrived()

    settings.PASSWORD_RESET_TIMEOUT = -1  # older than that is what a letter of this moment is

    assert "no longer works" in words(Client().get(letter.path, follow=True))


def test_a_forged_host_does_not_get_into_the_link(anna, settings):
    ask(anna.user.email, host="evil.example", x_forwarded_host="evil.example")
    (letter,) = arrived()

    assert letter.link.startswith(f"{settings.PAYGATE_PUBLIC_URL}/account/password/reset/key/")
    assert "evil.example" not in letter.parts.text + letter.parts.html


def test_a_browser_that_is_signed_in_elsewhere_is_signed_out(anna):
    elsewhere = anna.browser()
    ask(anna.user.email)
    (letter,) = arrived()

    choose(letter.path)

    assert elsewhere.get("/backoffice/").status_code == 302


def test_nobody_at_the_merchant_can_read_the_letter(anna):
    ask(anna.user.email)
    (letter,) = arrived()
    browser = anna.browser()
    address = f"/backoffice/letters/{letter.mail.public_id}/"

    listed = browser.get("/backoffice/letters/?kind=account")
    found = browser.get("/backoffice/search/", {"q": anna.user.email})
    for page in (listed, found):
        assert str(letter.mail.public_id) not in page.content.decode()
    for path in ("", "body/", "letter.eml", "attachments/0/"):
        assert browser.get(address + path).status_code == 404
    assert browser.post(f"{address}send-again/").status_code == 404


def test_nothing_is_sent_past_the_outbox():
    assert product.EMAIL_BACKEND == "django.core.mail.backends.dummy.EmailBackend"
