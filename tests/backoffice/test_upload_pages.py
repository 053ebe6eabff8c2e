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
from tests.backoffice.upload_steps import UPLOADS, bytes_of, post, taken
from tests.cast import a_terminal, somebody
from tests.uploads.files import WITH_LETTERS, csv, good

MOST_QUESTIONS = 20


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


def test_a_page_of_an_upload_asks_few_questions(beat, django_assert_max_num_queries):
    browser = beat.browser()
    url = taken(browser, beat, csv(*(f"x,CHF,Room {n},R-{n % 3}," for n in range(60))))

    for query in ("", "?show=repeats", "?show=all"):
        with django_assert_max_num_queries(MOST_QUESTIONS):
            assert browser.get(url + query).status_code == 200
    with django_assert_max_num_queries(MOST_QUESTIONS):
        browser.get(UPLOADS)
