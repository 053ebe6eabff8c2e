"""A person is told when something changed in the account."""

import pytest
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from paygate.accounts.adapter import CHANGES
from paygate.accounts.models import User
from tests.accounts.letters import arrived
from tests.accounts.test_reset import NEW, ask, choose


def notify(prefix: str, person):
    request = RequestFactory().get("/account/")
    with request_context(request):
        get_adapter(request).send_notification_mail(prefix, person.user)


def test_a_changed_password_is_told(anna):
    passwords = {"oldpassword": "correct horse battery", "password1": NEW, "password2": NEW}

    anna.browser().post(reverse("account_change_password"), passwords)
    (letter,) = arrived()

    assert letter.mail.recipient == anna.user.email
    assert letter.mail.subject == "Something changed in your PayGate account"
    assert "Your password was changed." in letter.parts.text
    assert letter.link == "http://localhost:8000/account/password/reset/"


def test_a_password_set_with_a_link_is_told(anna):
    ask(anna.user.email)
    (reset,) = arrived()

    choose(reset.path)

    _reset, told = arrived()
    assert "was chosen with the link from our letter" in told.parts.text


@pytest.mark.parametrize("prefix", CHANGES)
@pytest.mark.parametrize("language", ["en", "de", "fr", "it"])
def test_each_change_is_told_in_the_persons_language(anna, prefix, language):
    User.objects.filter(pk=anna.user.pk).update(language=language)

    notify(prefix, anna)
    (letter,) = arrived()

    assert letter.mail.language == language
    with translation.override("en"):
        assert (str(CHANGES[prefix]) in letter.parts.text) == (language == "en")


def test_a_letter_of_the_library_that_we_have_no_words_for_is_a_defect(anna):
    with pytest.raises(AssertionError, match="account/email/login_code"):
        notify("account/email/login_code", anna)


def test_a_person_without_a_merchant_can_change_the_password_all_the_same(anna):
    User.objects.filter(pk=anna.user.pk).update(home=None)

    notify("account/email/password_changed", anna)

    assert arrived() == []


def test_an_address_is_not_changed_on_the_librarys_own_page(anna):
    browser = anna.browser()

    page = browser.post("/account/email/", {"email": "other@example.org", "action_add": ""})

    assert page.url == reverse("mfa_index")
    assert browser.get("/account/", follow=True).status_code == 200
    assert not EmailAddress.objects.filter(email="other@example.org").exists()
    assert arrived() == []
