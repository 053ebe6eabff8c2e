"""Each field and button of the form, by the seed's statements (SPG-FRM, SPG-ADR, SPG-BTN)."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from paygate import clock
from paygate.designs.models import Design
from paygate.mail.archive import raw
from paygate.mail.models import Mail
from paygate.offers.models import Offer
from paygate.tenants.context import within
from tests.backoffice.filled import filled
from tests.backoffice.reading import error_at, value_of, words
from tests.cast import a_terminal
from tests.make.offers import offer

NEW = "/backoffice/offers/new/"

EVERYTHING = {
    "description": "Double room, two nights",
    "reference": "ORDER-0815",
    "amount": "1'234.50",
    "currency": "EUR",
    "booking": "PRE_AUTHORIZATION",
    "condition": "WITH_SUCCESSFUL_THREE_DS_CHALLENGE",
    "language": "it",
    "payer_email": "carla@example.org",
    "ask_email": "MANDATORY",
    "by_email": "on",
    "address_first_name": "Carla",
    "address_last_name": "Muster",
    "address_company": "Muster AG",
    "address_street": "Gasse 1",
    "address_street2": "2. Stock",
    "address_zip": "8000",
    "address_city": "Zürich",
    "address_country": "CH",
    "address_phone": "+41 44 111 22 33",
    "address_editable": "on",
    "notify_emails": "anna@alpenblick.example, beat@alpenblick.example",
    "max_attempts": "3",
    "letter_subject": "Your room",
    "letter_text": "Please pay.\r\nThank you.",
    "confirmation_signature": "Anna",
    "reply_to": "reception@alpenblick.example",
    "archive_email": "archive@alpenblick.example",
}


def options(response, name: str) -> list[str]:
    """The values of a select."""
    found = re.search(rf'<select name="{name}".*?</select>', response.content.decode(), re.DOTALL)
    assert found, f"no select {name}"
    return re.findall(r'<option value="([^"]*)"', found[0])


def made(beat, **typed) -> Offer:
    response = beat.browser().post(NEW, filled(beat.terminal, **typed))
    assert response.status_code == 302, words(response)
    return Offer.objects.latest("created_at")


def a_design(beat, name: str, *, is_default: bool = False) -> Design:
    return Design.objects.create(
        merchant=beat.merchant,
        name=name,
        accent="#0b5f6b",
        is_default=is_default,
        changed_at=clock.now(),
        changed_by="x",
    )


def form_values(html: str) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    form = html[html.index('class="form dense"') :]
    form = form[: form.index("</form>")]
    values = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        kind = re.search(r'type="(\w+)"', tag)
        name = re.search(r'\bname="([^"]+)"', tag)
        if name and (not kind or kind[1] not in {"radio", "checkbox"} or re.search(r"\bchecked\b", tag)):
            value = re.search(r'\bvalue="([^"]*)"', tag)
            values[name[1]] = (
                unescape(value[1]) if value else ("on" if kind and kind[1] == "checkbox" else "")
            )
    for name, inside in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        values[name] = unescape(chosen[1]) if chosen else ""
    for name, inside in re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        values[name] = unescape(inside)
    return values


def test_all_fields_are_kept_and_shown(beat):
    """SPG-FRM-01, 08, 11, 18, 19, 23, 41, 43, 46, SPG-ADR-01, 02."""
    sold = made(beat, **EVERYTHING)

    page = words(beat.browser().get(f"/backoffice/offers/{sold.pk}/")).replace("\u00a0", " ")
    for shown in (
        "1,234.50", "Double room, two nights", "ORDER-0815", "Pre-authorization", "Italiano", "carla@example.org",
        "Only with liability shift and 3-D Secure authentication", "Ask; the buyer must enter it",
        "Muster AG, Carla Muster, Gasse 1, 2. Stock, 8000 Zürich, Switzerland, +41 44 111 22 33",
        "The buyer may correct the address yes", "anna@alpenblick.example, beat@alpenblick.example",
        "reception@alpenblick.example", "archive@alpenblick.example", "0 of 3", "17000011",
    ):  # fmt: skip
        assert shown in page


def test_a_copy_is_proposed_with_all_but_the_deadline(beat):
    """SPG-BTN-10, SPG-BTN-09: from the overview."""
    design = a_design(beat, "Alpine")
    first = made(beat, **EVERYTHING, design=str(design.pk), valid_for="7")
    browser = beat.browser()
    copy_link = f"{NEW}?copy={first.pk}"
    assert copy_link in browser.get("/backoffice/offers/").content.decode()

    sent = form_values(browser.get(copy_link).content.decode())
    browser.post(NEW, {**sent, "button": "save"})

    second = Offer.objects.latest("created_at")
    assert second.pk != first.pk
    own = {"id", "expires_at", "created_at", "changed_at", "sent_at"}
    for field in Offer._meta.concrete_fields:
        if field.name not in own:
            assert getattr(second, field.attname) == getattr(first, field.attname), field.name


def test_an_edited_offer_keeps_what_was_not_touched(beat):
    first = made(beat, **EVERYTHING)
    address = f"/backoffice/offers/{first.pk}/edit/"
    browser = beat.browser()

    sent = form_values(browser.get(address).content.decode())
    browser.post(address, {**sent, "description": "Suite", "button": "save"})

    changed = Offer.objects.get()
    assert changed.description == "Suite"
    for name in (
        "address",
        "letter",
        "confirmation",
        "reply_to",
        "archive_email",
        "ask_email",
        "by_email",
        "confirm",
    ):
        assert getattr(changed, name) == getattr(first, name), name


def test_all_terminals_are_listed_by_number_and_name(beat):
    """SPG-FRM-02, 03, 04."""
    for number in range(12, 20):
        a_terminal(beat.merchant, f"170000{number}", f"Branch {number}")

    page = beat.browser().get(NEW)

    assert options(page, "terminal") == ["17000011", *(f"170000{number}" for number in range(12, 20))]
    assert "17000012 Branch 12" in words(page)
    assert "Find a terminal by number or name" in words(page)


def test_a_terminal_is_called_what_the_settings_call_it(anna):
    """SPG-FRM-07."""
    a_terminal(anna.merchant, "17000012", "Spa")
    browser = anna.confirmed_browser()

    browser.post("/backoffice/settings/terminals/17000012/change", {"description": "Wellness"})

    assert "17000012 Wellness" in words(browser.get(NEW))


def test_the_page_names_the_methods_of_terminal_and_currency(beat):
    """SPG-FRM-20, 21."""
    a_terminal(beat.merchant, "17000012", "Only euros", VISA=("EUR",))
    browser = beat.browser()

    assert "Payable by: Visa, Mastercard, TWINT, PostFinance Pay" in words(browser.get(NEW))
    switched = browser.post(NEW, filled(beat.terminal, terminal="17000012", button="terminal"))

    assert options(switched, "currency") == ["EUR"]
    assert "<span data-payable-by>Visa</span>" in switched.content.decode()


@pytest.mark.parametrize("days", [1, 3, 7, 14, 30, 90, 180])
def test_a_deadline_is_picked(beat, days):
    """SPG-FRM-48."""
    sold = made(beat, valid_for=str(days))

    assert sold.expires_at - sold.created_at == timedelta(days=days)


def test_the_offered_deadlines_and_attempts(beat):
    """SPG-FRM-47, 48; behaviour.md M-3."""
    page = beat.browser().get(NEW)

    assert options(page, "valid_for") == ["1", "3", "7", "14", "30", "90", "180", "own"]
    assert options(page, "max_attempts") == ["1", "3", "5", "10", "0"]


@pytest.mark.parametrize(
    ("ahead", "said"),
    [(timedelta(minutes=50), "at least one hour"), (timedelta(days=181), "at most 180 days")],
)
def test_an_own_deadline_lies_within_an_hour_and_180_days(beat, ahead, said):
    """SPG-FRM-47."""
    local = (clock.now() + ahead).astimezone(ZoneInfo(beat.merchant.zone))
    own = {"valid_for": "own", "expires_on": f"{local:%Y-%m-%d}", "expires_at_time": f"{local:%H:%M}"}

    response = beat.browser().post(NEW, filled(beat.terminal, **own))

    assert said in error_at(response, "expires_on")


def test_the_reference_is_recommended(beat):
    """SPG-FRM-16."""
    assert "Strongly recommended" in words(beat.browser().get(NEW))


def test_a_reference_used_before_leads_to_the_other_offer(beat):
    """SPG-FRM-17."""
    other = offer(beat.terminal, reference="2026-0412")

    page = beat.browser().post(NEW, filled(beat.terminal), follow=True)

    assert "another offer with the same reference" in words(page)
    assert f'<a href="/backoffice/offers/{other.pk}/">See the other offer</a>' in page.content.decode()


def test_a_design_is_chosen_where_there_is_one(beat):
    """SPG-FRM-40."""
    browser = beat.browser()
    assert "Payment page configuration" not in words(browser.get(NEW)).partition("What is to be paid")[2]
    usual, alpine = a_design(beat, "Usual", is_default=True), a_design(beat, "Alpine")

    page = browser.get(NEW)
    sold = made(beat, design=str(alpine.pk))

    assert options(page, "design") == ["", str(alpine.pk), str(usual.pk)]
    assert "Standard (Usual)" in words(page)
    assert sold.design == alpine
    assert "Payment page configuration Alpine" in words(browser.get(f"/backoffice/offers/{sold.pk}/"))
    assert (
        f"/{alpine.pk}/" in browser.get(f"/SecurePayGate/Payment/100001/17000011/{sold.pk}").content.decode()
    )


def test_the_design_of_a_stranger_is_refused(beat, carla):
    with within(carla.merchant.pk):
        theirs = a_design(carla, "Theirs")
    a_design(beat, "Alpine")

    response = beat.browser().post(NEW, filled(beat.terminal, design=str(theirs.pk)))

    assert "Choose one of your payment page configurations." in error_at(response, "design")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("address_city", "9010 0031 5000 0001", "looks like a card number"),
        ("address_street", "x" * 101, "At most 100 characters."),
        ("address_country", "XX", "Choose one of the values in the list."),
        ("reply_to", "nobody", "not a complete e-mail address"),
        ("ask_email", "PERHAPS", "Choose one of the values in the list."),
    ],
)
def test_what_is_wrong_with_the_buyers_fields_is_said_beside_them(beat, field, typed, said):
    response = beat.browser().post(NEW, filled(beat.terminal, **{field: typed}))

    if field != "reply_to":  # shown once the letter's fields are
        assert said in error_at(response, field)
    assert said in words(response)
    assert '<details class="group fold" open>' in response.content.decode() or field == "reply_to"
    assert not Offer.objects.exists()


def test_the_address_to_send_to_is_needed_only_for_sending(beat):
    """SPG-FRM-43, 44, 45, SPG-BTN-02."""
    response = beat.browser().post(NEW, filled(beat.terminal, payer_email="", by_email="on", button="send"))
    assert "Enter the buyer's e-mail address" in error_at(response, "payer_email")
    assert not Offer.objects.exists()

    assert made(beat, payer_email="").payer_email == ""


def test_after_saving_link_and_code_are_shown(beat):
    """SPG-FRM-49, 51, 52, SPG-BTN-03, 04: to be copied into an own letter."""
    page = beat.browser().post(NEW, filled(beat.terminal, button="save"), follow=True)

    sold = Offer.objects.get()
    link = f"http://localhost:8000/SecurePayGate/Payment/100001/17000011/{sold.pk}"
    html = page.content.decode()
    assert f'<input readonly value="{link}"' in html
    assert "data-copy" in html
    assert f'src="/backoffice/offers/{sold.pk}/qr.png"' in html
    assert not Mail.objects.exists()


def test_save_and_send_sends_the_link_in_the_chosen_language(beat):
    """SPG-FRM-50, SPG-BTN-01, 05, 09; the code is in the letter (SPG-FRM-53)."""
    page = beat.browser().post(
        NEW, filled(beat.terminal, language="fr", by_email="on", button="send"), follow=True
    )

    letter = Mail.objects.get()
    assert (letter.recipient, letter.language) == ("guest@example.org", "fr")
    assert b"Content-ID: <qr>" in raw(letter)
    assert "the e-mail to the buyer is only kept under Letters" in words(page)
    assert "data-sent" in beat.browser().get("/backoffice/offers/").content.decode()


def test_open_in_the_mail_program_saves_and_opens_the_letter_there(beat):
    """SPG-BTN-06: with link, subject and text."""
    page = beat.browser().post(NEW, filled(beat.terminal, by_email="on", button="open"), follow=True)

    sold = Offer.objects.get()
    html = page.content.decode()
    assert "data-open-mail" in html
    address = unquote(html.partition('href="mailto:')[2].partition('"')[0])
    assert address.startswith("guest@example.org?subject=Zahlung an Hotel Alpenblick")
    assert f"/SecurePayGate/Payment/100001/17000011/{sold.pk}" in address
    assert "CHF" in address
    assert not Mail.objects.exists()


def is_hidden(response) -> bool:
    """Are the two buttons away, as the page comes?"""
    found = re.search(r'<span class="line mail-buttons"[^>]*>', response.content.decode())
    assert found
    return " hidden" in found[0]


def test_the_buttons_that_send_stand_there_while_the_option_is_on(beat):
    """SPG-BTN-07, 08: without scripts too, and after a form that was refused."""
    browser = beat.browser()
    sent, unsent = made(beat, by_email="on"), made(beat)

    assert is_hidden(browser.get(NEW))
    assert is_hidden(browser.post(NEW, filled(beat.terminal, amount="")))
    assert not is_hidden(browser.post(NEW, filled(beat.terminal, amount="", by_email="on")))
    assert not is_hidden(browser.get(f"/backoffice/offers/{sent.pk}/edit/"))
    assert is_hidden(browser.get(f"/backoffice/offers/{unsent.pk}/edit/"))


def test_input_survives_what_is_refused(beat):
    response = beat.browser().post(NEW, filled(beat.terminal, **EVERYTHING | {"amount": "0"}))

    assert error_at(response, "amount")
    assert value_of(response, "address_city") == "Zürich"
    sent = form_values(response.content.decode())
    assert {name: sent[name] for name in ("letter_subject", "address_country", "ask_email", "by_email")} == {
        "letter_subject": "Your room",
        "address_country": "CH",
        "ask_email": "MANDATORY",
        "by_email": "on",
    }
