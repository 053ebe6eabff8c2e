"""The settings of Secure PayGate: they come first, and each says what it does (SPG-SET)."""

import re
from datetime import timedelta

import pytest

from paygate import clock
from paygate.merchants.models import Member, Preferences, Role, TermsFile
from paygate.merchants.preferences import SettingsIncomplete
from paygate.offers.create import create_offer
from paygate.offers.models import Offer, Source
from paygate.offers.terms import OfferTerms
from tests.backoffice.filled import filled
from tests.backoffice.reading import error_at, rows, value_of, words
from tests.backoffice.settings_form import PAGE, filled_settings, save, terms_file
from tests.cast import somebody
from tests.flows.buyer import Buyer
from tests.make.desks import Desk, Link
from tests.make.money import chf
from tests.make.offers import offer

TOKEN_PLACE = "{{{PAYMENTPAGETOKEN}}}"


@pytest.fixture
def fresh(anna):
    """Anna's hotel was opened today: nobody has filled in the settings."""
    Preferences.objects.update(complete_since=None)
    return anna


def settings() -> Preferences:
    return Preferences.objects.get()


# First access


@pytest.mark.parametrize("path", ["/backoffice/offers/", "/backoffice/offers/new/"])
def test_before_the_settings_are_complete_every_page_of_secure_paygate_leads_to_them(fresh, path):
    """SPG-SET-01."""
    browser = fresh.browser()

    response = browser.get(path, follow=True)

    assert response.redirect_chain == [(PAGE, 302)]
    assert "Secure PayGate can be used as soon as these settings are saved" in words(response)


def test_who_may_not_change_settings_is_told_who_may(fresh, beat):
    """SPG-SET-01: the clerk is not sent to a form he can't save."""
    response = beat.browser().get("/backoffice/offers/")

    assert response.status_code == 409
    assert "These people can fill them in: Anna." in words(response)
    assert "somebody who may change settings" in words(beat.browser().get(PAGE)).lower()


def test_the_rest_of_the_back_office_is_open(fresh):
    browser = fresh.browser()

    for path in ("/backoffice/", "/backoffice/journal/", "/backoffice/settings/terminals/"):
        assert browser.get(path).status_code == 200


def test_the_dashboard_says_what_comes_first(fresh):
    browser = fresh.browser()

    assert "can be used as soon as its settings are complete" in words(browser.get("/backoffice/"))
    save(fresh, terms=terms_file())
    assert "its settings are complete" not in words(browser.get("/backoffice/"))


def test_no_door_makes_an_offer_before_the_settings_are_complete(fresh):
    """SPG-SET-01: not the form, and nothing else that ends where offers are made."""
    fresh.browser().post("/backoffice/offers/new/", filled(fresh.terminal))
    terms = OfferTerms(amount=chf("10"), description="Room", expires_at=clock.now() + timedelta(days=2))

    with pytest.raises(SettingsIncomplete):
        create_offer(fresh.terminal, terms, source=Source.BACKOFFICE, by=fresh.actor, now=clock.now())

    assert not Offer.objects.exists()


def test_links_that_were_sent_before_go_on_working(anna):
    sold = offer(anna.terminal)
    Preferences.objects.update(complete_since=None)

    page = Buyer().open(Link(Desk(anna.terminal), sold.pk))

    assert page.step in ("choose", "card")


def test_without_terms_nothing_is_saved_and_what_was_typed_stays(fresh):
    """SPG-SET-34: at least one set of terms must be attached first."""
    response = save(fresh, archive_email="archive@alpenblick.example")

    assert response.status_code == 422
    assert error_at(response, "terms") == "Attach your terms and conditions in at least one language."
    assert value_of(response, "archive_email") == "archive@alpenblick.example"
    assert (settings().complete_since, settings().archive_email) == (None, "")


def test_the_first_complete_save_makes_secure_paygate_usable(fresh, beat):
    """SPG-SET-37."""
    response = save(fresh, terms=terms_file())

    assert (response.status_code, response.url) == (302, "/backoffice/offers/")
    assert settings().complete_since is not None
    assert beat.browser().get("/backoffice/offers/").status_code == 200
    assert fresh.browser().post("/backoffice/offers/new/", filled(fresh.terminal)).status_code == 302
    assert Offer.objects.count() == 1


def test_a_later_save_leaves_the_day_it_became_usable(anna):
    save(anna, terms=terms_file())
    first = settings().complete_since

    response = save(anna, sender_local="hotel")

    assert (response.url, settings().sender_local, settings().complete_since) == (PAGE, "hotel", first)


def test_a_good_file_is_kept_when_another_field_is_wrong(fresh):
    response = save(fresh, terms=terms_file(), reply_to="nobody")

    assert error_at(response, "reply_to")
    assert "The terms and conditions in this language are saved: English." in words(response)
    assert rows(response) == ["English Terms.pdf " + rows(response)[0].split("Terms.pdf ")[1]]
    assert save(fresh).status_code == 302


# Each field


def test_every_setting_is_saved_and_shown_again(anna):
    """SPG-SET-02, 03, 11, 12, 13, 14, 22, 26, 28, 30: each has its field."""
    typed = filled_settings(
        notify_emails="reception@alpenblick.example, office@alpenblick.example",
        booking="PRE_AUTHORIZATION",
        language="fr",
        max_attempts="3",
        pages="own",
        success_url=f"https://www.shop.com/myspg/success/{TOKEN_PLACE}",
        failure_url=f"https://www.shop.com/myspg/fail?pptoken={TOKEN_PLACE}",
        abort_url="https://www.shop.com/sorry",
        notify_server="on",
        notify_url=f"https://www.shop.com/paid?t={TOKEN_PLACE}",
        archive_email="archive@alpenblick.example",
        website="https://alpenblick.example",
        address="Seestrasse 12, 3800 Interlaken",
    )
    browser = anna.confirmed_browser()

    response = browser.post(f"{PAGE}change", {**typed, "terms": terms_file()})

    assert response.status_code == 302
    saved = settings()
    assert saved.notify_emails == ["reception@alpenblick.example", "office@alpenblick.example"]
    assert (saved.booking, saved.language, saved.max_attempts) == ("PRE_AUTHORIZATION", "fr", 3)
    assert saved.own_pages
    assert saved.abort_url == "https://www.shop.com/sorry"  # the placeholder is optional
    page = browser.get(PAGE)
    for name in ("notify_emails", "success_url", "failure_url", "notify_url", "archive_email", "reply_to"):
        assert value_of(page, name) == typed[name]


def test_the_settings_are_proposed_for_a_new_offer(anna):
    """SPG-SET-02, 03: the offer begins with them, and may differ."""
    save(
        anna,
        terms=terms_file(),
        booking="AUTOMATIC",
        notify_emails="desk@alpenblick.example",
        max_attempts="3",
    )

    page = anna.browser().get("/backoffice/offers/new/")

    assert value_of(page, "notify_emails") == "desk@alpenblick.example"
    assert re.search(r'<input[^>]*value="AUTOMATIC"[^>]*\bchecked', page.content.decode())


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("notify_emails", "", "Enter an e-mail address."),
        ("notify_emails", "a@example.com, b", "“b”: This is not a complete e-mail address"),
        ("notify_emails", ", ".join(f"a{n}@example.com" for n in range(11)), "at most 10"),
        ("sender_local", "", "Use 1 to 64 letters"),
        ("sender_local", "anna@elsewhere", "Use 1 to 64 letters"),
        ("reply_to", "", "Enter an e-mail address."),
        ("reply_to", "a@example.com, b@example.com", "one e-mail address only"),
        ("archive_email", "nobody", "not a complete e-mail address"),
        ("booking", "LATER", "Choose one of the values"),
        ("language", "rm", "Choose one of the values"),
        ("max_attempts", "4", "Choose one of the values"),
        ("website", "alpenblick.example", "begins with https://"),
        ("website", f"https://a.example/{TOKEN_PLACE}", "takes no placeholder"),
        ("website", "https://a.example/" + "a" * 200, "at most 200"),
        ("address", "a" * 201, "at most 200"),
        ("address", "9010003150000001", "looks like a card number"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(anna, field, typed, said):
    save(anna, terms=terms_file())

    response = save(anna, **{field: typed, "sender_local": typed if field == "sender_local" else "changed"})

    assert response.status_code == 422
    assert said in error_at(response, field)
    assert settings().sender_local == "reception"


def test_everything_that_is_wrong_is_said_at_once(fresh):
    response = save(fresh, notify_emails="", reply_to="", sender_local="", pages="own", notify_server="on")

    wrong = (
        "notify_emails",
        "reply_to",
        "sender_local",
        "success_url",
        "failure_url",
        "abort_url",
        "notify_url",
        "terms",
    )
    assert all(error_at(response, name) for name in wrong)


def test_the_standard_messages_stay_until_own_pages_are_chosen(anna):
    """SPG-SET-11, 12, 13: own pages need all three addresses; switched off, the addresses are kept for later."""
    own = {
        "pages": "own",
        "success_url": "https://shop.com/a",
        "failure_url": "https://shop.com/b",
        "abort_url": "https://shop.com/c",
    }
    assert save(anna, terms=terms_file()).status_code == 302
    assert not settings().own_pages

    assert error_at(save(anna, **own | {"abort_url": ""}), "abort_url")
    assert save(anna, **own).status_code == 302
    assert settings().own_pages
    assert save(anna, pages="standard").status_code == 302

    assert (settings().own_pages, settings().failure_url) == (False, "https://shop.com/b")


def test_the_addresses_can_be_tried_with_an_example_token(anna):
    """SPG-SET-14, 15, 16, 17, 18: each address is shown as a payer would be sent to it; nothing is saved."""
    response = save(
        anna,
        button="try",
        pages="own",
        success_url=f"https://www.shop.com/myspg/success/{TOKEN_PLACE}",
        failure_url=f"https://www.shop.com/myspg/fail?pptoken={TOKEN_PLACE}",
        abort_url=f"https://www.shop.com/myspg/abort#{TOKEN_PLACE}",
        notify_url="shop",
        reply_to="not checked now",
    )

    html = response.content.decode()
    assert 'href="https://www.shop.com/myspg/success/EXAMPLE-9f2c_71d4b0"' in html
    assert 'href="https://www.shop.com/myspg/fail?pptoken=EXAMPLE-9f2c_71d4b0"' in html
    assert 'href="https://www.shop.com/myspg/abort#EXAMPLE-9f2c_71d4b0"' in html
    assert error_at(response, "notify_url")
    assert not error_at(response, "reply_to")
    assert value_of(response, "abort_url") == f"https://www.shop.com/myspg/abort#{TOKEN_PLACE}"
    assert not settings().success_url


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://{{{PAYMENTPAGETOKEN}}}.shop.com/", "//shop.com/"]
)
def test_an_address_that_is_none_is_neither_tried_nor_saved(anna, address):
    save(anna, terms=terms_file())

    for button in ("try", "save"):
        response = save(anna, button=button, notify_server="on", notify_url=address)
        assert error_at(response, "notify_url")
        assert f'href="{address}' not in response.content.decode()

    assert settings().notify_url == ""


def test_switched_off_the_server_is_not_told(anna):
    """SPG-SET-22: the address has a switch."""
    save(anna, terms=terms_file(), notify_server="on", notify_url="https://www.shop.com/paid")
    assert settings().notify_url == "https://www.shop.com/paid"

    save(anna, notify_url="https://www.shop.com/paid")

    assert settings().notify_url == ""


def test_the_page_says_what_it_must(anna):
    """SPG-SET-04, 05, 06, 09, 10, 24, 29: what each type does, what has no effect, which BCC address is wise."""
    said = words(anna.browser().get(PAGE))

    assert "You book it by hand, otherwise it stays a reservation." in said
    assert "Only for Visa, V PAY, Mastercard and Maestro" in said
    assert "After a successful authorization the payment is booked by itself." in said
    assert "of a payment page configuration has no effect on Secure PayGate" in said
    assert "We advise an impersonal address" in said
    assert "@paygate.localhost" in said


def test_the_menu_leads_to_the_settings(anna, beat):
    """SPG-NAV-02."""
    html = anna.browser().get("/backoffice/offers/").content.decode()

    assert f'<a href="{PAGE}">Settings</a>' in html


@pytest.mark.parametrize("role", [Role.READER, Role.CLERK, Role.CASHIER])
def test_others_read_the_settings_and_change_nothing(anna, role):
    person = somebody(anna.terminal, "Other", role)

    page = person.browser().get(PAGE)

    assert page.status_code == 200
    assert 'class="stack wide" disabled' in page.content.decode()
    assert 'value="save"' not in page.content.decode().split("<fieldset")[1]
    assert save(person, terms=terms_file()).status_code == 403
    assert not TermsFile.objects.exists()


def test_the_settings_of_another_merchant_are_out_of_reach(anna, carla):
    save(carla, sender_local="flowers", terms=terms_file())

    assert settings().sender_local == "payments"
    assert Member.objects.count() == 1
