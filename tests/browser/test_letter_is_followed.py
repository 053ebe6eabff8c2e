"""After sending, the offer's page follows its letter by itself until it has gone out."""

import re

from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Product
from tests.browser.steps import sign_in


def test_the_letters_state_changes_without_a_reload(
    product: Product, clerk: BrowserContext, width: int
) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/offers/new/")
    page.get_by_label("Description").fill("Two nights")
    page.get_by_label("Amount").fill("120.00")
    page.get_by_label("Buyer's e-mail address").fill("max.muster@example.org")
    page.get_by_label("Send the link by e-mail to the buyer").check()
    page.get_by_role("button", name="Save and send offer").click()

    letters = page.locator("[data-moving]")
    expect(letters.locator("[data-state]").first).to_be_visible()
    expect(letters.locator("[data-state=DONE]").first).to_be_visible(timeout=20_000)
    expect(page).to_have_url(re.compile(r"/backoffice/offers/[0-9a-f-]{36}/$"))
