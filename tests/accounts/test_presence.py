"""Being signed in ends: after 15 idle minutes, after 8 hours, and wherever its person says so (safety.md AU-3)."""

import pytest
from django.test import Client
from django.urls import reverse

from paygate import clock
from paygate.accounts import presence
from paygate.accounts.models import Presence
from paygate.audit.models import AuditLine
from tests.backoffice.reading import words


@pytest.fixture(autouse=True)
def own_clock(settings):
    """Stories may let time pass."""
    settings.PAYGATE_CLOCK_OFFSET = "0"


def sign_in(person, **facts) -> Client:
    browser = Client(**facts)
    browser.post(reverse("account_login"), {"login": person.user.email, "password": "correct horse battery"})
    assert "_auth_user_id" in browser.session
    return browser


def in_minutes(settings, minutes):
    settings.PAYGATE_CLOCK_OFFSET = str(int(settings.PAYGATE_CLOCK_OFFSET) + minutes * 60)


def is_in(browser) -> bool:
    return bool(browser.get("/backoffice/").status_code == 200)


def test_after_15_idle_minutes_one_signs_in_again(anna, settings):
    browser = sign_in(anna)
    in_minutes(settings, 14)
    assert is_in(browser)
    in_minutes(settings, 14)
    assert is_in(browser)

    in_minutes(settings, 16)
    response = browser.get("/backoffice/journal/")

    assert response["Location"] == "/account/login/?next=/backoffice/journal/"
    assert "because nothing happened for a while" in words(browser.get(response["Location"]))
    assert not Presence.objects.exists()


def test_nobody_is_signed_in_for_more_than_8_hours(anna, settings):
    browser = sign_in(anna)
    for _ in range(47):
        in_minutes(settings, 10)
        assert is_in(browser)

    in_minutes(settings, 11)

    assert not is_in(browser)


def test_a_sign_in_that_nobody_used_is_forgotten(anna, settings):
    sign_in(anna)
    in_minutes(settings, 16)

    presence.forget(now=clock.now())

    assert not Presence.objects.exists()


def test_a_page_a_minute_writes_no_more_than_needed(anna, django_assert_max_num_queries):
    browser = sign_in(anna)
    browser.get("/backoffice/sessions/")

    with django_assert_max_num_queries(20) as asked:
        browser.get("/backoffice/sessions/")

    assert not any("UPDATE" in query["sql"] for query in asked.captured_queries)


def test_the_page_shows_every_browser_and_which_is_this_one(anna):
    agent = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
    sign_in(anna, HTTP_USER_AGENT=agent, REMOTE_ADDR="198.51.100.7")
    browser = sign_in(anna, REMOTE_ADDR="192.0.2.1")

    page = words(browser.get("/backoffice/sessions/"))

    assert "Firefox, Windows" in page
    assert "198.51.100.7" in page
    assert page.count("this one") == 1


def test_one_of_them_is_signed_out(anna, beat):
    phone, laptop = sign_in(anna), sign_in(anna)
    theirs = Presence.objects.order_by("pk").first()
    assert theirs is not None

    response = laptop.post(f"/backoffice/sessions/{theirs.pk}/end")

    assert response["Location"] == "/backoffice/sessions/"
    assert not is_in(phone)
    assert is_in(laptop)
    left = Presence.objects.get()
    assert sign_in(beat).post(f"/backoffice/sessions/{left.pk}/end").status_code == 404
    assert is_in(laptop)


def test_everywhere_is_here_too(anna):
    phone, laptop = sign_in(anna), sign_in(anna)

    assert laptop.post("/backoffice/sessions/end")["Location"] == "/account/login/"

    assert not is_in(phone)
    assert not is_in(laptop)
    assert AuditLine.objects.get(action="signed out everywhere").detail == {"browsers": 2}


def test_signing_in_wrongly_and_out_stands_in_the_log(anna):
    Client().post(reverse("account_login"), {"login": anna.user.email, "password": "wrong password"})
    Client().post(reverse("account_login"), {"login": "nobody@example.org", "password": "wrong password"})
    browser = sign_in(anna, REMOTE_ADDR="192.0.2.9")
    browser.post(reverse("account_logout"))

    lines = list(AuditLine.objects.order_by("pk").values_list("action", "result", "person", "came_from"))
    assert lines == [
        ("sign-in failed", "refused", anna.user.email, "127.0.0.1"),
        ("signed in", "done", anna.user.email, "192.0.2.9"),
        ("signed out", "done", anna.user.email, "192.0.2.9"),
    ]


def test_a_changed_password_stands_in_the_log_without_it(anna):
    passwords = {"oldpassword": "correct horse battery", "password1": "an entirely new one"}
    anna.browser().post(reverse("account_change_password"), {**passwords, "password2": "an entirely new one"})

    line = AuditLine.objects.get(action="account changed")
    assert line.detail == {"what": "password_changed"}
    assert line.person == anna.user.email
