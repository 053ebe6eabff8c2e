"""Links by file through the screens (SPG-UPL)."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import StreamingHttpResponse

from paygate import clock
from paygate.audit.models import AuditLine
from paygate.backoffice import uploads as handlers
from paygate.jobs.interface import run_due
from paygate.merchants.models import Licence, Role
from paygate.offers.models import Offer
from paygate.uploads import letters
from paygate.uploads.columns import COLUMNS
from paygate.uploads.models import Upload, UploadRow
from tests.backoffice.reading import error_at, rows, words
from tests.cast import a_terminal, somebody
from tests.uploads.files import WITH_LETTERS, csv, good

UPLOADS = "/backoffice/offers/upload/"
MOST_QUESTIONS = 20


def post(browser, person, content, filename="links.csv", **more):
    """A file is chosen and sent."""
    fields = {"terminal": person.terminal.number, "file": SimpleUploadedFile(filename, content), **more}
    return browser.post(UPLOADS, fields)


def taken(browser, person, content, filename="links.csv") -> str:
    """The address of its page, once it was taken."""
    response = post(browser, person, content, filename)
    assert response.status_code == 302, words(response)
    return str(response.url)


def bytes_of(response) -> bytes:
    return b"".join(response.streaming_content)


def test_the_overview_leads_to_the_page_with_terminal_file_and_specification(beat):
    """SPG-UPL-02 to 06: the button, the page it leads to, terminal, file and specification on it."""
    browser = beat.browser()
    overview = browser.get("/backoffice/offers/")
    assert f'href="{UPLOADS}"' in overview.content.decode()
    assert "Create new links by file" in words(overview)

    page = browser.get(UPLOADS)

    html = page.content.decode()
    assert '<select name="terminal"' in html
    assert 'type="file" name="file"' in html
    assert "How the file is made" in words(page)


@pytest.mark.parametrize("language", ["en", "de", "fr", "it"])
def test_the_specification_has_every_column(beat, language):
    """SPG-UPL-06, 07: published on the page, in the language of the page."""
    beat.user.language = language
    beat.user.save()

    page = words(beat.browser().get(UPLOADS))

    for column in COLUMNS:
        assert column.header(language) in page, column.key


@pytest.mark.parametrize("language", ["en", "de", "fr", "it"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_sample_files_upload_without_an_error(beat, kind, language):
    """SPG-UPL-06, 07: the samples hold every column that needs nothing of the merchant's own."""
    beat.user.language = language
    beat.user.save()
    browser = beat.browser()
    sample = bytes_of(browser.get(f"{UPLOADS}sample.{kind}?terminal={beat.terminal.number}"))

    url = taken(browser, beat, sample, f"sample.{kind}")

    upload = Upload.objects.get()
    assert (upload.state, upload.rows) == ("CHECKED", 3)
    assert not UploadRow.objects.filter(wrong=True).exists()
    assert len(upload.keys) == len(COLUMNS) - 2
    assert browser.get(url).status_code == 200


def test_the_column_for_stored_cards_is_there_with_the_licence_only(beat):
    """SPG-FRM-38: in the specification, in the samples, and among what an unknown column can be."""
    Licence.objects.update(features=["SECURE_PAYGATE"])
    browser = beat.browser()

    sample = bytes_of(browser.get(f"{UPLOADS}sample.csv"))
    url = taken(browser, beat, csv("5,CHF,Room,red", header="Amount,Currency,Description,Colour"))

    assert "Save payment means" not in words(browser.get(UPLOADS))
    assert b"Save payment means" not in sample
    assert "Save payment means" not in words(browser.get(url))
    assert taken(browser, beat, sample, "sample.csv")
    assert not UploadRow.objects.filter(wrong=True).exists()


def test_the_sample_is_in_a_currency_that_the_terminal_takes(beat):
    a_terminal(beat.merchant, "17000012", VISA=("USD",))

    assert b";USD;" in bytes_of(beat.browser().get(f"{UPLOADS}sample.csv?terminal=17000012"))


@pytest.mark.django_db(transaction=True)
def test_a_file_is_checked_confirmed_and_created(beat):
    """SPG-UPL-01, 04, 05: several single-use links are created with one file."""
    browser = beat.browser()
    url = taken(browser, beat, good(3))
    page = browser.get(url)
    assert "All rows are right" in words(page)
    assert "Create all 3 links" in words(page)
    assert "CSV, UTF-8, comma" in words(page)
    assert not Offer.objects.exists()

    browser.post(f"{url}create/", {"button": "all"})
    assert "0 of 3 rows" in words(browser.get(url))
    run_due()

    assert "3 links were created" in words(browser.get(url))
    assert Offer.objects.count() == 3
    assert {offer.get_source_display() for offer in Offer.objects.all()} == {"File"}
    assert len(rows(browser.get("/backoffice/offers/?whole&source=UPLOAD"))) == 3
    assert rows(browser.get(UPLOADS))[0].startswith("links.csv Links created")
    assert {line.action for line in AuditLine.objects.all()} == {"file uploaded", "upload confirmed"}


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


@pytest.mark.django_db(transaction=True)
def test_whoever_pauses_letters_that_are_gone_reads_so(beat):
    browser = beat.browser()
    url = taken(browser, beat, csv("5,CHF,Room,R-1,guest@example.org,yes", header=WITH_LETTERS))
    browser.post(f"{url}create/", {"button": "all"})
    run_due()

    answer = browser.post(f"{url}letters/", {"button": "pause"}, follow=True)

    assert "All letters have gone out by now." in words(answer)


@pytest.mark.parametrize(
    ("language", "word"),
    [("en", "Links created"), ("de", "Links erstellt"), ("fr", "Liens créés"), ("it", "Link creati")],
)
@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_done_says_so_in_each_language(beat, language, word):
    """It said "Création", as a heading above a date does."""
    beat.user.language = language
    beat.user.save()
    browser = beat.browser()
    url = taken(browser, beat, good(1))
    browser.post(f"{url}create/", {"button": "all"})
    run_due()

    assert rows(browser.get(UPLOADS))[0].startswith(f"links.csv {word}")


@pytest.mark.parametrize(
    ("seconds", "created", "figures"),
    [
        (0, 0, "0 of 12,000 rows You can leave"),
        (10, 3000, "3,000 of 12,000 rows 300 a second less than a minute left"),
        (30, 3000, "3,000 of 12,000 rows 100 a second about 2 minutes left"),
    ],
)
def test_progress_says_rows_done_rate_and_time_left(beat, seconds, created, figures):
    """Issue 5, point 4."""
    browser = beat.browser()
    url = taken(browser, beat, good(1))
    begun = clock.now() - timedelta(seconds=seconds, milliseconds=200)
    Upload.objects.update(state="CREATING", wanted=12_000, created=created, begun_at=begun)

    assert figures in words(browser.get(url))


def test_totals_stand_by_currency(beat):
    browser = beat.browser()
    url = taken(browser, beat, csv("5,CHF,One,,", "6.50,CHF,Two,,", "7,EUR,Three,,", "x,EUR,Four,,"))

    said = words(browser.get(url))

    assert re.search(r"CHF\s11.50 2 rows\b", said)
    assert re.search(r"EUR\s7.00 1 row\b", said)


def test_rows_that_repeat_a_reference_are_shown(beat):
    browser = beat.browser()
    url = taken(browser, beat, csv("5,CHF,One,A,", "6,CHF,Two,A,", "7,CHF,Three,B,"))

    said = words(browser.get(f"{url}?show=repeats"))

    assert "Reference used before 2" in said
    assert "Row 2 One A" in said
    assert "Row 4" not in said


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


def test_a_refused_file_says_why_beside_the_field_and_leaves_nothing(beat):
    browser = beat.browser()

    answer = post(browser, beat, csv("5,CHF,4111 1111 1111 1111,,"))

    assert answer.status_code == 422
    assert "Cell C2 looks like a card number" in error_at(answer, "file")
    assert "4111" not in words(answer)
    assert not Upload.objects.exists()


@pytest.mark.parametrize("number", ["17000099", "17999999", "", "x"])
def test_another_merchants_terminal_takes_no_file(beat, carla, number):
    answer = post(beat.browser(), beat, good(1), terminal=number)

    assert answer.status_code == 422
    assert error_at(answer, "terminal") in ("Choose one of your terminals.", "Choose a terminal.")
    assert not Upload.objects.exists()


def test_a_terminal_that_lacks_the_currency_takes_no_file(beat):
    a_terminal(beat.merchant, "17000012", VISA=("USD",))

    answer = post(beat.browser(), beat, good(1), terminal="17000012")

    assert "Terminal 17000012 takes USD. The file asks for CHF." in error_at(answer, "terminal")


def test_without_a_file_the_field_says_so(beat):
    answer = beat.browser().post(UPLOADS, {"terminal": beat.terminal.number})

    assert error_at(answer, "file") == "Choose a file."


def test_the_same_file_again_leads_to_what_became_of_it(beat):
    browser = beat.browser()
    url = taken(browser, beat, good(2))

    answer = browser.post(
        UPLOADS, {"terminal": beat.terminal.number, "file": SimpleUploadedFile("b.csv", good(2))}, follow=True
    )

    assert answer.redirect_chain[-1][0] == url
    assert "This file was uploaded before" in words(answer)


def test_a_file_of_more_than_five_megabytes_is_taken_here_and_nowhere_else(beat, monkeypatch):
    monkeypatch.setattr(handlers, "MOST_BYTES", 1000)
    monkeypatch.setattr(handlers, "MOST_TOGETHER", 2000)
    browser = beat.browser()

    assert post(browser, beat, good(100)).status_code == 302
    monkeypatch.setattr(handlers, "MOST_OF_BULK", 3000)
    answer = post(browser, beat, good(200))
    assert "larger than 50 MB" in error_at(answer, "file")
    assert Upload.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_letters_can_be_paused_and_the_result_be_had(beat, monkeypatch):
    monkeypatch.setattr(letters, "PAUSE", timedelta(hours=1))
    browser = beat.browser()
    rows_ = [f"5,CHF,Room,R-{n},guest{n}@example.org,yes" for n in range(12)]
    url = taken(browser, beat, csv(*rows_, header=WITH_LETTERS))
    assert "12, at most 300 a minute" in words(browser.get(url))
    browser.post(f"{url}create/", {"button": "all"})
    run_due()
    assert "2 letters are still to go out, at most 300 a minute." in words(browser.get(url))

    paused = browser.post(f"{url}letters/", {"button": "pause"}, follow=True)
    assert "The letters are paused: 2 are left." in words(paused)
    browser.post(f"{url}letters/", {"button": "continue"})
    letters.send_some(Upload.objects.get().pk, now=clock.now())

    page = browser.get(url)
    assert "letters are still to go out" not in words(page)
    result = bytes_of(browser.get(f"{url}result.csv")).decode("utf-8-sig").splitlines()
    assert result[0] == f"{WITH_LETTERS},OfferId,Link,QrFile,Status,Problem"
    assert len(result) == 13
    assert bytes_of(browser.get(f"{url}result.xlsx")).startswith(b"PK")
    codes = browser.get(f"{url}qr.zip")
    assert isinstance(codes, StreamingHttpResponse)
    assert codes["Content-Disposition"] == 'attachment; filename="links-result-qr.zip"'
    assert bytes_of(codes).startswith(b"PK")
    assert AuditLine.objects.filter(action="exported").count() == 3


def test_a_file_is_discarded(beat):
    browser = beat.browser()
    url = taken(browser, beat, good(2))

    answer = browser.post(f"{url}discard/", follow=True)

    assert "The file was discarded. Nothing was created." in words(answer)
    assert browser.get(url).status_code == 404


@pytest.mark.parametrize("role", [Role.READER, Role.AUDITOR, Role.CASHIER])
def test_who_may_not_write_offers_is_not_led_there(alpenblick, role):
    browser = somebody(alpenblick, "Rita", role).browser()

    assert "Create new links by file" not in words(browser.get("/backoffice/offers/"))
    assert browser.get(UPLOADS).status_code == 403


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


def test_a_page_of_an_upload_asks_few_questions(beat, django_assert_max_num_queries):
    browser = beat.browser()
    url = taken(browser, beat, csv(*(f"x,CHF,Room {n},R-{n % 3}," for n in range(60))))

    for query in ("", "?show=repeats", "?show=all"):
        with django_assert_max_num_queries(MOST_QUESTIONS):
            assert browser.get(url + query).status_code == 200
    with django_assert_max_num_queries(MOST_QUESTIONS):
        browser.get(UPLOADS)
