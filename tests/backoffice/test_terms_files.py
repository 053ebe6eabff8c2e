"""Terms and conditions, one file for each language (SPG-SET-31, 33, 34; safety.md UP-1, UP-2, UP-4)."""

import pytest

from paygate.merchants.models import TermsFile
from tests.backoffice.reading import error_at, rows, words
from tests.backoffice.settings_form import PAGE, save, terms_file
from tests.mail.pdfs import pdf

TERMS = f"{PAGE}terms/"


def current() -> dict[str, str]:
    return dict(TermsFile.objects.filter(replaced_at=None).values_list("language", "name"))


def test_terms_are_uploaded_for_a_language(anna):
    """SPG-SET-31, 33: choose a language, attach a file for it."""
    save(anna, terms_language="en", terms=terms_file("Terms.pdf"))
    save(anna, terms_language="de", terms=terms_file("AGB.pdf"))

    assert current() == {"en": "Terms.pdf", "de": "AGB.pdf"}
    german, english = rows(anna.browser().get(PAGE))
    assert german.startswith("Deutsch AGB.pdf today ")
    assert german.endswith("by Anna")
    assert english.startswith("English Terms.pdf today ")


def test_a_new_file_replaces_the_one_of_its_language_and_the_old_one_is_kept(anna):
    save(anna, terms=terms_file("2025.pdf", pdf(b"% 2025\n")))
    save(anna, terms=terms_file("2026.pdf", pdf(b"% 2026\n")))
    browser = anna.browser()

    said = words(browser.get(TERMS))
    old = TermsFile.objects.exclude(replaced_at=None).get()

    assert current() == {"en": "2026.pdf"}
    assert said.index("2026.pdf") < said.index("Replaced or removed") < said.index("2025.pdf")
    assert browser.get(f"{TERMS}{old.pk}/").content == pdf(b"% 2025\n")


def test_a_file_is_downloaded_and_never_opened_in_the_browser(anna, carla):
    save(anna, terms=terms_file("Größe & Preis.pdf"))
    path = f"{TERMS}{TermsFile.objects.get().pk}/"

    response = anna.browser().get(path)

    assert response.content == pdf()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe")
    assert (response["X-Content-Type-Options"], response["Content-Security-Policy"]) == (
        "nosniff",
        "sandbox; default-src 'none'",
    )
    assert carla.browser().get(path).status_code == 404


def test_terms_are_removed_until_one_file_is_left(anna):
    """SPG-SET-34: the last set stays."""
    save(anna, terms=terms_file())
    save(anna, terms_language="fr", terms=terms_file("CGV.pdf"))
    browser = anna.browser()

    removed = browser.post(f"{TERMS}en/remove", follow=True)
    refused = browser.post(f"{TERMS}fr/remove", follow=True)

    assert "Letters in this language go without terms and conditions from now on." in words(removed)
    assert "These are your only terms and conditions." in words(refused)
    assert "Remove CGV.pdf" not in refused.content.decode()
    assert current() == {"fr": "CGV.pdf"}


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (terms_file("terms.docx"), "its name ends with .pdf"),
        (terms_file("terms.exe.pdf"), "two endings"),
        (terms_file(content=b"MZ and a program"), "not what its name says"),
        (terms_file(content=b""), "The file is empty."),
        (terms_file(content=pdf(b"5 0 obj\n<< /S /JavaScript /JS (x) >>\nendobj\n")), "holds a script"),
        (terms_file(content=pdf(b"5 0 obj\n<< /S /Launch >>\nendobj\n")), "starts something"),
        (terms_file(content=pdf() + b" " * 3_500_000), "larger than 3.5 MB"),
        (terms_file(content=pdf() + b" " * 6_000_000), "larger than 5 MB"),
    ],
    ids=[
        "not a PDF by name",
        "two endings",
        "a program",
        "empty",
        "JavaScript",
        "launches",
        "too large",
        "far too large",
    ],
)
def test_what_may_not_travel_with_letters_is_refused(anna, file, said):
    file.seek(0)

    response = save(anna, terms=file)

    assert response.status_code == 422
    assert said in error_at(response, "terms")
    assert not TermsFile.objects.exists()


def test_with_a_wrong_file_nothing_else_is_saved_and_all_is_said(anna):
    response = save(anna, terms=terms_file("terms.txt"), reply_to="nobody")

    assert error_at(response, "terms")
    assert error_at(response, "reply_to")


def test_a_page_without_terms_says_where_to_attach_them(anna):
    assert "No terms and conditions yet" in words(anna.browser().get(TERMS))
