"""The screens of people: who works here, invitations and how they are accepted, the rule of the second factor."""

import re
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from paygate.accounts.models import User
from paygate.audit.models import AuditLine
from paygate.merchants.models import Invitation, Member, Preferences, Role
from paygate.tenants.context import across_tenants
from tests.accounts.letters import arrived
from tests.backoffice.reading import words
from tests.cast import somebody

PEOPLE = "/backoffice/settings/people/"
PASSWORD = "seven purple mountains"
CHOSEN = {"name": "Dora Dubs", "password": PASSWORD, "again": PASSWORD}


def invite(anna, email="dora@example.org", language="en", role="CLERK"):
    """Anna sends it; where its link leads."""
    sent = anna.confirmed_browser().post(
        PEOPLE + "invite/", {"email": email, "role": role, "language": language}
    )
    assert sent["Location"] == PEOPLE
    link = re.search(r"http://localhost:8000(/account/invitation/\S+)", arrived()[-1].parts.text)
    assert link
    return urlsplit(link.group(1)).path


def test_everybody_is_listed_with_role_sign_in_and_second_factor(anna, beat):
    Authenticator.objects.create(user=beat.user, type="totp", data={"secret": "x"})

    page = words(anna.browser().get(PEOPLE))

    assert f"Anna you {anna.user.email} Owner no" in page
    assert f"Beat {beat.user.email} Clerk yes never" in page


def test_from_invitation_to_signing_in(anna):
    path = invite(anna)
    assert "dora@example.org Clerk" in words(anna.browser().get(PEOPLE))
    browser = Client()

    page = words(browser.get(path))
    assert "You will work for Hotel Alpenblick as: Clerk." in page
    done = browser.post(path, CHOSEN)
    assert done["Location"] == reverse("account_login")
    assert "Your account is ready" in words(browser.get(done["Location"]))
    browser.post(done["Location"], {"login": "dora@example.org", "password": PASSWORD})

    assert "Dora Dubs" in words(browser.get("/backoffice/"))
    assert browser.get(path).status_code == 410
    assert "Invited" not in words(anna.browser().get(PEOPLE))


def test_the_page_speaks_the_invited_persons_language(anna):
    path = invite(anna, language="de")

    assert '<html lang="de">' in Client().get(path).content.decode()


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"password": "short", "again": "short"}, "12 characters"),
        ({"password": "password1234", "again": "password1234"}, "too common"),
        ({"password": "hotelalpenblick", "again": "hotelalpenblick"}, "easily guessed"),
        ({"password": "dora@example.org", "again": "dora@example.org"}, "similar"),
        ({"again": "seven purple hills"}, "The two passwords differ."),
        ({"name": ""}, "Please fill in this field."),
        ({"password": "x" * 129, "again": "x" * 129}, "at most 128"),
    ],
)
def test_a_password_that_will_not_do_is_told_beside_it(anna, chosen, said):
    path = invite(anna)

    page = Client().post(path, CHOSEN | chosen)

    assert page.status_code == 422
    assert said in words(page)
    assert f'value="{chosen.get("password", PASSWORD)}"' not in page.content.decode()
    assert not User.objects.filter(email="dora@example.org").exists()


def test_who_has_an_account_signs_in_and_joins(anna, carla):
    path = invite(anna, carla.user.email)
    assert "There is an account with this address already." in words(Client().get(path))
    assert "There is an account with this address already." in words(anna.browser().get(path))
    browser = carla.browser()

    assert browser.post(path)["Location"] == "/backoffice/"

    assert "You now work for Hotel Alpenblick too." in words(browser.get("/backoffice/"))
    with across_tenants():
        assert Member.objects.filter(user=carla.user).count() == 2


def test_an_invitation_is_withdrawn(anna):
    path = invite(anna)
    invitation = Invitation.objects.get()

    anna.confirmed_browser().post(f"{PEOPLE}invitations/{invitation.pk}/withdraw")

    gone = Client().get(path)
    assert gone.status_code == 410
    assert "no longer valid" in words(gone)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": ""}, "Please fill in this field."),
        ({"email": "nobody"}, "e-mail address"),
        ({"email": "anna@100001.example"}, "This person works here already."),
        ({"role": "KING"}, "Choose one of the values in the list."),
    ],
)
def test_what_cannot_be_invited_is_told(anna, typed, said):
    wish = {"email": "dora@example.org", "role": "CLERK", "language": "en"} | typed

    page = anna.confirmed_browser().post(PEOPLE + "invite/", wish)

    assert page.status_code == 422
    assert said in words(page)
    assert arrived() == []


def test_a_role_is_changed_after_the_password_was_asked_for_once_more(anna, beat):
    """What was sent waits meanwhile, and is done right after (AU-3)."""
    browser = anna.browser()

    asked = browser.post(f"{PEOPLE}{beat.member.pk}/role", {"role": "CASHIER"})
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    beat.member.refresh_from_db()
    assert beat.member.role == Role.CLERK
    done = browser.post(asked["Location"], {"password": "correct horse battery"})

    assert done["Location"] == PEOPLE
    beat.member.refresh_from_db()
    assert beat.member.role == Role.CASHIER
    assert "Beat is now: Cashier." in words(browser.get(PEOPLE))


def test_whoever_has_a_second_factor_is_asked_for_that(anna, beat):
    Authenticator.objects.create(user=anna.user, type="totp", data={"secret": "x"})

    asked = anna.confirmed_browser().post(f"{PEOPLE}{beat.member.pk}/role", {"role": "CASHIER"})

    assert asked["Location"].startswith(reverse("mfa_reauthenticate"))


def test_a_person_is_removed(anna, beat):
    browser = anna.confirmed_browser()

    assert browser.post(f"{PEOPLE}{beat.member.pk}/remove")["Location"] == PEOPLE

    assert "Beat does not work here any more." in words(browser.get(PEOPLE))
    assert AuditLine.objects.get(action="person removed").person == anna.user.email


def test_nobody_removes_themselves(anna):
    browser = anna.confirmed_browser()
    page = f"{PEOPLE}{anna.member.pk}/"

    assert browser.post(page + "remove")["Location"] == page

    assert "Another owner can." in words(browser.get(page))
    assert browser.post(page + "role", {"role": "READER"}).status_code == 422


def test_a_manager_sees_people_and_changes_nothing(alpenblick, beat):
    browser = somebody(alpenblick, "Mara", Role.MANAGER).confirmed_browser()

    page = browser.get(f"{PEOPLE}{beat.member.pk}/")

    assert page.status_code == 200
    assert "<form" not in page.content.decode().partition("<main")[2]
    assert browser.post(f"{PEOPLE}{beat.member.pk}/role", {"role": "OWNER"}).status_code == 403


def test_an_owner_requires_a_second_factor_of_everybody(anna, beat):
    clerk = beat.browser()
    assert clerk.get("/backoffice/").status_code == 200

    anna.confirmed_browser().post(PEOPLE + "second-factor", {"required": "yes"})

    assert Preferences.objects.get().second_factor_required
    assert clerk.get("/backoffice/")["Location"] == reverse("mfa_activate_totp")
    Authenticator.objects.create(user=beat.user, type="totp", data={"secret": "x"})
    assert clerk.get("/backoffice/").status_code == 200


def test_the_page_of_people_asks_no_more_for_many(anna, django_assert_max_num_queries):
    for number in range(12):
        somebody(anna.terminal, f"Guest{number}", Role.READER)
    browser = anna.browser()
    browser.get(PEOPLE)

    with django_assert_max_num_queries(20):
        browser.get(PEOPLE)
