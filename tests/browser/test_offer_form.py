"""The form of an offer in a real browser: on one screen, by terminal, with and without scripts; the payer's answer."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Camera, Product
from tests.browser.steps import FRICTIONLESS, enter_card, sign_in

NEW = "/backoffice/offers/new/"


def at_the_form(context: BrowserContext, product: Product) -> Page:
    """Anna, before an empty form."""
    page = context.new_page()
    sign_in(page, product)
    page.goto(product.url + NEW)
    return page


@pytest.mark.parametrize("width", [1280], indirect=True, ids=["desktop"])
def test_what_is_needed_fits_on_a_laptops_screen(product: Product, clerk: BrowserContext) -> None:
    """At 1280 x 800 without scrolling: all that an offer needs, and the button that saves it."""
    page = at_the_form(clerk, product)

    for name in (
        "terminal",
        "amount",
        "currency",
        "valid_for",
        "description",
        "reference",
        "payer_email",
        "by_email",
    ):
        expect(page.locator(f"#id_{name}")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_in_viewport(ratio=1)
    assert page.evaluate("scrollY") == 0
    bar = page.locator(".actions.bar").bounding_box()
    box = page.locator("#id_by_email").bounding_box()
    assert bar
    assert box
    assert box["y"] + box["height"] < bar["y"]


@pytest.mark.parametrize("width", [1280], indirect=True, ids=["desktop"])
def test_a_terminal_is_found_by_number_and_by_name(product: Product, clerk: BrowserContext) -> None:
    """SPG-FRM-04, 05, 06, 20, 21: currency and methods follow at once."""
    page = at_the_form(clerk, product)
    terminal, find = page.locator("#id_terminal"), page.get_by_label("Find a terminal by number or name")
    name = page.locator("#id_terminal option").nth(1).inner_text().split(maxsplit=1)[1]

    find.fill("17000012")
    expect(terminal).to_have_value("17000012")
    expect(page.locator("#id_currency option")).to_have_text(["EUR"])
    expect(page.locator("[data-payable-by]")).to_have_text("Visa, Mastercard")
    find.fill("")
    expect(page.locator("#id_terminal option")).to_have_count(2)
    find.fill("17000011")
    expect(terminal).to_have_value("17000011")
    expect(page.locator("[data-payable-by]")).to_contain_text("TWINT")
    page.locator("#id_currency").select_option("EUR")
    expect(page.locator("[data-payable-by]")).not_to_contain_text("TWINT")
    find.fill(name.upper())
    expect(terminal).to_have_value("17000012")
    find.fill("nothing like it")
    expect(page.get_by_text("No terminal found")).to_be_visible()
    expect(terminal).to_have_value("17000012")


def test_the_form_unfolded_is_in_order(product: Product, clerk: BrowserContext, camera: Camera) -> None:
    page = at_the_form(clerk, product)
    send = page.get_by_role("button", name="Save and send offer")
    open_mail = page.get_by_role("button", name="Open in e-mail program")
    expect(send).to_be_hidden()
    expect(open_mail).to_be_hidden()

    page.locator("#id_by_email").check()
    expect(send).to_be_visible()
    expect(open_mail).to_be_visible()
    for summary in page.locator("form details > summary").all():
        summary.click()

    camera.look(page, "offer-form-unfolded")


@pytest.mark.parametrize("width", [390], indirect=True, ids=["phone"])
def test_without_scripts_the_buttons_that_send_follow_the_box_too(
    product: Product, chromium: Browser, width: int
) -> None:
    """SPG-BTN-07, 08."""
    context = chromium.new_context(viewport={"width": width, "height": 844}, java_script_enabled=False)
    page = at_the_form(context, product)
    send = page.get_by_role("button", name="Save and send offer")
    expect(send).to_be_hidden()

    page.locator("#id_by_email").check()
    expect(send).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-errors]")).to_be_visible()
    expect(send).to_be_visible()
    page.locator("#id_by_email").uncheck()
    expect(send).to_be_hidden()
    context.close()


def test_the_buyer_is_asked_for_mail_and_address(
    product: Product, clerk: BrowserContext, buyer: BrowserContext, camera: Camera
) -> None:
    """SPG-FRM-42, SPG-ADR-03, 04."""
    page = at_the_form(clerk, product)
    page.get_by_label("Description").fill("Two nights")
    page.get_by_label("Amount").fill("120.00")
    page.locator("summary", has_text="Buyer's address").click()
    page.locator("#id_ask_email").select_option("MANDATORY")
    page.locator("#id_address_last_name").fill("Muster")
    page.locator("#id_address_editable").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The buyer may correct the address")).to_be_visible()
    link = re.search(r"http://[^\"'<\s]+/SecurePayGate/Payment/[^\"'<\s]+", page.content())
    assert link

    carla = buyer.new_page()
    carla.goto(link.group())
    main = carla.locator("main")
    expect(main).to_have_attribute("data-step", "address")
    expect(carla.get_by_label("Last name")).to_have_value("Muster")
    camera.look(carla, "pay-address")
    carla.get_by_role("button", name="Continue").click()
    expect(carla.locator("[data-errors]")).to_be_focused()
    camera.look(carla, "pay-address-errors")
    for label, value in (
        ("E-mail", "carla@example.org"),
        ("First name", "Carla"),
        ("Street and number", "Gasse 1"),
        ("Postal code", "8000"),
        ("Town or city", "Zürich"),
    ):
        carla.get_by_label(label).fill(value)
    carla.get_by_role("button", name="Continue").click()
    expect(main).to_have_attribute("data-step", "choose")
    camera.look(carla, "pay-choose-after-address")
    carla.locator("[data-method=CARD]").click()
    enter_card(carla, FRICTIONLESS)
    carla.locator("[data-pay]").click()
    expect(main).to_have_attribute("data-step", "paid", timeout=20_000)
    assert "carla@example.org" in product.newest_letter("carla@example.org")
