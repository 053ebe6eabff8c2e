"""What people do in many stories: sign in, write an offer, type a card, pay."""

import email
import email.policy
import re
from email.message import EmailMessage

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Product

FRICTIONLESS = "9010003150000001"
CHALLENGED = "9010004950000001"
LOOKED_AT = "9010004250000008"  # by the bank, which then asks


def sign_in(page: Page, product: Product, *, email: str = "") -> None:
    """With the address and password that `make run` prints; everybody of the demo has that password."""
    page.goto(product.demo["backoffice"]["url"])
    page.get_by_label("Email").fill(email or product.demo["backoffice"]["email"])
    page.get_by_label("Password").fill(product.demo["backoffice"]["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{product.url}/backoffice/")


def link_in(letter: str) -> str:
    """The payment link a buyer sees in the text of a letter."""
    message = email.message_from_string(letter, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    found = re.search(r"https?://\S+/SecurePayGate/Payment/\S+", body.get_content())
    assert found, "the letter holds no payment link"
    return found.group()


def a_link(page: Page, product: Product, reference: str) -> str:
    """A new offer's link, made in the back office."""
    if "/backoffice/" not in page.url:
        sign_in(page, product)
    page.goto(f"{product.url}/backoffice/offers/new/")
    page.get_by_label("Description").fill("Two nights")
    page.get_by_label("Reference").fill(reference)
    page.get_by_label("Amount").fill("120.00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-status=OPEN]").first).to_be_visible()
    found = re.search(r"http://[^\"'<\s]+/SecurePayGate/Payment/[^\"'<\s]+", page.content())
    assert found
    return found.group()


def enter_card(page: Page, number: str, *, expiry: str = "12/30", code: str = "123") -> None:
    """Into the card form."""
    page.locator("[autocomplete=cc-number]").fill(number)
    page.locator("[autocomplete=cc-exp]").fill(expiry)
    page.locator("[autocomplete=cc-csc]").fill(code)


def open_a_reservation(page: Page, context: BrowserContext, product: Product, reference: str) -> None:
    """Show the journal's page of a payment that was just made and is not booked. `context` is the buyer's."""
    link = a_link(page, product, reference)
    buyer = context.new_page()
    buyer.goto(f"{link}?method=CARD")
    enter_card(buyer, FRICTIONLESS)
    buyer.locator("[data-pay]").click()
    expect(buyer.locator("main")).to_have_attribute("data-step", "paid", timeout=20_000)
    buyer.close()
    page.goto(f"{product.url}/backoffice/journal/?q={reference}")
    page.locator("a.row").first.click()
    expect(page.locator(".detail-head [data-state=AUTHORIZED]")).to_be_visible()
