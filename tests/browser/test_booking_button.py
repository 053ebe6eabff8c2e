"""The button that books carries the sum that is typed beside it, and never anything else."""

import re

from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Product
from tests.browser.steps import open_a_reservation


def test_only_an_amount_changes_the_words_of_the_button(
    product: Product, clerk: BrowserContext, buyer: BrowserContext, width: int
) -> None:
    page = clerk.new_page()
    open_a_reservation(page, buyer, product, f"BUTTON-{width}")
    button = page.locator("button[data-sum]")
    whole = button.inner_text()

    for typed in ("abc", "12x", "", "1e5", "<b>"):
        page.get_by_label("Amount to book").fill(typed)
        expect(button).to_have_text(whole)
    page.get_by_label("Amount to book").fill("1.20")
    expect(button).to_have_text(re.compile(r"^Book [A-Z]{3}\s1\.20$"))
    page.get_by_label("Amount to book").fill("12.5")
    expect(button).to_have_text(re.compile(r"^Book [A-Z]{3}\s12\.50$"))
