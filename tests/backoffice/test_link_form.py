"""The form of a multi-use link, field by field (SPG-MUF)."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from paygate.designs.change import Look, save_design
from paygate.links.models import Link
from paygate.merchants.models import Preferences, Role, Terminal
from paygate.merchants.reach import system
from tests.backoffice.reading import error_at, value_of, words
from tests.cast import a_terminal, somebody
from tests.make.books import NOON
from tests.make.links import a_link
from tests.make.money import chf

NEW = "/backoffice/links/new/"


def filled_link(terminal: Terminal, /, **changed: Any) -> dict[str, Any]:
    """All that is needed for a link whose payers set the amount; None leaves a field out."""
    fields: dict[str, Any] = {
        "form_id": str(uuid4()),
        "description": "Donation for the roof",
        "terminal": terminal.number,
        "currency": "CHF",
        "booking": "FINAL",
        "condition": "NONE",
        "language": "de",
        "email_required": "1",
        "confirm": "on",
    }
    return {name: value for name, value in {**fields, **changed}.items() if value is not None}


def saved(person, /, **typed) -> Link:
    """The link that this form makes."""
    page = person.browser().post(NEW, filled_link(person.terminal, **typed))
    assert page.status_code == 302, words(page)
    link: Link = Link.objects.get()
    return link


def refused(person, /, **typed):
    page = person.browser().post(NEW, filled_link(person.terminal, **typed))
    assert page.status_code == 422
    assert not Link.objects.exists()
    return page


def test_the_button_of_the_overview_opens_the_form(beat):
    """SPG-MUF-01, 02."""
    overview = beat.browser().get("/backoffice/links/")
    assert f'href="{NEW}"' in overview.content.decode()
    assert "Create new QR code" in words(overview)

    page = beat.browser().get(NEW)

    assert page.status_code == 200
    for label in ("Description", "Terminal", "Currency", "Fixed amount", "Authorization type"):
        assert label in words(page)
    assert "Reference Strongly recommended" not in words(page)
    assert "Number of attempts" not in words(page)


def test_a_link_is_saved_with_all_its_fields(beat):
    """SPG-MUF-03, 07, 09, 12 to 16, 18, 20 to 22."""
    link = saved(
        beat,
        smallest="5",
        largest="500",
        suggested="10; 20 ;50.50",
        booking="AUTOMATIC",
        condition="THREE_DS_AUTHENTICATION_SUCCESSFUL_OR_ATTEMPTED",
        language="fr",
        reference_prefix="ROOF-",
        email_required="0",
        confirm=None,
        billing_required="on",
        delivery_required="on",
        notify_emails="anna@example.org, beat@example.org",
        begins_on="2026-12-01",
        ends_on="2027-01-31",
        most_payments="100",
        most_total="5'000",
    )

    assert (link.amount, link.smallest, link.largest) == (None, chf(5), chf(500))
    assert link.suggested == [chf(10), chf(20), chf("50.50")]
    assert (link.booking, link.language, link.reference_prefix) == ("AUTOMATIC", "fr", "ROOF-")
    assert (link.email_required, link.confirm) == (False, False)
    assert (link.billing_required, link.delivery_required) == (True, True)
    assert link.notify_emails == ["anna@example.org", "beat@example.org"]
    assert (link.begins_at, link.ends_at) == (
        datetime(2026, 11, 30, 23, tzinfo=UTC),
        datetime(2027, 1, 31, 23, tzinfo=UTC),
    )
    assert (link.most_payments, link.most_total) == (100, chf(5000))
    assert link.created_by == beat.actor.name


def test_a_fixed_amount_is_set_and_what_belongs_to_a_free_one_is_left_aside(beat):
    """SPG-MUF-08."""
    link = saved(beat, fixed="on", amount="35.50", smallest="nonsense", suggested="10")

    assert (link.amount, link.smallest, link.suggested) == (chf("35.50"), None, [])


@pytest.mark.parametrize("typed", ["10; 20;50.50", "10, 20, 50.50", ";10;20; 50.50;;20"])
def test_suggestions_are_separated_as_people_do(beat, typed):
    assert saved(beat, suggested=typed).suggested == [chf(10), chf(20), chf("50.50")]


def test_without_the_switch_an_amount_is_left_aside(beat):
    """SPG-MUF-09."""
    assert saved(beat, amount="35.50").amount is None


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"description": ""}, "description", "Say in a few words"),
        ({"fixed": "on", "amount": ""}, "amount", "Enter an amount."),
        ({"fixed": "on", "amount": "much"}, "amount", "This is not an amount."),
        ({"fixed": "on", "amount": "0"}, "amount", "more than zero"),
        ({"smallest": "ten"}, "smallest", "This is not an amount."),
        ({"smallest": "10", "largest": "5"}, "largest", "less than the smallest"),
        ({"suggested": "10; many"}, "suggested", "This is not an amount."),
        ({"suggested": "1;2;3;4;5;6;7"}, "suggested", "At most 6 suggestions."),
        ({"suggested": "1", "smallest": "2"}, "suggested", "less than the smallest"),
        ({"reference_prefix": "für"}, "reference_prefix", "without accents"),
        ({"reference_prefix": "x" * 60}, "reference_prefix", "at most 39 characters"),
        ({"notify_emails": "anna"}, "notify_emails", "not a complete e-mail address"),
        ({"ends_on": "2020-01-01"}, "ends_on", "This is over already."),
        ({"begins_on": "2030-01-02", "ends_on": "2030-01-01"}, "ends_on", "before the beginning"),
        ({"ends_on": "soon"}, "ends_on", "Enter a date"),
        ({"ends_on": "9999-12-31"}, "ends_on", "between the years 2000 and 2200"),
        ({"begins_on": "0001-01-01"}, "begins_on", "between the years 2000 and 2200"),
        ({"most_payments": "9" * 12}, "most_payments", "at most 999’999’999"),
        ({"most_payments": "0"}, "most_payments", "whole number of at least 1"),
        ({"most_payments": "1.5"}, "most_payments", "whole number of at least 1"),
        ({"most_total": "5", "smallest": "6"}, "most_total", "less than one payment"),
        ({"currency": "JPY"}, "currency", "takes no payments in this currency"),
        ({"terminal": "17000099"}, "terminal", "Choose one of your terminals."),
        ({"language": "xx"}, "language", "Choose one"),
        ({"booking": "LATER"}, "booking", "Choose one"),
        ({"description": "9010 0031 5000 0001"}, "description", "looks like a card number"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_made(beat, typed, field, said):
    assert said in error_at(refused(beat, **typed), field)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"description": ""}, "description"),
        ({"fixed": "on", "amount": "much"}, "amount"),
        ({"fixed": "on", "amount": "5", "currency": "JPY"}, "currency"),
        ({"suggested": "10; many"}, "suggested"),
        ({"begins_on": "soon"}, "begins_on"),
        ({"booking": "LATER"}, "booking"),
        ({"email_required": "2"}, "email_required"),
    ],
)
def test_all_mistakes_are_told_at_once(beat, wrong, field):
    page = refused(beat, reference_prefix="für", ends_on="2020-01-01", **wrong)

    assert error_at(page, field)
    assert "without accents" in error_at(page, "reference_prefix")
    assert "This is over already." in error_at(page, "ends_on")


def test_all_mistakes_of_a_change_are_told_at_once(beat):
    link = a_link(beat.terminal)

    page = beat.browser().post(
        f"/backoffice/links/{link.pk}/edit/",
        filled_link(beat.terminal, description="", reference_prefix="für"),
    )

    assert "Say in a few words" in error_at(page, "description")
    assert "without accents" in error_at(page, "reference_prefix")


def test_what_limits_a_link_is_named_in_the_folded_line(beat):
    page = refused(beat, description="", most_payments="3", most_total="500", ends_on="2030-12-31")

    assert "Last day: 2030-12-31 · Most payments: 3 · Most in total: CHF 500" in words(page)


def test_what_was_typed_stays(beat):
    page = refused(beat, fixed="on", amount="much", description="Roof", reference_prefix="A-")

    assert value_of(page, "amount") == "much"
    assert value_of(page, "description") == "Roof"
    assert value_of(page, "reference_prefix") == "A-"


def test_all_terminals_are_listed_with_number_and_description_and_their_currencies(beat):
    """SPG-MUF-05, 06, 10: currencies change with the terminal."""
    a_terminal(beat.merchant, "17000012", "Groups in euro", VISA=("EUR",))

    page = beat.browser().get(NEW)
    html = page.content.decode()
    chosen = (
        beat.browser()
        .post(NEW, filled_link(beat.terminal, terminal="17000012", button="terminal"))
        .content.decode()
    )

    assert "17000011 Hotel Alpenblick" in html
    assert "17000012 Groups in euro" in html
    assert 'id="find-terminal"' in html
    assert '"17000012": ["EUR"]' in html
    assert '<option value="CHF"' not in chosen
    assert '<option value="EUR"' in chosen


def test_the_methods_that_take_the_currency_are_named(beat):
    """SPG-MUF-11."""
    page = words(beat.browser().get(NEW))

    assert "Payable by: Visa, Mastercard, TWINT, PostFinance Pay" in page


def test_the_three_authorization_types_say_what_they_do(beat):
    """SPG-MUF-12 to 15."""
    page = words(beat.browser().get(NEW))

    assert "Authorization The money is reserved, guaranteed for 10 days. You book it" in page
    assert "Pre-authorization As above, guaranteed for 30 days. Visa and Mastercard" in page
    assert "Automatic booking The money moves at once." in page


def test_the_first_values_are_those_of_the_settings(beat):
    Preferences.objects.update(notify_emails=["roof@example.org"], booking="AUTOMATIC", language="it")

    page = beat.browser().get(NEW)

    assert value_of(page, "notify_emails") == "roof@example.org"
    assert 'value="AUTOMATIC" ' in page.content.decode()
    assert '<option value="it" selected>' in page.content.decode()


def test_a_payment_page_configuration_is_chosen_where_there_is_one(anna):
    """SPG-MUF-17."""
    assert "Payment page configuration Standard" not in words(anna.browser().get(NEW))
    design = save_design(Look("House", "#0b5f6b"), by=system(anna.merchant.pk), now=NOON)

    assert "House" in words(anna.browser().get(NEW))
    assert saved(anna, design=str(design.pk)).design_id == design.pk


def test_a_form_sent_twice_makes_one_link_and_leads_to_it(beat):
    """safety.md ID-6."""
    typed, browser = filled_link(beat.terminal), beat.browser()

    first, second = browser.post(NEW, typed), browser.post(NEW, typed | {"description": "Other"})

    assert first.url == second.url
    assert Link.objects.get().description == "Donation for the roof"
    assert "This form was saved before" in words(browser.get(second.url))


def test_editing_shows_what_is_there_and_saves_what_is_changed(beat):
    """SPG-MUL-06."""
    link = a_link(beat.terminal, amount=chf(1250), reference_prefix="A-")
    path, browser = f"/backoffice/links/{link.pk}/edit/", beat.browser()

    page = browser.get(path)
    assert value_of(page, "amount") == "1,250.00"
    assert value_of(page, "reference_prefix") == "A-"
    typed = filled_link(beat.terminal, fixed="on", amount="20", revision=value_of(page, "revision"))
    response = browser.post(path, typed)

    assert response.url == f"/backoffice/links/{link.pk}/"
    link.refresh_from_db()
    assert (link.amount, link.revision) == (chf(20), 2)


def test_an_old_form_is_told_that_somebody_was_faster(beat):
    link = a_link(beat.terminal)
    path, browser = f"/backoffice/links/{link.pk}/edit/", beat.browser()
    browser.post(path, filled_link(beat.terminal, revision="1", description="First"))

    page = browser.post(path, filled_link(beat.terminal, revision="1", description="Second"))

    assert page.status_code == 422
    assert "This link was changed meanwhile" in words(page)
    link.refresh_from_db()
    assert link.description == "First"


def test_the_days_of_a_link_are_days_in_the_merchants_zone(beat):
    """safety.md TM-5: saved and shown again as they were typed."""
    saved(beat, begins_on="2027-03-28", ends_on="2027-03-28")
    link = Link.objects.get()

    page = beat.browser().get(f"/backoffice/links/{link.pk}/edit/")

    assert (value_of(page, "begins_on"), value_of(page, "ends_on")) == ("2027-03-28", "2027-03-28")
    assert (link.ends_at - link.begins_at).total_seconds() == 23 * 3600  # type: ignore[operator]  # both are there


def test_a_reader_makes_no_link(alpenblick):
    rita = somebody(alpenblick, "Rita", Role.READER)

    assert rita.browser().get(NEW).status_code == 403
    assert "Create new QR code" not in words(rita.browser().get("/backoffice/links/"))
