"""A multi-use link in a real browser: made, printed, scanned, paid on a phone and a desk, also without scripts."""

import re
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Camera, Product
from tests.browser.steps import FRICTIONLESS, enter_card, sign_in
from tests.pictures import decoded, of_pdf, of_png

NEW = "/backoffice/links/new/"


def step(page: Page, name: str) -> None:
    expect(page.locator("main")).to_have_attribute("data-step", name, timeout=20_000)


def a_link(page: Page, product: Product, *, fixed: str = "", **typed: str) -> str:
    """Made in the back office; its address."""
    if "/backoffice/" not in page.url:
        sign_in(page, product)
    page.goto(product.url + NEW)
    page.get_by_label("Description").fill("Donation for the roof")
    if fixed:
        page.get_by_label("Fixed amount").check()
        page.locator("#id_amount").fill(fixed)
    for name, value in typed.items():
        field = page.locator(f"#id_{name}")
        if value:
            field.fill(value)
        else:
            field.check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(r"/backoffice/links/[0-9a-f-]{36}/$"))
    return page.locator(".copy input").input_value()


def test_from_the_form_to_the_code_to_the_payment(
    product: Product, clerk: BrowserContext, buyer: BrowserContext, camera: Camera, width: int, tmp_path: Path
) -> None:
    """SPG-MUL-04, SPG-MUF-01, 23 to 25, SPG-MUP-01 to 05: what is scanned is what is paid."""
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/links/")
    camera.look(page, "links")
    page.get_by_role("link", name="Create new QR code").first.click()
    camera.look(page, "link-form")
    expect(page.locator("#id_smallest")).to_be_visible()
    page.get_by_label("Fixed amount").check()
    expect(page.locator("#id_smallest")).to_be_hidden()
    expect(page.locator("#id_amount")).to_be_visible()

    address = a_link(page, product, smallest="5", suggested="10; 20; 50", reference_prefix=f"ROOF{width}-")
    camera.look(page, "link")
    with page.expect_download() as downloading:
        page.locator(".qr a").click()
    downloading.value.save_as(tmp_path / "code.png")
    assert decoded(of_png((tmp_path / "code.png").read_bytes())) == address
    for name in ("card.pdf", "poster.pdf"):
        sheet = clerk.request.get(f"{page.url}{name}")
        assert decoded(of_pdf(sheet.body())) == address

    pays = buyer.new_page()
    pays.goto(address)
    step(pays, "amount")
    camera.look(pays, "pay-amount")
    pays.get_by_role("button", name="Continue").click()
    expect(pays.locator("[data-errors]")).to_be_focused()
    camera.look(pays, "pay-amount-errors")
    pays.get_by_role("radio", name="CHF 20.00").check()
    pays.get_by_label("E-mail").fill("max.muster@example.org")
    pays.get_by_role("button", name="Continue").click()
    step(pays, "choose")
    expect(pays.locator(".sum")).to_contain_text("20.00")
    pays.locator("[data-method=CARD]").click()
    enter_card(pays, FRICTIONLESS)
    pays.locator("[data-pay]").click()
    step(pays, "paid")
    assert "max.muster@example.org" in product.newest_letter(f"ROOF{width}-")

    page.reload()
    expect(page.locator("[data-paid-so-far]")).to_contain_text("1 payment")
    expect(page.locator("[data-paid-so-far]")).to_contain_text("20.00")
    page.get_by_role("link", name="All payments").click()
    expect(page.locator(".list tbody tr")).to_have_count(1)
    pays.goto(address)
    expect(pays.get_by_role("status")).to_contain_text("You paid")
    camera.check(pays, "pay-amount-again")


def test_a_suggestion_and_an_amount_take_each_others_place(
    product: Product, clerk: BrowserContext, buyer: BrowserContext, width: int
) -> None:
    address = a_link(clerk.new_page(), product, suggested="10; 20")
    pays = buyer.new_page()
    pays.goto(address)
    ten, amount = pays.get_by_role("radio", name="CHF 10.00"), pays.get_by_label("Another amount")

    ten.check()
    amount.fill("33")
    expect(ten).not_to_be_checked()
    pays.get_by_role("radio", name="CHF 20.00").check()

    expect(amount).to_have_value("")


def test_addresses_are_asked_for_and_it_is_paid_without_scripts(
    product: Product, clerk: BrowserContext, chromium: Browser, camera: Camera, width: int
) -> None:
    """SPG-MUF-08, 20, 21; contract: everything works without scripts."""
    page = clerk.new_page()
    address = a_link(page, product, fixed="35", billing_required="", delivery_required="")
    plain = chromium.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=False, locale="en-GB"
    )
    pays = plain.new_page()
    pays.goto(address)
    step(pays, "address")
    expect(pays.get_by_text("Delivery address")).to_be_visible()
    expect(pays.locator(".sum")).to_contain_text("35.00")

    pays.locator("[autocomplete~=email]").fill("max.muster@example.org")
    for name, value in (
        ("given-name", "Max"),
        ("family-name", "Muster"),
        ("address-line1", "Gasse 1"),
        ("postal-code", "8000"),
        ("address-level2", "Zürich"),
    ):
        pays.locator(f'[autocomplete="billing {name}"]').fill(value)
    pays.get_by_role("button", name="Continue").click()
    step(pays, "choose")
    pays.locator("[data-method=CARD]").click()
    enter_card(pays, FRICTIONLESS)
    pays.locator("[data-pay]").click()
    step(pays, "paid")
    plain.close()

    with_scripts = clerk.new_page()
    with_scripts.goto(address)
    camera.check(with_scripts, "pay-addresses")


def test_the_form_says_beside_each_field_what_is_wrong(
    product: Product, clerk: BrowserContext, camera: Camera, width: int
) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(product.url + NEW)

    page.locator("#id_smallest").fill("many")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator("[data-errors]")).to_be_focused()
    expect(page.locator("#id_smallest")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#id_smallest")).to_have_value("many")
    camera.check(page, "link-form-errors")


def test_closed_links_have_pages_of_their_own(
    product: Product, clerk: BrowserContext, buyer: BrowserContext, camera: Camera, width: int
) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(product.url + NEW)
    page.get_by_label("Description").fill("Later")
    page.get_by_text("Days and limits").click()
    page.locator("#id_begins_on").fill("2099-01-01")
    page.get_by_role("button", name="Save", exact=True).click()
    address = page.locator(".copy input").input_value()
    pays = buyer.new_page()

    pays.goto(address)
    expect(pays.locator("main")).to_have_attribute("data-why", "not-begun")
    expect(pays.get_by_text("It opens on")).to_be_visible()
    camera.look(pays, "pay-not-begun")

    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("It is removed for good on")).to_be_visible()
    camera.check(page, "link-deleted")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("The link can be paid again.")).to_be_visible()
