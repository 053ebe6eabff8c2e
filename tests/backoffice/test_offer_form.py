"""The form that makes an offer: what it takes, what it refuses, and that it makes one offer only."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from paygate.acquiring.models import Contract
from paygate.backoffice.models import UsedForm
from paygate.mail.models import Mail
from paygate.offers.models import Offer
from paygate.tenants.context import within
from tests.backoffice.filled import filled
from tests.backoffice.reading import error_at, rows, value_of, words
from tests.cast import a_terminal
from tests.make.money import chf
from tests.make.offers import offer

NEW = "/backoffice/offers/new/"
VISA = "9010003150000001"


def test_what_was_filled_in_becomes_an_offer(beat):
    response = beat.browser().post(NEW, filled(beat.terminal, amount="1'234.50"))

    made = Offer.objects.get()
    assert response.url == reverse("backoffice:offer", args=[made.pk])
    assert made.amount == chf("1234.50")
    assert (made.reference, made.language, made.payer_email) == ("2026-0412", "de", "guest@example.org")
    assert made.sent_at is None


def test_save_and_send_queues_the_letter(beat):
    beat.browser().post(NEW, filled(beat.terminal, by_email="on", button="send"))

    assert Offer.objects.get().sent_at is not None
    assert Mail.objects.get().recipient == "guest@example.org"


def test_a_second_submit_of_the_same_form_leads_to_the_first_ones_offer(beat):
    browser, form = beat.browser(), filled(beat.terminal, by_email="on", button="send")

    first, second = browser.post(NEW, form), browser.post(NEW, form)

    assert first.url == second.url
    assert Offer.objects.count() == UsedForm.objects.count() == Mail.objects.count() == 1


def test_two_rendered_forms_make_two_offers(beat):
    browser = beat.browser()
    ids = {value_of(browser.get(NEW), "form_id") for _ in range(2)}

    for form_id in ids:
        browser.post(NEW, filled(beat.terminal, form_id=form_id))

    assert Offer.objects.count() == 2


def test_to_be_sent_an_offer_needs_the_buyers_address(beat):
    response = beat.browser().post(NEW, filled(beat.terminal, by_email="on", payer_email="", button="send"))

    assert "Enter the buyer's e-mail address" in error_at(response, "payer_email")
    assert not Offer.objects.exists()
    assert not UsedForm.objects.exists()


@pytest.mark.parametrize(
    "typed",
    ["0", "-5", "1e5", "4９.90", "1234567890123", "12.345", "ten", "", "NaN", "1.2.3", "٤٩", "Infinity"],
)
def test_an_amount_that_is_not_clear_is_refused_at_its_field_and_stays_typed(beat, typed):
    response = beat.browser().post(NEW, filled(beat.terminal, amount=typed))

    assert response.status_code == 422
    assert error_at(response, "amount")
    assert value_of(response, "amount") == typed
    assert value_of(response, "description") == "Double room, one night"
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        "a@example.org,b@example.org",
        "a@example.org;b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@",
        "Anna <a@example.org>",
    ],
)
def test_a_buyers_address_is_one_mailbox(beat, typed):
    response = beat.browser().post(NEW, filled(beat.terminal, payer_email=typed))

    assert error_at(response, "payer_email")
    assert not Offer.objects.exists()


@pytest.mark.parametrize("field", ["description", "reference", "amount", "payer_email", "notify_emails"])
@pytest.mark.parametrize("number", [VISA, "4111 1111 1111 1111", "4111-1111-1111-1111"])
def test_a_card_number_is_refused_and_not_written_back(beat, caplog, field, number):
    response = beat.browser().post(NEW, filled(beat.terminal, **{field: number}))

    assert "looks like a card number" in error_at(response, field)
    assert number not in response.content.decode()
    assert number not in caplog.text
    assert not Offer.objects.exists()


def test_the_terminal_of_another_merchant_is_refused_like_one_that_never_was(beat, carla):
    foreign = beat.browser().post(NEW, filled(carla.terminal))
    unknown = beat.browser().post(NEW, filled(beat.terminal, terminal="99999999"))

    assert error_at(foreign, "terminal") == error_at(unknown, "terminal") == "Choose one of your terminals."
    assert carla.terminal.number not in foreign.content.decode()


def test_the_currency_must_be_one_of_the_terminals(beat):
    a_terminal(beat.merchant, "17000012", "Only euros", VISA=("EUR",))

    response = beat.browser().post(NEW, filled(beat.terminal, terminal="17000012", currency="CHF"))

    assert "no payments in this currency" in error_at(response, "currency")


def test_without_scripts_the_currencies_follow_the_terminal_by_a_button(beat):
    a_terminal(beat.merchant, "17000012", "Only euros", VISA=("EUR",))

    response = beat.browser().post(
        NEW, filled(beat.terminal, terminal="17000012", amount="12.50", button="terminal")
    )

    page = response.content.decode()
    assert '<option value="EUR"' in page
    assert '<option value="CHF"' not in page
    assert value_of(response, "amount") == "12.50"
    assert "Please check" not in words(response)


def test_an_own_date_is_taken_in_the_merchants_zone(beat):
    zone = ZoneInfo("Europe/Zurich")
    day = (datetime.now(zone) + timedelta(days=20)).date()

    own = {"valid_for": "own", "expires_on": day.isoformat(), "expires_at_time": "18:30"}
    beat.browser().post(NEW, filled(beat.terminal, **own))

    assert Offer.objects.get().expires_at == datetime(day.year, day.month, day.day, 18, 30, tzinfo=zone)


@pytest.mark.parametrize(
    ("day", "words_said"),
    [
        ("2020-01-01", "at least one hour"),
        ("2199-01-01", "at most 180 days"),
        ("9999-12-31", "at most 180 days"),
        ("31.02.2026", "Enter a date"),
        ("", "Choose a date"),
    ],
)
def test_an_own_date_that_cannot_be_is_refused_at_its_field(beat, day, words_said):
    response = beat.browser().post(NEW, filled(beat.terminal, valid_for="own", expires_on=day))

    assert words_said in error_at(response, "expires_on")
    assert not Offer.objects.exists()


def test_a_reference_used_before_is_taken_with_a_warning(beat):
    offer(beat.terminal, reference="2026-0412")

    response = beat.browser().post(NEW, filled(beat.terminal), follow=True)

    assert Offer.objects.count() == 2
    assert "another offer with the same reference" in words(response)


def test_a_copy_is_filled_in_like_the_offer_and_saved_as_another(beat):
    old = offer(beat.terminal, chf(120), description="Deposit", payer_email="guest@example.org")
    browser = beat.browser()

    form = browser.get(f"{NEW}?copy={old.pk}")

    assert (value_of(form, "amount"), value_of(form, "description")) == ("120.00", "Deposit")
    assert value_of(form, "form_id")
    assert Offer.objects.count() == 1


def test_an_offer_of_a_stranger_cannot_be_copied(beat, carla):
    theirs = offer(carla.terminal)

    assert beat.browser().get(f"{NEW}?copy={theirs.pk}").status_code == 404
    assert beat.browser().get(f"{NEW}?copy=nonsense").status_code == 404


def test_editing_changes_the_offer_and_counts_the_change(beat):
    old = offer(beat.terminal, chf(100))

    beat.browser().post(
        f"/backoffice/offers/{old.pk}/edit/", filled(beat.terminal, amount="80", revision="1")
    )

    old.refresh_from_db()
    assert old.amount == chf(80)
    assert old.revision == 2


def test_an_old_form_does_not_undo_what_was_saved_since(beat):
    """Two tabs show the same offer: the second one saves over nothing that it has not seen."""
    old, browser = offer(beat.terminal, chf(63)), beat.browser()
    address = f"/backoffice/offers/{old.pk}/edit/"
    seen = value_of(browser.get(address), "revision")
    browser.post(address, filled(beat.terminal, amount="630", revision=seen))

    response = browser.post(address, filled(beat.terminal, amount="63", description="Suite", revision=seen))

    assert response.status_code == 422
    assert "changed meanwhile" in words(response)
    old.refresh_from_db()
    assert (old.amount, old.description) == (chf(630), filled(beat.terminal)["description"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": ""}, "amount"),
        ({"amount": "much"}, "amount"),
        ({"description": ""}, "description"),
        ({"currency": "JPY"}, "currency"),
        ({"booking": "LATER"}, "booking"),
        ({"payer_email": "guest"}, "payer_email"),
        ({"notify_emails": "guest"}, "notify_emails"),
        ({"max_attempts": "2"}, "max_attempts"),
        ({"address_country": "XX"}, "address_country"),
        ({"by_email": "on", "payer_email": ""}, "payer_email"),
    ],
)
@pytest.mark.parametrize("edits", [False, True])
def test_all_mistakes_are_told_at_once(wrong, field, edits, beat):
    """What only the terms know was told in a second round, after all else was mended."""
    old = offer(beat.terminal)
    address = f"/backoffice/offers/{old.pk}/edit/" if edits else "/backoffice/offers/new/"
    over = {
        "valid_for": "own",
        "expires_on": "2020-01-01",
        "reference": "9010 0031 5000 0001",
        "revision": "1",
    }

    page = beat.browser().post(address, filled(beat.terminal, **over | wrong))

    assert page.status_code == 422
    assert error_at(page, field)
    assert "at least one hour" in error_at(page, "expires_on")
    assert "looks like a card number" in error_at(page, "reference")
    assert page.content.decode().count("at least one hour") == 2, "beside the field, and in the summary"


@pytest.mark.parametrize("revision", ["", "x", "-1", "99999999999", "²"])
def test_a_form_that_does_not_say_what_it_saw_changes_nothing(revision, beat):
    old = offer(beat.terminal, chf(63))

    response = beat.browser().post(
        f"/backoffice/offers/{old.pk}/edit/", filled(beat.terminal, amount="80", revision=revision)
    )

    assert response.status_code == 422
    old.refresh_from_db()
    assert old.amount == chf(63)


def test_an_offer_that_is_being_paid_is_not_edited(beat):
    old = offer(beat.terminal, chf(100))
    Offer.objects.filter(pk=old.pk).update(claim="somebody", claimed_until=None)

    response = beat.browser().post(
        f"/backoffice/offers/{old.pk}/edit/", filled(beat.terminal, amount="80", revision="1")
    )

    assert "Somebody is paying this offer right now" in words(response)
    assert value_of(response, "amount") == "80"
    old.refresh_from_db()
    assert old.amount == chf(100)


def test_changes_in_a_form_that_was_saved_before_are_not_saved_and_the_page_says_so(beat):
    browser, form = beat.browser(), filled(beat.terminal)
    browser.post(NEW, form)

    response = browser.post(NEW, {**form, "amount": "99.00"}, follow=True)

    assert "Changes you sent now were not saved." in words(response)
    assert Offer.objects.get().amount == chf("49.90")


def test_a_damaged_form_says_so(beat):
    response = beat.browser().post(NEW, filled(beat.terminal, form_id="abc"))

    assert response.status_code == 422
    assert "This form is damaged. Reload the page." in words(response)
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("field", "sent", "said"),
    [
        ("booking", "FREE", "Choose one of the values in the list."),
        ("max_attempts", "77", "Choose one of the values in the list."),
        ("valid_for", "", "Please fill in this field."),
        ("description", "x" * 1001, "Write at most 1000 characters; these are 1001."),
        ("description", "a\0b", "This contains characters that cannot be seen."),
        ("terminal", "99999999", "Choose one of your terminals."),
    ],
)
def test_what_no_browser_sends_by_itself_is_refused_in_our_words(beat, field, sent, said):
    response = beat.browser().post(NEW, filled(beat.terminal, **{field: sent}))

    assert error_at(response, field) == said


def test_of_several_addresses_to_be_notified_the_wrong_one_is_named(beat):
    response = beat.browser().post(NEW, filled(beat.terminal, notify_emails="a@x.example;b@x.example"))

    said = "“a@x.example;b@x.example” is not an e-mail address. Separate several by commas."
    assert error_at(response, "notify_emails") == said


@pytest.mark.parametrize("separator", ["\x85", "\u2028", "\x1c", "\n"])
@pytest.mark.parametrize("field", ["payer_email", "notify_emails"])
def test_what_cannot_be_seen_after_an_address_is_not_taken_for_a_space(beat, field, separator):
    """safety.md EM-2; a new line separates two of several addresses."""
    browser = beat.browser()

    response = browser.post(NEW, filled(beat.terminal, **{field: f"guest@example.org{separator}"}))

    is_refused = (field, separator) != ("notify_emails", "\n")
    assert (error_at(response, field) != "") is is_refused
    assert Offer.objects.exists() is not is_refused


def test_a_date_is_written_with_the_digits_0_to_9(beat):
    wide = "\uff12\uff10\uff12\uff17-03-27"

    response = beat.browser().post(NEW, filled(beat.terminal, valid_for="own", expires_on=wide))

    assert error_at(response, "expires_on") == "Enter a date, such as 31.12.2026."


def test_a_time_that_the_clocks_jump_over_is_refused(beat):
    wish = filled(beat.terminal, valid_for="own", expires_on="2027-03-28", expires_at_time="02:30")

    response = beat.browser().post(NEW, wish)

    assert "there is no 02:30" in error_at(response, "expires_at_time")
    assert not Offer.objects.exists()


def test_without_any_contract_the_form_says_what_is_missing_and_offers_no_button(beat):
    with within(beat.merchant.pk):
        Contract.objects.all().delete()

    page = beat.browser().get(NEW)

    assert "No method of payment is agreed on your terminals yet" in words(page)
    assert "data-save" not in page.content.decode()


def test_a_terminal_without_contract_is_refused_beside_its_field(beat):
    bare = a_terminal(beat.merchant, "17000019", "Bar")
    with within(beat.merchant.pk):
        Contract.objects.filter(terminal=bare).delete()

    page = beat.browser().post(NEW, filled(bare, currency="CHF"))

    assert "No method of payment is agreed on this terminal yet." in error_at(page, "terminal")
    assert error_at(page, "currency") == ""
    assert not Offer.objects.exists()


def test_the_summary_lists_what_is_wrong_in_the_order_of_the_page(beat):
    wrong = filled(
        beat.terminal, amount="", description="", valid_for="own", expires_on="", notify_emails="x"
    )

    page = words(beat.browser().post(NEW, wrong))

    told = ["Amount: Enter an amount", "Own date: Choose a date", "Description: Say", "Payment notification:"]
    places = [page.index(one) for one in told]
    assert places == sorted(places)


def test_an_own_date_is_not_said_to_be_optional(beat):
    page = beat.browser().get(NEW).content.decode()

    assert '<label for="id_expires_on">Own date</label>' in page


def test_the_form_and_the_table_it_leads_to_agree_on_which_methods_need_booking(beat):
    """SPG-FRM-29, SPG-FRM-30."""
    a_terminal(beat.merchant, "17740099", "Bar", TWINT=("CHF",))
    browser = beat.browser()

    form, table = browser.get(NEW), browser.get(reverse("backoffice:methods"))

    (hint,) = re.findall(r'<p class="hint">([^<]*booking[^<]*)<a', form.content.decode())
    assert hint.strip() == "Methods that need no booking count as booked, whatever you choose."
    assert any(row.startswith("TWINT yes") for row in rows(table))


def test_on_a_phone_the_methods_are_cards_whose_values_have_their_labels(beat):
    """A narrow list hides its head: what a cell is must stand in the cell."""
    page = beat.browser().get(reverse("backoffice:methods")).content.decode()

    head = re.findall(r"<th\b[^>]*>(.*?)</th>", page)
    first_row = page.partition("<tbody>")[2].partition("</tr>")[0]
    assert '<table class="list">' in page
    assert re.findall(r'data-label="([^"]*)"', first_row) == head[1:]
