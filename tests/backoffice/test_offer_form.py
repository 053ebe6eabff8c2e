"""The form that makes an offer: what it takes, and that it makes one offer only."""

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
