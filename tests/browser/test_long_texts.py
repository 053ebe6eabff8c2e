"""The longest texts that are taken fit on every page that shows them."""

from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Camera, Product
from tests.browser.steps import sign_in

ADDRESS = f"{'a' * 64}@{'b' * 60}.example.org"


def test_the_longest_offer_fits(product: Product, clerk: BrowserContext, camera: Camera) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/offers/new/")
    page.get_by_label("Description").fill("w" * 400 + " two nights " * 50)
    page.get_by_label("Reference").fill("R" * 80)
    page.get_by_label("Amount").fill("9999999999.99")
    page.get_by_label("Buyer's e-mail address").fill(ADDRESS)
    page.get_by_label("Send the link by e-mail").check()
    page.get_by_role("button", name="Save and send offer").click()
    expect(page.locator(".timeline")).to_contain_text(ADDRESS)
    camera.check(page, "the offer")

    link = page.get_by_role("link", name="See what the buyer sees").get_attribute("href")
    assert link
    page.goto(link)
    camera.check(page, "the payment page")
    for address in ("offers/", "letters/"):
        page.goto(f"{product.url}/backoffice/{address}")
        camera.check(page, address)
    page.locator("tbody a.row").first.click()
    page.wait_for_load_state()
    camera.check(page, "the letter")
