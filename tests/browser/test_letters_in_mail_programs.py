"""Letters as mail programs show them: phone and desktop, light and dark, without style elements, without pictures.

Gmail drops style elements from large letters and in some of its programs, Outlook shows no picture until it is asked
to, Apple Mail goes dark by itself. With PAYGATE_PICTURES set, each is kept as a picture.
"""

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from paygate.mail.attachments import Inline, with_pictures
from paygate.mail.outbox import render
from paygate.merchants.letter_words import Words, context_of
from paygate.merchants.models import LetterKind
from paygate.qr import png
from tests.mail.words import in_our_words

LINK = "https://pay.example/SecurePayGate/Payment/100001/17740001/6f1c2a50-3c9e-4d14-9b1a-0a7b8f2f5f11"
MOMENT = datetime(2026, 11, 24, 22, 0, tzinfo=ZoneInfo("Europe/Zurich"))
FACTS: dict[str, Any] = {
    "merchant_name": "Hotel Alpenblick",
    "amount": "CHF\u00a01’249.90",
    "description": "Double room, two nights",
    "reference": "2026-0412",
    "zone": "Europe/Zurich",
    "website": "https://alpenblick.example",
    "address": "Seestrasse 12, 3800 Interlaken",
    "test": False,
    "link": LINK,
    "expires_at": MOMENT,
    "method": "Visa",
    "last4": "1234",
    "transaction_id": "k9Q2mV7tXz4Lr8Bn1Wd6Hs3Pf5Jc",
    "paid_at": MOMENT,
}
OWN = Words(
    subject="Ihr Zimmer im Hotel Alpenblick",
    salutation="Guten Tag Maria Muster-Oberhauserstaufenbergerinnen",
    text="Wir freuen uns auf Sie.\nBitte zahlen Sie bis am Freitag.\n\n"
    + "Donaudampfschifffahrtskapitänsmützenabzeichen" * 2,
    signature="Herzlich\nAnna Alpenrose\nEmpfang",
)
TEMPLATES = {
    LetterKind.OFFER: "offers/letters/offer",
    LetterKind.CONFIRMATION: "checkout/letters/confirmation",
}

as_each_letter = pytest.mark.parametrize("kind", LetterKind, ids=[kind.value for kind in LetterKind])
at_each_width = pytest.mark.parametrize("width", [390, 700], ids=["390", "700"])


def letter(kind: LetterKind, words: Words | None = None) -> str:
    """The letter's HTML with its picture inside."""
    said = context_of(words) if words else in_our_words(kind, "de", FACTS)
    written = render(TEMPLATES[kind], "de", FACTS | said)
    return with_pictures(written.html, [Inline("qr", "image/png", png(LINK, scale=6))])


def without_style_elements(html: str) -> str:
    return re.sub(r"<style\b.*?</style>", "", html, flags=re.DOTALL)


def without_pictures(html: str) -> str:
    return re.sub(r'src="data:[^"]*"', 'src="data:,"', html)


@pytest.fixture(params=["light", "dark"])
def shown(request: pytest.FixtureRequest, chromium: Browser, width: int) -> Iterator[Page]:
    """A window of a mail program."""
    context = chromium.new_context(
        viewport={"width": width, "height": 1000}, color_scheme=request.param, java_script_enabled=True
    )
    yield context.new_page()
    context.close()


def look(page: Page, html: str, name: str) -> None:
    """Nothing is cut off at the sides, and nothing is too pale to be read."""
    page.set_content(html)
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, f"{name} scrolls sideways"
    found = Axe().run(
        page, options={"runOnly": ["color-contrast", "image-alt", "link-name", "html-has-lang"]}
    )
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    kept = os.environ.get("PAYGATE_PICTURES", "")
    if kept:
        scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
        size = page.viewport_size
        assert size is not None
        Path(kept).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(kept) / f"letter-{name}-{size['width']}-{scheme}.png", full_page=True)


@as_each_letter
@at_each_width
def test_as_it_was_written(kind: LetterKind, shown: Page) -> None:
    look(shown, letter(kind), kind.value)

    expect(shown.get_by_text("CHF 1’249.90", exact=True)).to_be_visible()
    if kind is LetterKind.OFFER:
        expect(shown.get_by_role("link", name="Jetzt bezahlen")).to_be_in_viewport()
        expect(shown.get_by_role("img")).to_be_visible()


@as_each_letter
@at_each_width
def test_in_long_words_of_ones_own(kind: LetterKind, shown: Page) -> None:
    look(shown, letter(kind, OWN), f"{kind.value}-own-words")

    expect(shown.get_by_text("Anna Alpenrose")).to_be_visible()


@as_each_letter
@at_each_width
def test_without_style_elements(kind: LetterKind, shown: Page) -> None:
    """What matters stands in the elements: the button is a button, the paper is white."""
    look(shown, without_style_elements(letter(kind)), f"{kind.value}-bare")

    if kind is LetterKind.OFFER:
        button = shown.get_by_role("link", name="Jetzt bezahlen")
        expect(button).to_have_css("background-color", "rgba(0, 0, 0, 0)")
        expect(button.locator("xpath=ancestor::td[1]")).to_have_css("background-color", "rgb(11, 95, 107)")
        expect(button).to_have_css("color", "rgb(255, 255, 255)")


@at_each_width
def test_without_pictures_the_code_says_what_it_is_and_the_link_is_there_to_be_read(shown: Page) -> None:
    look(shown, without_pictures(letter(LetterKind.OFFER)), "offer-no-pictures")

    expect(shown.get_by_alt_text("QR-Code der Zahlungsseite")).to_be_visible()
    expect(shown.get_by_role("link", name=LINK)).to_be_visible()


@at_each_width
def test_without_both_it_can_still_be_paid(shown: Page) -> None:
    look(shown, without_style_elements(without_pictures(letter(LetterKind.OFFER))), "offer-bare-no-pictures")

    expect(shown.get_by_role("link", name="Jetzt bezahlen")).to_be_visible()
