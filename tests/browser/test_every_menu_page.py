"""Every page of the menu, and the first thing of each list, on a phone, on a laptop at 200 % and on a small tablet.

Nothing scrolls sideways, nothing is squeezed, nothing is fetched from elsewhere; also where the words are long.
"""

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.conftest import Product
from tests.browser.steps import sign_in

# Whatever is wider than its place, the page itself or a box inside it. Text fields scroll by themselves.
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll("main *")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
  .filter((one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX) || one === document.documentElement)
  .filter((one) => !one.matches("input, textarea, select, pre"))
  .map((one) => `${one.tagName}.${one.className}: ${one.scrollWidth} > ${one.clientWidth}`)"""

# What a card of a list begins with, where its neighbour leaves it no room: words would break at every third letter.
SQUEEZED = """() => [...document.querySelectorAll(".list td.first, .list td.wide")]
  .filter((one) => one.clientWidth > 0 && one.clientWidth < 100)
  .map((one) => `${one.textContent.trim()}: ${one.clientWidth} px`)"""

ANNA, BEAT = "anna@alpenblick.example", "beat@alpenblick.example"


def addresses(page: Page) -> list[str]:
    """Where the menu leads to."""
    return sorted(
        {str(link.get_attribute("href")) for link in page.locator("nav a[href^='/backoffice/']").all()}
    )


def choose(page: Page, language: str) -> None:
    """The language of this person, unless it is that already."""
    if page.locator("html").get_attribute("lang") != language:
        page.locator(f"button[name=language][value={language}]").evaluate("button => button.click()")
        expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.parametrize(
    ("wide", "reader", "language"),
    [(390, ANNA, "en"), (640, ANNA, "en"), (800, ANNA, "en"), (390, BEAT, "de"), (390, BEAT, "fr")],
    ids=["phone", "laptop at 200 %", "tablet", "phone in German", "phone in French"],
)
def test_no_page_of_the_menu_scrolls_sideways_or_asks_another_host(
    product: Product, chromium: Browser, wide: int, reader: str, language: str
) -> None:
    context = chromium.new_context(viewport={"width": wide, "height": 800}, reduced_motion="reduce")
    elsewhere: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((product.url, "data:", "blob:", "about:")):
            elsewhere.append(request.url)

    context.on("request", note)
    page = context.new_page()
    sign_in(page, product, email=reader)
    choose(page, language)
    found = [*addresses(page), "/backoffice/sessions/", "/api/docs"]
    assert len(found) >= 14

    trouble, waiting = [], list(found)
    while waiting:
        address = waiting.pop()
        answer = page.goto(product.url + address)
        assert answer
        assert answer.status == 200
        if address in found:
            waiting += [str(row.get_attribute("href")) for row in page.locator("main a.row").all()[:1]]
        trouble += [f"{address}: {words}" for words in page.evaluate(TOO_WIDE)]
        if wide < 720:
            trouble += [f"{address}: {words}" for words in page.evaluate(SQUEEZED)]

    choose(page, "en" if reader == ANNA else "de")
    context.close()
    assert trouble == []
    assert elsewhere == []
