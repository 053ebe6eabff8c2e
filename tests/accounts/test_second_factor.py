"""What protects an account is changed with the second factor at hand, and nobody is asked for one they do not have."""

import time
from datetime import UTC, datetime

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client
from django.urls import reverse

from tests.accounts.letters import arrived
from tests.backoffice.reading import words

PASSWORD = "correct horse battery"
LOCKED = ["mfa_add_webauthn", "mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_view_recovery_codes"]


def with_an_app(person) -> str:
    """An authenticator app; its secret."""
    secret = str(generate_totp_secret())
    TOTP.activate(person.user, secret)
    RecoveryCodes.activate(person.user)
    return secret


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


@pytest.mark.parametrize("page", LOCKED)
def test_a_password_alone_does_not_open_what_protects_an_account(anna, page):
    """safety.md AU-3."""
    with_an_app(anna)
    browser = anna.browser()

    asked = browser.get(reverse(page))
    assert asked.url.startswith(reverse("mfa_reauthenticate"))
    answered = browser.post(
        f"{reverse('account_reauthenticate')}?next={reverse(page)}", {"password": PASSWORD}
    )

    assert answered.url.startswith(reverse("mfa_reauthenticate"))
    assert browser.get(reverse(page)).url.startswith(reverse("mfa_reauthenticate"))
    assert "Use your password" not in words(browser.get(asked.url))


@pytest.mark.parametrize("page", LOCKED)
def test_a_code_opens_it_for_five_minutes(anna, page):
    secret = with_an_app(anna)
    browser = anna.browser()

    browser.post(reverse("mfa_reauthenticate"), {"code": code_of(secret)})
    assert browser.get(reverse(page)).status_code == 200

    session = browser.session
    session[AUTHENTICATION_METHODS_SESSION_KEY][-1]["at"] -= 5 * 60 + 1
    session.save()
    assert browser.get(reverse(page)).url.startswith(reverse("mfa_reauthenticate"))


def test_whoever_has_no_second_factor_yet_confirms_with_the_password(anna):
    browser = anna.browser()

    asked = browser.get(reverse("mfa_add_webauthn"))
    opened = browser.post(asked.url, {"password": PASSWORD}, follow=True)

    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert "Give it a name" in words(opened)


@pytest.mark.parametrize("page", ["mfa_add_webauthn", "mfa_activate_totp"])
def test_a_forgotten_password_does_not_bar_the_way_to_a_second_factor(anna, page):
    """Anybody can ask for the letter of anybody; the account must not suffer from it."""
    Client().post(reverse("account_reset_password"), {"email": anna.user.email})
    assert arrived()
    browser = anna.browser()

    asked = browser.get(reverse(page), follow=True)
    opened = browser.post(asked.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)

    assert opened.request["PATH_INFO"] == reverse(page)
    assert "verified" not in words(opened)


def test_nobody_is_asked_for_a_passkey_they_do_not_have(anna):
    with_an_app(anna)
    browser = anna.browser()
    browser.logout()

    second_step = browser.post(
        reverse("account_login"), {"login": anna.user.email, "password": PASSWORD}, follow=True
    )

    assert "Enter the code of your authenticator app" in words(second_step)
    assert "passkey" not in second_step.content.decode().lower()


def test_the_list_of_passkeys_says_when_each_was_used_in_the_merchants_zone(anna):
    used = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)
    key = {"name": "My phone", "credential": {}}
    Authenticator.objects.create(user=anna.user, type="webauthn", data=key, last_used_at=used)

    page = anna.browser().get(reverse("mfa_list_webauthn"))

    assert "My phone" in words(page)
    assert "Last used 24 Nov 2026, 22:30 CET" in words(page)


def test_a_wrong_code_is_said_at_the_second_step(anna):
    with_an_app(anna)
    browser = anna.browser()
    browser.logout()
    browser.post(reverse("account_login"), {"login": anna.user.email, "password": PASSWORD})

    again = browser.post(reverse("mfa_authenticate"), {"code": "000000"})

    assert "Incorrect code" in words(again)
    assert "passkey" not in again.content.decode().lower()
