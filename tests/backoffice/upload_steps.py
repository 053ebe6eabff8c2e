"""Sending a file of links in, through the screen."""

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.backoffice.reading import words

UPLOADS = "/backoffice/offers/upload/"


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
