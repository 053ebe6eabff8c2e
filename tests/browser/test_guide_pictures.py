"""The pictures of the quick guide, taken from the real screens in each language (SPG-QG-01).

Each run walks to every screen that the guide shows. With PAYGATE_PICTURES set the pictures are kept where the guide has
them (`make pictures`).
"""

import io
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from paygate.backoffice.home.guide import CHAPTERS, PHONE_SIZE, PICTURE_SIZE
from paygate.languages import LANGUAGES
from tests.browser.conftest import CHECKOUT, Product, running_product
from tests.browser.steps import sign_in

FOLDER = CHECKOUT / "paygate" / "backoffice" / "static" / "backoffice" / "guide"
MOST_BYTES = 60_000  # of one picture
IS_KEPT = bool(os.environ.get("PAYGATE_PICTURES"))


@pytest.fixture(scope="module")
def hotel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own: its people change their language."""
    with running_product(tmp_path_factory.mktemp("guide")) as product:
        yield product


def an_offer(page: Page, hotel: Product, language: str) -> str:
    """Write an offer in this language, and stay on its page; its link."""
    page.goto(f"{hotel.url}/backoffice/offers/new/")
    page.locator("#id_description").fill("Hotel Alpenblick, 2 × CHF 210.–")
    page.locator("#id_reference").fill(f"2026-{language.upper()}")
    page.locator("#id_amount").fill("420")
    page.locator("#id_language").select_option(language)
    page.locator("[data-save]").click()
    expect(page.locator("[data-status=OPEN]").first).to_be_visible()
    found = re.search(r"http://[^\"'<\s]+/SecurePayGate/Payment/[^\"'<\s]+", page.content())
    assert found
    return found.group()


def the_form(page: Page, hotel: Product) -> None:
    page.goto(f"{hotel.url}/backoffice/offers/new/")
    page.locator("#id_description").fill("Hotel Alpenblick, 2 × CHF 210.–")
    page.locator("#id_amount").fill("420")
    page.locator("#id_reference").fill("2026-1066")


def a_reservation(page: Page, hotel: Product) -> None:
    page.goto(f"{hotel.url}/backoffice/journal/?state=AUTHORIZED")
    page.locator("a.row").first.click()
    expect(page.locator(".detail-head [data-state=AUTHORIZED]")).to_be_visible()


def at(path: str) -> Callable[[Page, Product], None]:
    def go(page: Page, hotel: Product) -> None:
        answer = page.goto(f"{hotel.url}/backoffice/{path}")
        assert answer
        assert answer.status == 200

    return go


SCREENS: dict[str, Callable[[Page, Product], None]] = {
    "settings": at("settings/secure-paygate/"),
    "link": the_form,
    "follow": at("offers/"),
    "templates": at("offers/start/"),
    "book": a_reservation,
    "batch": at("batches/"),
    "people": at("settings/people/"),
}


def keep(page: Page, language: str, name: str, size: tuple[int, int]) -> None:
    """Photograph what the window shows; small enough to be loaded by the dozen."""
    page.wait_for_timeout(200)  # letters beside the form are loaded late
    taken = Image.open(io.BytesIO(page.screenshot()))
    assert taken.size == size
    small = io.BytesIO()
    taken.convert("RGB").save(small, "WEBP", quality=78, method=6)
    assert len(small.getvalue()) <= MOST_BYTES, f"{name} in {language}: {len(small.getvalue())} bytes"
    if IS_KEPT:
        path = FOLDER / language / f"{name}.webp"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(small.getvalue())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_that_the_guide_shows_is_there_to_be_photographed(
    hotel: Product, chromium: Browser, language: str
) -> None:
    desk = chromium.new_context(
        viewport={"width": PICTURE_SIZE[0], "height": PICTURE_SIZE[1]}, reduced_motion="reduce"
    )
    page = desk.new_page()
    sign_in(page, hotel)
    page.locator(f"button[name=language][value={language}]").evaluate("button => button.click()")
    expect(page.locator("html")).to_have_attribute("lang", language)
    for name, go in SCREENS.items():
        go(page, hotel)
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("h1")).to_be_visible()
        keep(page, language, name, PICTURE_SIZE)
    link = an_offer(page, hotel, language)
    keep(page, language, "pass-on", PICTURE_SIZE)
    desk.close()

    phone = chromium.new_context(viewport={"width": PHONE_SIZE[0], "height": PHONE_SIZE[1]})
    page = phone.new_page()
    page.goto(link)
    expect(page.locator("main")).to_have_attribute("data-step", "choose")
    expect(page.locator("html")).to_have_attribute("lang", language)
    keep(page, language, "buyer", PHONE_SIZE)
    phone.close()


def test_each_chapters_picture_has_a_screen() -> None:
    named = {chapter.anchor for chapter in CHAPTERS if chapter.picture}

    assert named == {*SCREENS, "pass-on", "buyer"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_picture_is_kept_and_small(language: str) -> None:
    for chapter in (chapter for chapter in CHAPTERS if chapter.picture):
        path: Path = FOLDER / language / f"{chapter.anchor}.webp"
        assert 2_000 < path.stat().st_size <= MOST_BYTES
        with Image.open(path) as picture:
            assert picture.size == chapter.size
