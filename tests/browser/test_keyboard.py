"""Without a mouse: every page is walked with Tab, what has the focus is seen, and menus let go of it."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Product
from tests.browser.steps import a_link, sign_in
from tests.browser.test_every_menu_page import addresses

FORMS = [
    f"/backoffice/{form}/"
    for form in (
        "offers/new",
        "offers/templates/new",
        "links/new",
        "settings/letters/offer/en",
        "settings/people/invite",
    )
] + ["/backoffice/settings/designs/new"]

# Numbers whatever can be used in this place, with everything unfolded; how many there are.
NUMBER = """(place) => {
  document.querySelectorAll("main details:not(.menu-button)").forEach((one) => { one.open = true; });
  const used = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  return [...document.querySelector(place).querySelectorAll(used)]
    .filter((one) => one.checkVisibility({ checkVisibilityCSS: true }) && !one.matches(":disabled"))
    .map((one, number) => { one.dataset.number = number; }).length;
}"""

# What has the focus: its number, and what would keep a person from seeing that.
# Chromium itself rings the sign beside a date.
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + Math.min(box.width / 2, 60), box.y + box.height / 2);
  const ringed = [getComputedStyle(one), getComputedStyle(one, "::after")]
    .some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  const name = one.getAttribute("aria-label") || one.innerText || one.name || one.id;
  const trouble = [];
  if (!ringed && !["date", "time"].includes(one.type) && one.tagName !== "IFRAME") trouble.push(`no ring: ${name}`);
  if (box.bottom < 0 || box.top > innerHeight) trouble.push(`out of sight: ${name}`);
  if (top && !one.contains(top) && !top.contains(one) && !top.closest("label")) trouble.push(`covered: ${name}`);
  return { number: one.dataset.number, trouble };
}"""

# Of radio buttons one is stopped at; the arrows lead to the others.
LEFT_OUT = """(seen) => [...document.querySelectorAll("[data-number]:not([type=radio])")]
  .filter((one) => !seen.includes(one.dataset.number))
  .map((one) => `not reached: ${one.getAttribute("aria-label") || one.innerText || one.name}`)"""


def walked(page: Page, place: str) -> list[str]:
    """What is wrong on the way through this place with Tab."""
    trouble, seen = [], set()
    for _stop in range(page.evaluate(NUMBER, place) + 40):  # a field for a date has four stops
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None:
            break
        trouble += focus["trouble"]
        seen.add(focus["number"])
    return [*dict.fromkeys(trouble), *page.evaluate(LEFT_OUT, list(seen))]


@pytest.mark.parametrize("width", [1280], indirect=True, ids=["desktop"])
@pytest.mark.parametrize("part", ["the frame", "the menu's pages", "forms"])
def test_everything_is_reached_with_tab_and_seen(product: Product, clerk: BrowserContext, part: str) -> None:
    page, trouble = clerk.new_page(), []
    sign_in(page, product)
    if part == "the frame":
        trouble = walked(page, "body")
    pages = {"forms": FORMS, "the menu's pages": [*addresses(page), "/backoffice/sessions/"]}

    for address in pages.get(part, []):
        page.goto(product.url + address)
        page.keyboard.press("Tab")  # the way past the menu
        page.keyboard.press("Enter")
        trouble += [f"{address}: {words}" for words in walked(page, "main")]

    assert trouble == []


def test_a_menu_closes_with_escape_and_gives_the_focus_back(product: Product, clerk: BrowserContext) -> None:
    page = clerk.new_page()
    a_link(page, product, "KEYS-1")
    page.goto(f"{product.url}/backoffice/offers/")
    for opener, inside in (
        (page.locator("summary", has_text="Export"), page.get_by_role("link", name="As CSV")),
        (page.get_by_label("Account menu"), page.get_by_role("link", name="Account security")),
    ):
        opener.press("Enter")
        expect(inside).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        expect(inside).to_be_hidden()
        expect(opener).to_be_focused()

    page.locator("summary", has_text="Export").click()
    page.locator("h1").click()
    expect(page.get_by_role("link", name="As CSV")).to_be_hidden()
    page.locator("summary", has_text="Export").click()
    for _stop in ("As CSV", "As XLSX", "what comes after the menu"):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="As CSV")).to_be_hidden()


def test_the_way_past_the_menu_leads_to_the_page(product: Product, clerk: BrowserContext) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/offers/start/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")

    expect(page.locator("main").get_by_role("link", name="Overview")).to_be_focused()


@pytest.mark.parametrize("width", [390], indirect=True, ids=["phone"])
def test_the_menu_of_a_phone_closes_with_escape(product: Product, clerk: BrowserContext) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    opener = page.get_by_role("button", name="Menu", exact=True)
    opener.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("nav").get_by_label("PayGate", exact=True)).to_be_focused()

    page.keyboard.press("Escape")

    expect(page.locator("nav")).to_be_hidden()
    expect(opener).to_be_focused()


@pytest.mark.parametrize("width", [390], indirect=True, ids=["phone"])
def test_on_a_phone_too_offers_are_sorted_and_several_are_taken_at_once(
    product: Product, clerk: BrowserContext
) -> None:
    page = clerk.new_page()
    for reference in ("PHONE-1", "PHONE-2"):
        a_link(page, product, reference)
    page.goto(f"{product.url}/backoffice/offers/?q=PHONE")

    by_reference = page.get_by_role("link", name="Reference", exact=True)
    by_reference.press("Enter")
    expect(page).to_have_url(re.compile("sort=-reference"))
    by_reference.click()
    expect(page).to_have_url(re.compile("sort=reference"))
    expect(page.locator("tbody td.whole").first).to_have_text("PHONE-1")
    page.get_by_label("Select all on this page").check()
    page.locator(".bulk").get_by_role("button", name="Disable").click()

    expect(page.get_by_text("2 offers were disabled.")).to_be_visible()
    assert walked(page, "main") == []
