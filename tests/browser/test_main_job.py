"""The main job, as its people do it: written, mailed, paid with 3-D Secure, booked, closed in a batch."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Camera, Product
from tests.browser.steps import CHALLENGED, a_link, enter_card, link_in, sign_in


def test_the_main_job(
    product: Product, clerk: BrowserContext, buyer: BrowserContext, camera: Camera, width: int
) -> None:
    """SPG-FLOW-01 to 15, SPG-PAY-01 to 06: from the offer to the acquirer, through the screens."""
    reference = f"WALK-{width}"
    page = clerk.new_page()
    page.goto(product.demo["backoffice"]["url"])
    camera.look(page, "sign-in")
    sign_in(page, product)
    camera.look(page, "dashboard")

    page.goto(f"{product.url}/backoffice/offers/")
    camera.look(page, "offers")
    page.get_by_role("link", name="Create new link", exact=True).first.click()
    page.get_by_role("link", name="Individual offer").click()
    page.get_by_label("Description").fill("Two nights with breakfast")
    page.get_by_label("Reference").fill(reference)
    page.get_by_label("Amount").fill("380.50")
    page.get_by_label("Buyer's e-mail address").fill("max.muster@example.org")
    send = page.get_by_role("button", name="Save and send offer")
    by_email = page.get_by_label(re.compile("Send the link by e-mail", re.IGNORECASE))
    if not by_email.is_checked():
        by_email.check()
    camera.look(page, "offer-form")
    send.click()
    expect(page.locator("[data-status=OPEN]").first).to_be_visible()
    expect(page.locator("[data-sent]").first).to_be_visible()
    camera.look(page, "offer")
    offer_url = page.url.split("?")[0]

    link = link_in(product.newest_letter(reference))
    pays = buyer.new_page()
    pays.goto(link)
    expect(pays.locator("main")).to_have_attribute("data-step", "choose")
    camera.look(pays, "pay-choose")
    pays.locator("[data-method=CARD]").click()
    expect(pays.get_by_text("380.50").first).to_be_visible()
    camera.look(pays, "pay-card")
    enter_card(pays, CHALLENGED)
    pays.locator("[data-pay]").click()
    approve = pays.locator("[data-action=approve]")
    approve.wait_for()
    assert "/simulator/3ds/" in pays.url, "the issuer's page is a page of its own"
    camera.look(pays, "issuer")
    approve.click()
    expect(pays.locator("main")).to_have_attribute("data-step", "paid", timeout=15_000)
    camera.look(pays, "pay-paid")
    product.newest_letter("reception@alpenblick.example")

    page.goto(offer_url)
    expect(page.locator("[data-status=PAID]").first).to_be_visible()
    page.goto(f"{product.url}/backoffice/journal/?q={reference}")
    camera.look(page, "journal")
    page.locator("a.row").first.click()
    expect(page.get_by_text("3-D Secure log")).to_be_visible()
    camera.look(page, "entry")
    page.get_by_label("Amount").fill("300.00")
    page.get_by_role("button", name=re.compile("^Book")).click()
    expect(page.get_by_text("Booked").first).to_be_visible()

    page.goto(f"{product.url}/backoffice/batches/")
    camera.look(page, "batches")
    page.locator("tr", has_text="Reception").locator("a.row").first.click()
    expect(page.get_by_text(reference)).to_be_visible()
    camera.look(page, "batch")
    page.get_by_role("button", name=re.compile("^Close")).click()
    expect(page.get_by_text("Closed").first).to_be_visible()

    page.goto(f"{product.url}/backoffice/letters/")
    camera.look(page, "letters")
    page.locator("a.row").first.click()
    page.wait_for_load_state()
    camera.look(page, "letter")


@pytest.mark.parametrize("width", [1280], indirect=True, ids=["desktop"])
def test_who_opens_a_link_that_somebody_else_pays_sees_the_end_without_doing_anything(
    product: Product, clerk: BrowserContext, buyer: BrowserContext, camera: Camera
) -> None:
    link = a_link(clerk.new_page(), product, "TWO-AT-ONCE")
    pays, waits = buyer.new_page(), clerk.new_page()
    pays.goto(f"{link}?method=CARD")
    enter_card(pays, CHALLENGED)
    pays.locator("[data-pay]").click()
    pays.locator("[data-action=approve]").wait_for()
    waits.goto(link)
    expect(waits.locator("main")).to_have_attribute("data-step", "in-progress")
    camera.look(waits, "pay-in-progress")

    pays.locator("[data-action=approve]").click()

    expect(waits.locator("main")).to_have_attribute("data-step", "paid", timeout=20_000)


def test_a_buyer_is_declined_and_gives_up(
    product: Product, buyer: BrowserContext, camera: Camera, width: int
) -> None:
    """A clear text, another try, and a way out that says that nothing was taken."""
    page = buyer.new_page()
    page.goto(product.demo["first_link"])
    page.locator("[data-method=CARD]").click()
    enter_card(page, "9010403153150003")
    page.locator("[data-pay]").click()
    expect(page.locator("main[data-declined]")).to_be_visible(timeout=15_000)
    camera.look(page, "pay-declined")
    page.locator("[data-cancel]").click()
    expect(page.locator("main")).to_have_attribute("data-step", "failed")
    camera.look(page, "pay-failed")


def test_a_buyer_types_a_wrong_card(product: Product, buyer: BrowserContext, camera: Camera) -> None:
    """What is wrong stands beside the field and on top, and the number is not shown again."""
    page = buyer.new_page()
    page.goto(f"{product.demo['first_link']}?method=CARD")
    page.locator("[autocomplete=cc-number]").fill("9010 0031 5000 0002")
    page.locator("[autocomplete=cc-exp]").fill("01/20")
    page.locator("[data-pay]").click()
    expect(page.locator("[data-errors]")).to_be_focused()
    assert page.locator("[autocomplete=cc-number]").input_value() == ""
    camera.look(page, "pay-errors")
