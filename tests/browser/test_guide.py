"""The quick guide on a phone and at a desk, and on paper."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Camera, Product
from tests.browser.steps import sign_in


def test_the_guide_is_read_beside_the_work(
    product: Product, clerk: BrowserContext, camera: Camera, width: int
) -> None:
    """SPG-QG-01: every entry of its contents leads to a chapter, and every picture is there when one comes to it."""
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/guide/")
    camera.look(page, "guide")

    pictures = page.locator(".photos img")
    assert pictures.count() >= 10
    heights = "[...document.querySelectorAll('.photos img')].map((picture) => picture.clientHeight)"
    room = page.evaluate(heights)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        picture.evaluate("picture => picture.decode()")
        shown = picture.evaluate("picture => picture.currentSrc")
        assert ("-phone." in shown) == (width < 720 or "phone" in str(picture.get_attribute("src")))
    assert page.evaluate(heights) == room, "nothing moves when a picture comes"

    for entry in page.locator(".guide-contents a").all():
        entry.click()
        expect(page.locator(f"{entry.get_attribute('href')} h2")).to_be_in_viewport()


@pytest.mark.parametrize("width", [1280], indirect=True, ids=["paper"])
def test_on_paper_only_the_guide_is_left(product: Product, clerk: BrowserContext) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/guide/")
    expect(page.get_by_role("button", name="Print")).to_be_visible()

    page.emulate_media(media="print")

    for frame in (".rail", ".topbar", "[data-print]", ".way >> nth=0"):
        expect(page.locator(frame)).to_be_hidden()
    expect(page.locator(".chapter-text >> nth=0")).to_be_visible()
