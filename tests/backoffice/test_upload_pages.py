"""Links by file through the screens (SPG-UPL)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from paygate.jobs.interface import run_due
from paygate.offers.models import Offer
from tests.backoffice.reading import rows, words
from tests.uploads.files import good

UPLOADS = "/backoffice/offers/upload/"


def post(browser, person, content, filename="links.csv", **more):
    fields = {"terminal": person.terminal.number, "file": SimpleUploadedFile(filename, content), **more}
    return browser.post(UPLOADS, fields)


def test_the_overview_leads_to_the_page_with_terminal_file_and_specification(beat):
    """SPG-UPL-02 to 06: the button, the page it leads to, terminal, file and specification on it."""
    browser = beat.browser()
    assert f'href="{UPLOADS}"' in browser.get("/backoffice/offers/").content.decode()
    assert "Create new links by file" in words(browser.get("/backoffice/offers/"))

    page = browser.get(UPLOADS)

    html = page.content.decode()
    assert 'name="terminal"' in html
    assert 'type="file" name="file"' in html
    assert "How the file is made" in words(page)
    assert "Gültig bis" in words(page)


@pytest.mark.django_db(transaction=True)
def test_a_file_is_checked_confirmed_and_created(beat):
    """SPG-UPL-01, 05: several single-use links are created with one file."""
    browser = beat.browser()

    response = post(browser, beat, good(3))
    assert response.status_code == 302, words(response)
    page = browser.get(response.url)
    assert "All rows are right" in words(page)
    assert "Create all 3 links" in words(page)
    assert not Offer.objects.exists()

    browser.post(f"{response.url}create/", {"button": "all"})
    assert "0 of 3 rows" in words(browser.get(response.url))
    run_due()

    assert "3 links were created" in words(browser.get(response.url))
    assert Offer.objects.count() == 3
    assert "File" in words(browser.get("/backoffice/offers/?whole"))
    assert [row.split()[0] for row in rows(browser.get(UPLOADS))] == ["links.csv"]
