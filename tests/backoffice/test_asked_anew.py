"""Who leads money, or word of it, elsewhere has just shown who it is (safety.md AU-3)."""

import pytest
from django.test import Client

from paygate.audit.models import AuditLine
from paygate.merchants.models import Preferences, TermsFile
from tests.backoffice.reading import error_at, words
from tests.backoffice.settings_form import PAGE, filled_settings, save, terms_file
from tests.cast import Person

PASSWORD = {"password": "correct horse battery"}
NOTICES = {"notify_server": "on", "notify_url": "https://shop.example/paid"}
OTHERS = {"notify_emails": "thief@elsewhere.example"}


@pytest.fixture
def anna_long_signed_in(anna: Person) -> Client:
    """Anna's settings are saved; an hour later her browser still stands open."""
    save(anna, terms=terms_file())
    return anna.browser()


@pytest.mark.parametrize("changed", [NOTICES, OTHERS])
def test_other_addresses_are_told_of_payments_only_by_somebody_who_has_just_shown_who_it_is(
    anna_long_signed_in, changed
):
    before = Preferences.objects.values().get()

    asked = anna_long_signed_in.post(f"{PAGE}change", filled_settings(**changed))

    assert asked.url.startswith("/account/reauthenticate/?next=%2Fbackoffice%2Fsettings%2Fsecure-paygate")
    assert Preferences.objects.values().get() == before


def test_after_the_password_it_is_saved_as_it_was_typed(anna_long_signed_in):
    asked = anna_long_signed_in.post(f"{PAGE}change", filled_settings(**NOTICES, sender_local="desk"))

    done = anna_long_signed_in.post(asked.url, PASSWORD)

    assert (done.status_code, done.url) == (302, PAGE)
    saved = Preferences.objects.get()
    assert (saved.notify_url, saved.sender_local) == ("https://shop.example/paid", "desk")
    assert (
        AuditLine.objects.filter(action="settings changed").latest("pk").detail["notify_url"]["new"]
        == saved.notify_url
    )


def test_an_address_is_taken_away_only_so_too(anna):
    save(anna, terms=terms_file(), **NOTICES)

    asked = anna.browser().post(f"{PAGE}change", filled_settings())

    assert asked.url.startswith("/account/reauthenticate/")
    assert Preferences.objects.get().notify_url == "https://shop.example/paid"


def test_everything_else_is_saved_without_being_asked(anna_long_signed_in):
    done = anna_long_signed_in.post(f"{PAGE}change", filled_settings(sender_local="desk", language="fr"))

    assert (done.url, Preferences.objects.get().sender_local) == (PAGE, "desk")


def test_nobody_is_asked_for_the_sake_of_a_mistake(anna_long_signed_in):
    told = anna_long_signed_in.post(f"{PAGE}change", filled_settings(notify_emails="nobody"))

    assert (told.status_code, bool(error_at(told, "notify_emails"))) == (422, True)


def test_a_file_of_terms_is_kept_while_the_password_is_asked_for(anna_long_signed_in):
    typed = filled_settings(**NOTICES, terms_language="de")

    asked = anna_long_signed_in.post(f"{PAGE}change", {**typed, "terms": terms_file("AGB.pdf")})
    anna_long_signed_in.post(asked.url, PASSWORD)

    assert TermsFile.objects.get(language="de").name == "AGB.pdf"
    assert "AGB.pdf" in words(anna_long_signed_in.get(PAGE))


@pytest.mark.parametrize(
    "changed", [{"automatic_closing": ""}, {"automatic_closing": "on", "cancel_without_shift": "on"}]
)
def test_what_a_terminal_asks_of_the_bank_is_changed_only_so(anna, changed):
    path = f"/backoffice/settings/terminals/{anna.terminal.number}/"
    browser = anna.browser()

    asked = browser.post(f"{path}change", {"description": "Bar", **changed})
    anna.terminal.refresh_from_db()
    assert (anna.terminal.automatic_closing, anna.terminal.cancel_without_shift) == (True, False)
    done = browser.post(asked.url, PASSWORD)

    anna.terminal.refresh_from_db()
    assert done.url == path
    assert anna.terminal.cancel_without_shift == ("cancel_without_shift" in changed)
    assert anna.terminal.automatic_closing == (changed["automatic_closing"] == "on")
    assert anna.terminal.description == "Bar"
