"""What is wrong in a file of links is shown at its place and mended there (SPG-UPL-07)."""

import re

import pytest

from paygate.audit.models import AuditLine
from paygate.jobs.interface import run_due
from paygate.uploads.models import Upload, UploadRow
from tests.backoffice.reading import words
from tests.backoffice.upload_steps import UPLOADS, taken
from tests.uploads.files import csv, good


def test_what_is_wrong_stands_at_its_cell_and_is_mended_there(beat):
    """SPG-UPL-07: row and column, the value, and what would be right."""
    browser = beat.browser()
    url = taken(browser, beat, csv("5,CHF,One,A,", "x,CHF,Two,B,anna", "7,EUR,Three,C,"))

    page = browser.get(url)
    said = words(page)
    assert "1 row cannot be created as it is" in said
    assert "Create the 2 right ones" in said
    assert "Row 3 Two" in said
    assert "Amount A3 This is not an amount" in said
    assert "E-mail E3 This is not a complete e-mail address" in said
    assert 'value="anna"' in page.content.decode()

    answer = browser.post(
        f"{url}row/", {"row": "3", "cell_0": "x", "cell_4": "anna@example.org"}, follow=True
    )
    assert "Row 3 was checked again." in words(answer)
    answer = browser.post(f"{url}row/", {"row": "3", "cell_0": "6"}, follow=True)

    assert "Row 3 is right now." in words(answer)
    assert "Create all 3 links" in words(answer)


def test_whoever_mends_a_row_goes_on_where_they_were(beat):
    """Without a mouse, every row had to be looked for again from the top of the first page."""
    browser = beat.browser()
    url = taken(browser, beat, csv(*(f"x,CHF,Room {n},R-{n}," for n in range(26))))
    html = browser.get(url).content.decode()
    second = re.search(r'href="[^"]*before=([^"&#]*)', html)
    assert second
    assert "Older" not in html
    place = {"show": "wrong", "before": second[1]}
    assert (
        f'name="before" value="{place["before"]}"'
        in browser.get(f"{url}?before={place['before']}").content.decode()
    )

    still_wrong = browser.post(f"{url}row/", {"row": "27", "cell_0": "y", **place})
    assert still_wrong.url == f"{url}?show=wrong&before={place['before']}#row-27"
    told = browser.get(still_wrong.url).content.decode()
    assert (
        told.index('id="row-27"') < told.index("Row 27 was checked again.") < told.index("Amount <i>A27</i>")
    )

    right = browser.post(f"{url}row/", {"row": "27", "cell_0": "5", **place}, follow=True)
    assert [one for one, _status in right.redirect_chain] == [
        f"{url}?show=wrong&before={place['before']}#rows",
        f"{url}?show=wrong#rows",  # there is no second page any more
    ]
    assert "Row 27 is right now." in words(right)
    assert "Row 2 Room 0" in words(right)


def test_why_a_cell_was_refused_stands_at_its_row(beat):
    """It stood above the page, out of sight."""
    browser = beat.browser()
    url = taken(browser, beat, csv("x,CHF,One,A,", "y,CHF,Two,B,"))

    answer = browser.post(f"{url}row/", {"row": "3", "cell_0": "4111 1111 1111 1111"}, follow=True)

    html = answer.content.decode()
    assert answer.redirect_chain[-1][0] == f"{url}#row-3"
    assert html.index('id="row-3"') < html.index("This looks like a card number.")
    assert "4111" not in html


def test_where_to_go_on_is_nowhere_else(beat):
    browser = beat.browser()
    url = taken(browser, beat, csv("x,CHF,One,A,"))

    nonsense = {
        "row": "2",
        "cell_0": "y",
        "show": "//evil.example",
        "before": "4111111111111111",
        "after": "x#y",
    }

    assert browser.post(f"{url}row/", nonsense).url == f"{url}#row-2"


def test_what_was_said_of_the_other_columns_stays_when_two_are_the_same(beat):
    browser = beat.browser()
    header = "Amount,Currency,Description,Colour,Number,Floor"
    url = taken(browser, beat, csv("5,CHF,Room,red,A-1,2", header=header))

    said = {"column_3": "address_street2", "column_4": "reference", "column_5": "reference"}
    answer = browser.post(f"{url}columns/", said)

    assert answer.status_code == 422
    assert "Two columns cannot be the same." in words(answer)
    chosen = re.findall(r'<option value="([^"]*)" selected>', answer.content.decode())
    assert chosen == list(said.values())
    assert Upload.objects.get().keys[3] is None


@pytest.mark.django_db(transaction=True)
def test_rows_that_are_left_over_are_not_called_others(beat):
    """After the right rows were created there were no others to create without them."""
    browser = beat.browser()
    url = taken(browser, beat, csv("5,CHF,One,A,", "x,CHF,Two,B,"))
    assert "or create the others without it" in words(browser.get(url))
    browser.post(f"{url}create/", {"button": "right"})
    run_due()

    said = words(browser.get(url))

    assert "1 row cannot be created as it is. Mend it below." in said
    assert "without it" not in said


def test_unknown_columns_are_asked_for(beat):
    browser = beat.browser()
    url = taken(browser, beat, csv("5,CHF,Room,red", header="Amount,Currency,Description,Colour"))

    page = browser.get(url)
    assert "Column D: Colour" in words(page)
    assert "For example: red" in words(page)

    page = browser.post(f"{url}columns/", {"column_3": "reference"}, follow=True)
    assert "All rows are right" in words(page)
    assert UploadRow.objects.get().reference == "red"


def test_what_was_said_of_a_column_by_mistake_can_be_forgotten(beat):
    browser, header = beat.browser(), "Amount,Currency,Description,Colour"
    url = taken(browser, beat, csv("5,CHF,Room,red", header=header))
    browser.post(f"{url}columns/", {"column_3": "reference"})
    assert "colour · Reference" in words(browser.get(UPLOADS))

    page = browser.post(f"{UPLOADS}columns/forget/", {"name": "colour"}, follow=True)
    again = browser.post(f"{UPLOADS}columns/forget/", {"name": "colour"})

    assert "Forgotten. The next file" in words(page)
    assert "colour" not in words(page)
    assert again.url == UPLOADS
    told = AuditLine.objects.filter(action="upload changed", subject="upload")
    assert [line.detail for line in told] == [{"forgotten": "colour"}]
    url = taken(browser, beat, csv("6,CHF,Room,red", header=header))
    assert "Column D: Colour" in words(browser.get(url))


@pytest.mark.parametrize("said", ["", "amount", "nonsense"])
def test_nonsense_said_of_a_column_changes_nothing(beat, said):
    browser = beat.browser()
    url = taken(browser, beat, csv("5,CHF,Room,red", header="Amount,Currency,Description,Colour"))

    browser.post(f"{url}columns/", {"column_3": said} if said else {})

    assert Upload.objects.get().keys[3] is None


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"row": "x"},
        {"row": "2", "cell_99": "5"},
        {"row": "2", "cell_-1": "5"},
        {"row": "9" * 30, "cell_0": "5"},
    ],
)
def test_a_cell_that_is_not_there_cannot_be_mended(beat, nonsense):
    browser = beat.browser()
    url = taken(browser, beat, good(1))

    assert browser.post(f"{url}row/", nonsense).status_code == 404
