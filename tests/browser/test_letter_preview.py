"""The letter stands beside the form where there is room for it, and follows what is typed."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Camera, Product
from tests.browser.steps import sign_in


@pytest.mark.parametrize("width", [1280], indirect=True, ids=["desktop"])
def test_the_letter_follows_what_is_typed(product: Product, clerk: BrowserContext, camera: Camera) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/offers/new/")
    letter = page.frame_locator("iframe[data-preview]")
    expect(letter.get_by_text("Pay now")).to_be_visible()

    page.get_by_label("Description").fill("Two nights with breakfast")
    page.get_by_label("Amount").fill("1380.50")
    page.locator("#id_language").select_option("fr")

    expect(letter.locator(".sum")).to_have_text(re.compile("CHF.1.380,50"))
    expect(letter.locator(".what")).to_have_text("Two nights with breakfast")
    expect(letter.locator("html")).to_have_attribute("lang", "fr")  # who has it read aloud hears French
    expect(letter.get_by_text("Seestrasse 12")).to_be_visible()
    letter.get_by_text("Payer maintenant").click()
    expect(letter.locator(".sum")).to_have_text(re.compile("CHF.1.380,50"))
    camera.look(page, "offer-form-preview")
    page.mouse.wheel(0, 2000)
    expect(page.locator("iframe[data-preview]")).to_be_in_viewport(ratio=0.9)


@pytest.mark.parametrize("width", [390], indirect=True, ids=["phone"])
def test_on_a_phone_the_form_is_alone(product: Product, clerk: BrowserContext) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/offers/new/")

    expect(page.locator("iframe[data-preview]")).to_be_hidden()
    assert not page.locator("iframe[data-preview]").get_attribute("src")
