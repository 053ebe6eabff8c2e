"""Lists: filters, pages, what an empty one teaches, and how many questions they ask of the database."""

from datetime import UTC, datetime, timedelta

import pytest

from paygate import clock
from paygate.journal.models import Entry
from paygate.merchants.models import Terminal
from paygate.offers.models import Offer
from paygate.offers.offer_templates import save_template
from paygate.offers.send import send_offer
from tests.backoffice.reading import error_at, rows, value_of, words
from tests.cast import a_terminal
from tests.make.journal import reservation
from tests.make.links import a_link
from tests.make.money import chf, eur
from tests.make.offers import offer

MOST_QUESTIONS = 20  # of any page, whatever the size of the data


def many_offers(terminal: Terminal, count: int) -> None:
    for number in range(count):
        offer(
            terminal,
            chf(10 + number),
            reference=f"R-{number:03}",
            now=clock.now() - timedelta(minutes=count - number),
        )


def test_an_empty_overview_says_what_it_is_for(beat):
    page = beat.browser().get("/backoffice/offers/")

    assert "No offers yet" in words(page)
    assert "Create new link" in words(page)


def test_each_offer_shows_its_status_and_whether_it_was_sent(beat):
    sent = offer(beat.terminal, payer_email="guest@example.org", reference="SENT")
    send_offer(sent.pk, by=beat.actor, now=clock.now())
    late = offer(beat.terminal, reference="LATE")
    Offer.objects.filter(pk=late.pk).update(expires_at=clock.now() - timedelta(minutes=1))

    page = beat.browser().get("/backoffice/offers/")
    html = page.content.decode()

    assert '<tr data-status="OPEN" data-sent>' in html
    assert '<tr data-status="EXPIRED">' in html
    assert [row.split()[0] for row in rows(page)] == ["Expired", "Open"]


def test_newer_and_older_lead_through_all_offers_without_a_gap(beat):
    many_offers(beat.terminal, 120)
    browser, seen, path = beat.browser(), [], "/backoffice/offers/"

    for _ in range(3):
        page = browser.get(path)
        seen += rows(page)
        older = (
            page.content.decode().partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        )
        newer = (
            page.content.decode().partition('rel="prev" href="')[2].partition('"')[0].replace("&amp;", "&")
        )
        path = older or path
    back = browser.get(newer)

    assert len(seen) == len(set(seen)) == 120
    assert rows(back) == seen[50:100]


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u3000"])
def test_names_with_spaces_of_all_sorts_are_listed_to_the_end(beat, space):
    for number in range(60):
        save_template(f"Menu{space}{number:02}", beat.terminal, {}, by=beat.actor, now=clock.now())
    browser = beat.browser()

    first = browser.get("/backoffice/offers/templates/")
    older = first.content.decode().partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = browser.get(older)

    assert (len(rows(first)), len(rows(second))) == (50, 10)
    assert not set(rows(first)) & set(rows(second))


@pytest.mark.parametrize(
    "mark",
    ["nonsense", "2026-01-01T00:00:00_x", "0001-01-01T00:00:00+14:00_1", "2026-01-01T00:00:00+00:00_x", "_"],
)
@pytest.mark.parametrize("section", ["offers", "journal", "batches", "letters"])
def test_a_page_that_cannot_be_is_the_first_one(anna, section, mark):
    browser = anna.browser()

    for name in ("before", "after"):
        assert browser.get(f"/backoffice/{section}/", {name: mark}).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=garden", {"A"}),
        ("q=B-1", {"B"}),
        ("q=guest@example", {"C"}),
        ("state=EXPIRED", {"B"}),
        ("state=OPEN&state=DISABLED", {"A", "C"}),
        ("terminal=17000012", {"C"}),
        ("expires_from=2026-12-01", {"A"}),
        ("expires_to=2026-11-30&state=OPEN", {"C"}),
    ],
)
def test_the_overview_is_narrowed_by_its_filters(beat, monkeypatch, query, found):
    monkeypatch.setattr("paygate.clock.now", lambda: datetime(2026, 11, 20, 9, tzinfo=UTC))
    other = a_terminal(beat.merchant, "17000012", "Bar")
    offer(
        beat.terminal,
        description="A garden",
        reference="A-1",
        expires_at=datetime(2026, 12, 1, 9, tzinfo=UTC),
    )
    late = offer(beat.terminal, description="B", reference="B-1")
    Offer.objects.filter(pk=late.pk).update(expires_at=datetime(2026, 11, 19, 9, tzinfo=UTC))
    offer(
        other, description="C", reference="", payer_email="guest@example.org",
        expires_at=datetime(2026, 11, 30, 22, tzinfo=UTC),
    )  # fmt: skip

    page = beat.browser().get(f"/backoffice/offers/?{query}")

    assert {row.split()[1] for row in rows(page)} == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("made_from=2026-10-25&made_to=2026-10-25", {"FIRST", "LAST"}),
        ("made_to=2026-10-24", {"BEFORE"}),
        ("made_from=26.10.2026", {"AFTER"}),
        ("made_from=2026-10-25&state=AUTHORIZED&q=LAST", {"LAST"}),
        ("made_from=2026-10-27", set()),
    ],
)
def test_the_journal_is_narrowed_to_days_of_the_merchant_and_its_file_too(anna, query, found):
    """25 October 2026 has 25 hours in Zurich."""
    for reference, moment in {
        "BEFORE": datetime(2026, 10, 24, 21, 59, 59, tzinfo=UTC),
        "FIRST": datetime(2026, 10, 24, 22, tzinfo=UTC),
        "LAST": datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC),
        "AFTER": datetime(2026, 10, 25, 23, tzinfo=UTC),
    }.items():
        Entry.objects.filter(pk=reservation(anna.terminal, reference=reference).pk).update(created_at=moment)

    page = anna.browser().get(f"/backoffice/journal/?{query}")
    file = anna.browser().get(f"/backoffice/journal/journal.csv?{query}").getvalue().decode()

    names = {"BEFORE", "FIRST", "LAST", "AFTER"}
    assert {name for name in names if name in words(page)} == found
    assert {line.split(",")[2] for line in file.splitlines()[1:]} == found


@pytest.mark.parametrize(
    ("query", "field", "told"),
    [
        ("made_from=soon", "made_from", "Enter a date"),
        ("made_from=2026-10-26&made_to=2026-10-25", "made_to", "This day is before the first one."),
        ("made_to=2026-02-30", "made_to", "Enter a date"),
        ("made_from=1026-10-25", "made_from", "Enter a date between the years 2000 and 2200."),
    ],
)
def test_days_that_make_no_sense_are_told_beside_their_field_and_narrow_nothing(anna, query, field, told):
    reservation(anna.terminal, reference="R-1")

    page = anna.browser().get(f"/backoffice/journal/?{query}")

    assert told in error_at(page, field)
    assert "R-1" in words(page)


def test_with_a_day_that_cannot_be_read_there_is_no_file_but_the_page_that_says_so(anna):
    reservation(anna.terminal)
    query = "made_from=2026-10-26&made_to=2026-10-25"

    page = anna.browser().get(f"/backoffice/journal/?{query}")
    file = anna.browser().get(f"/backoffice/journal/journal.csv?{query}")

    assert "Download CSV" not in words(page)
    assert file.url == f"/backoffice/journal/?{query}"


def test_a_day_of_an_address_written_as_people_write_it_stands_in_its_field(anna):
    page = anna.browser().get("/backoffice/journal/?made_from=25.10.2026&made_to=soon")

    assert (value_of(page, "made_from"), value_of(page, "made_to")) == ("2026-10-25", "soon")


def test_a_day_that_is_on_is_a_chip_in_plain_words(anna):
    page = anna.browser().get("/backoffice/journal/?made_from=2026-10-25&q=x")

    assert "From: 25 Oct 2026" in words(page)
    assert 'href="/backoffice/journal/?q=x"' in page.content.decode()


def test_a_filter_that_is_on_can_be_taken_off(beat):
    offer(beat.terminal)

    page = beat.browser().get("/backoffice/offers/?q=garden&state=PAID&before=x").content.decode()

    assert 'href="/backoffice/offers/?state=PAID"' in page
    assert 'href="/backoffice/offers/?q=garden"' in page


@pytest.mark.parametrize("section", ["offers", "links", "journal", "letters", "search"])
def test_a_card_number_that_is_searched_for_is_not_written_back(anna, section):
    offer(anna.terminal)
    a_link(anna.terminal)
    reservation(anna.terminal)

    page = anna.browser().get(f"/backoffice/{section}/", {"q": "9010003150000001"})

    assert page.status_code == 200
    assert "9010003150000001" not in page.content.decode()
    assert "looks like a card number" in words(page)


@pytest.mark.parametrize(
    "query",
    [
        "state=NONE",
        "terminal=17000099",
        "expires_from=soon",
        "kind=x",
        "q=%00",
        "q=" + "x" * 500,
        "link=%00x",
    ],
)
@pytest.mark.parametrize("section", ["offers", "links", "journal", "letters", "search"])
def test_a_filter_with_nonsense_in_it_breaks_nothing(anna, section, query):
    assert anna.browser().get(f"/backoffice/{section}/?{query}").status_code == 200


def test_the_day_at_a_glance_adds_up_each_currency_alone(anna):
    offer(anna.terminal, chf(100))
    offer(anna.terminal, chf("20.50"))
    offer(anna.terminal, eur(30))
    reservation(anna.terminal, chf(70))

    page = words(anna.browser().get("/backoffice/")).replace("\u00a0", " ")

    assert "Open offers CHF 120.50 EUR 30.00 3 offers" in page
    assert "Waiting to be booked CHF 70.00 1 reservation" in page
