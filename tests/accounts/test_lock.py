"""Guessing passwords (safety.md AU-1)."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.backoffice.reading import words


@pytest.fixture(autouse=True)
def only_our_lock(settings):
    """The library's own brake, five wrong passwords in five minutes, would come first."""
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": False, "login": False}


def sign_in(email: str, password: str, address: str = "192.0.2.1"):
    browser = Client(REMOTE_ADDR=address)
    page = browser.post(reverse("account_login"), {"login": email, "password": password})
    return page, "_auth_user_id" in browser.session


def guess(email: str, times: int = 10):
    """Each guess from another address."""
    return [sign_in(email, "wrong password", f"198.51.100.{n}")[0] for n in range(times)]


def test_ten_wrong_passwords_lock_the_account(anna):
    guess(anna.user.email, 9)
    assert sign_in(anna.user.email, "correct horse battery")[1]

    guess(anna.user.email)
    page, signed_in = sign_in(anna.user.email, "correct horse battery")

    assert not signed_in
    assert page.status_code == 429


def test_an_account_that_does_not_exist_is_locked_just_so(anna):
    known, unknown = guess(anna.user.email, 12), guess("nobody@example.org", 12)

    assert [page.status_code for page in known] == [page.status_code for page in unknown]
    assert known[-1].status_code == 429
    assert words(known[0]).replace(anna.user.email, "") == words(unknown[0]).replace("nobody@example.org", "")
    assert words(known[-1]) == words(unknown[-1])


def test_others_are_not_locked_with_it(anna, beat):
    guess(anna.user.email, 12)

    assert sign_in(beat.user.email, "correct horse battery")[1]


def test_ten_wrong_passwords_from_one_address_lock_that_address(anna, beat):
    for n in range(10):
        sign_in(f"guess{n}@example.org", "wrong password", "203.0.113.7")

    assert not sign_in(anna.user.email, "correct horse battery", "203.0.113.7")[1]
    assert sign_in(anna.user.email, "correct horse battery", "203.0.113.8")[1]
