"""The pictures of the quick guide, taken from the real screens in each language (SPG-QG-01).

Each run walks to every screen that the guide shows, at a desk and on a phone, and photographs it. With PAYGATE_PICTURES
set the pictures are kept where the guide has them (`make pictures`); else the kept ones must have been taken of screens
with the same headings.
"""

import io
import os
import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from paygate.backoffice.home.guide import CHAPTERS, DESK, PHONE
from paygate.languages import LANGUAGES
from tests.browser.conftest import CHECKOUT, Product, running_product
from tests.browser.steps import CHALLENGED, enter_card, sign_in
from tests.mail.post import open_post

FOLDER = CHECKOUT / "paygate" / "backoffice" / "static" / "backoffice" / "guide"
MOST_BYTES = 60_000  # of one picture
MOST_BYTES_IN_ALL = 3_000_000
IS_KEPT = bool(os.environ.get("PAYGATE_PICTURES"))
PHOTOGRAPHED = {"desk": DESK, "phone": PHONE}

# Where a picture keeps the heading of the screen it was taken of: a title in the usual form of picture metadata.
TITLE = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title></rdf:Description>'
    "</rdf:RDF></x:xmpmeta>"
)


@pytest.fixture(scope="module")
def hotel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own, for its people change their language; its letters are taken by a mail server."""
    with (
        open_post() as post,
        running_product(tmp_path_factory.mktemp("guide"), EMAIL_URL=post.url) as product,
    ):
        yield product


def fill_in(page: Page, hotel: Product, language: str) -> None:
    """The form of a new offer in this language."""
    page.goto(f"{hotel.url}/backoffice/offers/new/")
    page.locator("#id_language").select_option(language)
    page.locator("#id_description").fill("Hotel Alpenblick, 2 × CHF 210.–")
    page.locator("#id_reference").fill(f"2026-{language.upper()}")
    page.locator("#id_amount").fill("420.00")
    page.locator("#id_payer_email").fill("max.muster@example.org")


def the_form(page: Page, hotel: Product, language: str) -> None:
    fill_in(page, hotel, language)
    if page.locator("iframe[data-preview]").is_visible():
        letter = page.frame_locator("iframe[data-preview]")
        expect(letter.locator(".sum")).to_contain_text("420")
        expect(letter.locator("html")).to_have_attribute("lang", language)


def an_offer(page: Page, hotel: Product, language: str) -> None:
    """The newest one in this language, which was sent."""
    page.goto(f"{hotel.url}/backoffice/offers/?q=2026-{language.upper()}")
    page.locator("a.row").first.click()
    expect(page.locator("[data-moving] [data-state=DONE]").first).to_be_visible(timeout=20_000)


def a_multi_use_link(page: Page, hotel: Product, language: str) -> None:
    page.goto(f"{hotel.url}/backoffice/links/")
    page.locator("a.row").first.click()
    expect(page.locator("[data-paid-so-far]")).to_be_visible()


def a_reservation(page: Page, hotel: Product, language: str) -> None:
    page.goto(f"{hotel.url}/backoffice/journal/?q=2026-1051")
    page.locator("a.row").first.click()
    expect(page.locator(".detail-head [data-state=AUTHORIZED]")).to_be_visible()


def at(path: str) -> Callable[[Page, Product, str], None]:
    def go(page: Page, hotel: Product, language: str) -> None:
        answer = page.goto(f"{hotel.url}/backoffice/{path}")
        assert answer
        assert answer.status == 200

    return go


SCREENS: dict[str, Callable[[Page, Product, str], None]] = {
    "settings": at("settings/secure-paygate/"),
    "link": the_form,
    "pass-on": an_offer,
    "multi-use": a_multi_use_link,
    "follow": at("offers/"),
    "templates": at("offers/start/"),
    "book": a_reservation,
    "batch": at("batches/"),
    "letters": at("letters/"),
    "people": at("settings/people/"),
}


def photograph(page: Page, language: str, filename: str, size: tuple[int, int]) -> None:
    """What the window shows, in that language; small enough to be loaded by the dozen."""
    expect(page.locator("html")).to_have_attribute("lang", language)
    heading = page.locator("h1").first.inner_text()
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    page.evaluate("Promise.all([...document.images].map((picture) => picture.decode()))")
    taken = Image.open(io.BytesIO(page.screenshot()))
    assert taken.size == size
    small = io.BytesIO()
    taken.convert("RGB").save(
        small, "WEBP", quality=68, method=6 if IS_KEPT else 2, xmp=TITLE.format(escape(heading)).encode()
    )
    path = FOLDER / language / filename
    if IS_KEPT:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(small.getvalue())
    assert heading_of(path) == heading, f"{path}: the screen has changed; `make pictures` takes it again"


def heading_of(path: Path) -> str:
    """Of the screen that a kept picture was taken of."""
    with Image.open(path) as picture:
        found = re.search(r"<dc:title>(.*)</dc:title>", picture.info["xmp"].decode(), re.DOTALL)
    assert found
    return unescape(found.group(1))


def what_the_buyer_sees(page: Page, language: str) -> None:
    """From the letter, which stands on the page of the offer, to the end of the payment."""

    def keep(name: str) -> None:
        photograph(page, language, f"{name}-phone.webp", PHONE)

    found = re.search(r"http://[^\"'<\s]+/SecurePayGate/Payment/[^\"'<\s]+", page.content())
    assert found
    letter = page.locator(".plain-rows a[href*='/letters/']").first.get_attribute("href")
    page.goto(f"{letter}body/")
    keep("letter")
    page.goto(found.group())
    expect(page.locator("main")).to_have_attribute("data-step", "choose")
    keep("choose")
    page.locator("[data-method=CARD]").click()
    enter_card(page, CHALLENGED)
    keep("card")
    page.locator("[data-pay]").click()
    page.locator("[data-action=approve]").wait_for()
    keep("bank")
    page.locator("[data-action=approve]").click()
    expect(page.locator("main")).to_have_attribute("data-step", "paid", timeout=20_000)
    keep("paid")


def what_the_payer_of_a_multi_use_link_sees(page: Page, hotel: Product, language: str) -> None:
    """In the language of the picture, though the link has one of its own."""
    a_multi_use_link(page, hotel, language)
    found = re.search(r"http://[^\"'<\s]+/SecurePayGate/MultiUse/[^\"'<\s]+", page.content())
    assert found
    page.goto(f"{found.group()}?lang={language}")
    expect(page.locator("main")).to_have_attribute("data-step", "amount")
    photograph(page, language, "amount-phone.webp", PHONE)


def signed_in(hotel: Product, chromium: Browser, language: str) -> Page:
    """A page of somebody who reads this language, in a browser that speaks it."""
    entrance = chromium.new_context(locale="en-GB")
    page = entrance.new_page()
    sign_in(page, hotel)
    page.locator(f"button[name=language][value={language}]").evaluate("button => button.click()")
    expect(page.locator("html")).to_have_attribute("lang", language)
    context = chromium.new_context(
        locale=language, base_url=hotel.url, reduced_motion="reduce", storage_state=entrance.storage_state()
    )
    entrance.close()
    return context.new_page()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_that_the_guide_shows_is_there_to_be_photographed(
    hotel: Product, chromium: Browser, language: str
) -> None:
    """SPG-QG-01: the pictures are of the real screens, in the language of the text beside them."""
    page = signed_in(hotel, chromium, language)
    fill_in(page, hotel, language)
    page.locator("#id_by_email").check()
    page.locator("button[name=button][value=send]").click()
    expect(page.locator(".detail-head [data-sent]")).to_be_visible()

    for place, size in PHOTOGRAPHED.items():
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for name, go in SCREENS.items():
            go(page, hotel, language)
            photograph(page, language, f"{name}{'' if place == 'desk' else '-phone'}.webp", size)
    an_offer(page, hotel, language)
    what_the_buyer_sees(page, language)
    what_the_payer_of_a_multi_use_link_sees(page, hotel, language)
    page.context.close()


def test_each_picture_of_the_guide_has_a_screen() -> None:
    shown = [picture for chapter in CHAPTERS for picture in chapter.pictures]

    assert {picture.name for picture in shown if not picture.only_phone} == set(SCREENS)
    assert {picture.name for picture in shown if picture.only_phone} == {
        "letter",
        "choose",
        "card",
        "bank",
        "paid",
        "amount",
    }


def test_every_kept_picture_is_shown_and_is_small() -> None:
    named = {
        FOLDER / language / filename: size
        for language in LANGUAGES
        for chapter in CHAPTERS
        for picture in chapter.pictures
        for filename, size in picture.files.items()
    }

    assert set(FOLDER.rglob("*.webp")) == set(named)
    for path, size in named.items():
        assert 2_000 < path.stat().st_size <= MOST_BYTES, path
        assert heading_of(path)
        with Image.open(path) as picture:
            assert picture.size == size
    assert sum(path.stat().st_size for path in named) <= MOST_BYTES_IN_ALL
