"""Templates in a real browser: kept from an offer, found by typing, used, deleted; also without scripts."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Camera, Product
from tests.browser.steps import sign_in
from tests.mail.made_files import GOOD


def keep_a_template(page: Page, product: Product, name: str, description: str) -> None:
    """By the button of the list, with a file, up to the list in which it then stands."""
    page.goto(f"{product.url}/backoffice/offers/templates/")
    page.get_by_role("link", name="Add new template").click()
    page.get_by_label("Name of the template").fill(name)
    page.get_by_label("Description").fill(description)
    page.get_by_label("Amount").fill("85")
    page.get_by_label("Valid for").select_option("30")
    page.get_by_label("Send the link by e-mail to the buyer").check()
    page.locator("summary", has_text="E-mail to the buyer").click()
    page.locator("#attachments input[type=file]").set_input_files(
        {"name": "Plan.docx", "mimeType": "application/octet-stream", "buffer": GOOD["Plan.docx"]}
    )
    expect(page.locator("#attachments li")).to_have_count(1)
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()


def test_from_the_overview_by_a_template_to_an_offer(
    product: Product, clerk: BrowserContext, camera: Camera
) -> None:
    """SPG-TPL-01, 02, 08 to 13; SPG-NEW-03 to 07: the whole way, with nothing but what is on the screens."""
    name, page = f"Massage {camera.width}", clerk.new_page()
    sign_in(page, product)
    keep_a_template(page, product, name, "Massage, 50 minutes")
    camera.check(page, "templates")

    page.goto(f"{product.url}/backoffice/offers/")
    page.get_by_role("link", name="Create new link", exact=True).first.click()
    camera.check(page, "start")
    find, choices = page.get_by_label("Search templates"), page.locator("[data-template]:visible")
    assert choices.count() >= 3
    find.fill("nothing like it")
    expect(page.get_by_text("No template found.")).to_be_visible()
    expect(choices).to_have_count(0)
    find.fill(f"minutes {name}")
    expect(choices).to_have_count(1)
    find.press("Enter")

    expect(page.get_by_text(f"Filled in with the template {name}. Nothing is saved yet.")).to_be_visible()
    camera.check(page, "offer form from a template")
    expect(page.get_by_label("Amount")).to_have_value("85.00")
    expect(page.get_by_label("Valid for")).to_have_value("30")
    expect(page.locator("#attachments li")).to_contain_text("Plan.docx")
    page.get_by_label("Reference").fill(f"template-{camera.width}")
    page.get_by_label("Buyer's e-mail address").fill("max@example.org")
    page.get_by_role("button", name="Save and send offer").click()

    expect(page.locator("[data-status=OPEN]").first).to_be_visible()
    page.locator(".plain-rows a.clamp").first.click()
    expect(page.get_by_role("link", name="Plan.docx")).to_be_visible()


def test_a_template_is_changed_and_deleted_after_a_second_look(
    product: Product, clerk: BrowserContext, camera: Camera
) -> None:
    name, page = f"Sauna {camera.width}", clerk.new_page()
    sign_in(page, product)
    keep_a_template(page, product, name, "Sauna for two")

    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_label("Amount").fill("90")
    page.get_by_role("button", name="Save", exact=True).click()
    row = page.locator("tr", has_text=name)
    expect(row).to_contain_text("CHF 90.00")
    row.get_by_role("link", name=name, exact=True).click()
    delete = page.get_by_role("button", name=f"Delete {name}")
    expect(delete).to_be_hidden()
    page.locator("summary", has_text="Delete template").click()
    camera.check(page, "template")
    delete.click()

    expect(page.get_by_text("The template was deleted.")).to_be_visible()
    expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)


@pytest.mark.parametrize("width", [390], indirect=True, ids=["phone"])
def test_without_scripts_the_button_searches(product: Product, chromium: Browser, width: int) -> None:
    """SPG-NEW-06, SPG-TPL-13."""
    context = chromium.new_context(
        viewport={"width": width, "height": 844}, locale="en-GB", java_script_enabled=False
    )
    page = context.new_page()
    sign_in(page, product)

    page.goto(f"{product.url}/backoffice/offers/start/")
    page.get_by_label("Search templates").fill("gutsch")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("[data-template]")).to_have_count(1)
    page.get_by_role("link", name="Gutschein").click()

    expect(page.get_by_label("Description")).to_have_value("Gutschein Hotel Alpenblick")
    context.close()
