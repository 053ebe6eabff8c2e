"""Buttons that leave the page where it is keep none of the others from working; Enter saves."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.conftest import Product
from tests.browser.steps import a_link, sign_in

pytestmark = pytest.mark.parametrize("width", [1280], indirect=True, ids=["desktop"])


def test_after_a_look_at_the_letter_the_offer_is_still_saved(product: Product, clerk: BrowserContext) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/offers/new/")
    page.get_by_label("Description").fill("Looked at first")
    page.get_by_label("Amount").fill("12.00")
    page.get_by_label("Buyer's e-mail address").fill("max@example.org")
    page.get_by_label("Send the link by e-mail").check()
    page.locator("summary", has_text="E-mail to the buyer").click()
    for name in ("Preview", "Preview as text"):
        with clerk.expect_page() as letter:
            page.get_by_role("button", name=name, exact=True).click()
        letter.value.close()

    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator("h1")).to_have_text("CHF 12.00")


def test_after_a_look_at_the_letter_its_words_are_still_saved(
    product: Product, clerk: BrowserContext
) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/settings/letters/confirmation/it/")
    page.get_by_label("Subject").fill("Grazie, {merchant}")
    with clerk.expect_page() as letter:
        page.get_by_role("button", name="Preview", exact=True).click()
    letter.value.close()

    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator("main")).to_contain_text("Grazie, {merchant}")
    page.goto(f"{product.url}/backoffice/settings/letters/confirmation/it/")
    page.get_by_role("button", name="Back to our words").click()


def test_after_an_export_the_ticked_offers_can_still_be_disabled(
    product: Product, clerk: BrowserContext
) -> None:
    page = clerk.new_page()
    a_link(page, product, "EXPORTED-1")
    page.goto(f"{product.url}/backoffice/offers/?q=EXPORTED-1")
    page.get_by_label("Select EXPORTED-1").check()
    with page.expect_download():
        page.locator(".bulk").get_by_role("button", name="Export").click()

    page.locator(".bulk").get_by_role("button", name="Disable").click()

    expect(page.get_by_text("1 offer was disabled.")).to_be_visible()


def test_enter_in_a_field_saves(product: Product, clerk: BrowserContext) -> None:
    """Also where there are several terminals, and so a button that only takes another one."""
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/offers/new/")
    page.get_by_label("Description").fill("Typed and entered")
    page.get_by_label("Amount").fill("12.00")
    page.get_by_label("Amount").press("Enter")
    expect(page.locator("h1")).to_have_text("CHF 12.00")

    page.goto(f"{product.url}/backoffice/links/new/")
    page.get_by_label("Description").fill("Entered for good")
    page.get_by_label("Description").press("Enter")
    expect(page).to_have_url(re.compile(r"/backoffice/links/[-\w]{36}/"))

    page.goto(f"{product.url}/backoffice/offers/templates/new/")
    page.get_by_label("Name of the template").fill("Entered")
    page.get_by_label("Name of the template").press("Enter")
    expect(page.get_by_role("link", name="Entered", exact=True)).to_be_visible()


def test_without_scripts_several_are_disabled_and_no_box_pretends_to_tick_all(
    product: Product, chromium: Browser, width: int
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, locale="en-GB", java_script_enabled=False
    )
    page = context.new_page()
    a_link(page, product, "TICKED-1")
    page.goto(f"{product.url}/backoffice/offers/?q=TICKED-1")
    expect(page.locator("thead [type=checkbox]")).to_be_hidden()
    page.get_by_label("Select TICKED-1").check()
    expect(page.locator(".bulk")).not_to_contain_text("selected", use_inner_text=True)

    page.locator(".bulk").get_by_role("button", name="Disable").click()

    expect(page.get_by_text("1 offer was disabled.")).to_be_visible()
    context.close()
