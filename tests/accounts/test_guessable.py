"""A password that whoever guesses tries first is not taken, however long it is (safety.md AU-1)."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse

from paygate.accounts.models import User
from paygate.tenants.models import Merchant
from tests.backoffice.reading import words

ANNA = User(
    email="anna.amstad@alpenblick.example", name="Anna Amstad", home=Merchant(name="Hotel Alpenblick")
)


def refused(password: str, user: User | None = ANNA) -> str:
    """Why it is not taken; empty when it is."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "PasswordPassword1",
        "Password123!",
        "P@ssw0rd P@ssw0rd",
        "password 12345 !!",
        "passwort-passwort",
        "Sommer2026Sommer",
        "12345678901234",
        "98765432109876",
        "839201746582",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "abcdefghijklmnop",
        "qwertzuiop12",
        "azertyuiop123",
        "1q2w3e4r5t6z",
        "!!!!!!!!!!!!!!",
    ],
)
def test_known_words_rows_of_keys_and_repetitions_are_refused(password):
    assert "easily guessed" in refused(password) or "too common" in refused(password)


@pytest.mark.parametrize(
    "password",
    [
        "hotelalpenblick",
        "Alpenblick2026!",
        "AnnaAmstad1985",
        "4nna-4mst4d-4nna",
        "AlpenblickAnna12",
        "Hotel Amstad 7",
    ],
)
def test_words_about_the_person_or_the_merchant_are_refused(password):
    assert "easily guessed" in refused(password) or "similar" in refused(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "seven purple mountains",
        "ein Satz ist leicht zu merken",
        "Anna mag violette Pferde sehr",
        "W7#kq!z02Lm$",
        "gkJ2-vT_8sQ0dfAz1xYe",
        "!$%&/()=?+*#",
        "пароль из трёх слов",
    ],
)
def test_sentences_and_what_chance_made_are_taken(password):
    assert refused(password) == ""


def test_a_well_known_one_is_told_once():
    assert refused("password1234") == "This password is too common."


def test_the_name_alone_counts_too():
    assert "similar" in refused("carlaferrariis", User(email="x@example.org", name="Carla Ferrariis"))


def test_who_changes_the_password_reads_it_beside_the_field(anna, settings):
    settings.ACCOUNT_RATE_LIMITS = {"change_password": False}
    User.objects.filter(pk=anna.user.pk).update(home=anna.merchant)
    change = {
        "oldpassword": "correct horse battery",
        "password1": "HotelAlpenblick1",
        "password2": "HotelAlpenblick1",
    }

    page = words(anna.browser().post(reverse("account_change_password"), change))

    assert "This password is easily guessed" in page
    anna.user.refresh_from_db()
    assert anna.user.check_password("correct horse battery")
