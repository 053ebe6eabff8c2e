"""What the buyer of an offer reads (SPG-PAY-01, 02; SPG-FRM-53; safety.md EM-3, EM-4)."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from paygate.languages import LANGUAGES
from paygate.mail.outbox import Rendered, render
from paygate.merchants.models import LetterKind
from tests.mail.reading import read
from tests.mail.words import in_our_words

LINK = "https://pay.example/SecurePayGate/Payment/100001/17740001/6f1c2a50-3c9e-4d14-9b1a-0a7b8f2f5f11"
WEBSITE = "https://alpenblick.example"
ADDRESS = "Seestrasse 12, 3800 Interlaken"
SUM = "CHF\u00a01’249.90"

in_every_language = pytest.mark.parametrize("language", LANGUAGES)


def letter(language: str = "en", **other: Any) -> Rendered:
    facts: dict[str, Any] = {
        "merchant_name": "Hotel Alpenblick",
        "amount": SUM,
        "description": "Double room, two nights",
        "reference": "2026-0412",
        "link": LINK,
        "expires_at": datetime(2026, 11, 24, 22, 0, tzinfo=ZoneInfo("Europe/Zurich")),
        "zone": "Europe/Zurich",
        "website": WEBSITE,
        "address": ADDRESS,
        "test": False,
    }
    facts |= other
    return render("offers/letters/offer", language, in_our_words(LetterKind.OFFER, language, facts) | facts)


def test_the_button_leads_to_the_payment_page() -> None:
    assert read(letter().html).links["Pay now"] == LINK


@in_every_language
def test_the_link_is_on_the_button_and_also_there_to_be_read(language: str) -> None:
    found = read(letter(language).html)

    assert list(found.links.values()).count(LINK) == 2
    assert LINK in found.links


@in_every_language
def test_letter_and_twin_both_say_what_is_asked_for_by_whom_and_where_to_pay(language: str) -> None:
    written = letter(language)

    for words in (read(written.html).words, written.text.replace("\u00a0", " ")):
        for fact in (
            "Hotel Alpenblick",
            "CHF 1’249.90",
            "Double room, two nights",
            "2026-0412",
            LINK,
            WEBSITE,
            ADDRESS,
        ):
            assert fact in words


@in_every_language
def test_it_leads_only_to_the_payment_page_and_the_merchants_site_and_loads_only_its_own_code(
    language: str,
) -> None:
    found = read(letter(language).html)

    assert found.addresses == {LINK, WEBSITE, "cid:qr"}
    assert "http" not in found.comments


def test_the_code_can_be_scanned_instead() -> None:
    found = read(letter().html)

    assert "or scan" in found.words
    assert "cid:qr" in found.addresses


@pytest.mark.parametrize(
    ("language", "date"),
    [
        ("en", "24 Nov 2026, 22:00"),
        ("de", "24. Nov. 2026, 22:00"),
        ("fr", "24 nov. 2026, 22:00"),
        ("it", "24 nov 2026, 22:00"),
    ],
)
def test_the_deadline_is_written_in_the_language_with_the_zone_beside_it(language: str, date: str) -> None:
    written = letter(language)

    assert f"{date} (Europe/Zurich)" in read(written.html).words
    assert f"{date} (Europe/Zurich)" in written.text


@in_every_language
def test_the_letter_says_which_language_it_is_in(language: str) -> None:
    assert f'<html lang="{language}"' in letter(language).html


@in_every_language
def test_the_subject_is_one_line_with_merchant_and_sum(language: str) -> None:
    subject = letter(language, merchant_name="Hotel\r\nBcc: x@example.org").subject

    assert len(subject.splitlines()) == 1
    assert "Hotel Bcc: x@example.org" in subject
    assert "CHF 1’249.90" in subject


def test_marks_that_a_merchant_types_are_shown_as_they_were_typed() -> None:
    typed = (
        '<script>alert(1)</script> "x" & {{ 7*7 }} {% raw %} %(amount)s 100 % <a href="https://evil.example">'
    )
    written = letter(description=typed, merchant_name=typed, reference=typed)
    found = read(written.html)

    assert typed in found.words
    assert written.text.count(typed) >= 3
    assert typed in written.subject
    assert "script" not in found.tags
    assert found.addresses == {LINK, WEBSITE, "cid:qr"}


@in_every_language
def test_a_test_merchants_letter_says_so_at_once(language: str) -> None:
    trial, real = letter(language, test=True), letter(language)

    assert trial.subject != real.subject
    assert trial.subject.endswith(real.subject)
    assert trial.text.endswith(real.text)
    assert len(trial.text.splitlines()) == len(real.text.splitlines()) + 2


def test_a_test_is_called_a_test() -> None:
    trial = letter(test=True)

    assert trial.subject.startswith("TEST: ")
    assert trial.text.startswith("*** TEST: No money moves here. ***")
    assert "TEST No money moves here." in read(trial.html).words
    assert "TEST" not in read(letter().html).words


def test_what_the_merchant_left_empty_leaves_no_empty_lines() -> None:
    written = letter(reference="", website="", address="")

    assert "Reference" not in written.text + read(written.html).words
    assert "Website" not in written.text + read(written.html).words
    assert read(written.html).addresses == {LINK, "cid:qr"}


def test_colours_stand_in_the_elements_and_the_rules_for_dark_and_narrow_screens_in_the_head() -> None:
    html = letter().html

    assert 'style="' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media (max-width: 620px)" in html
    assert len(html) < 60_000  # some mail programs cut long letters off


def test_in_french_a_space_that_does_not_break_stands_before_the_colon() -> None:
    assert "Référence\u00a0: 2026-0412" in letter("fr").text
    assert "Referenz: 2026-0412" in letter("de").text
