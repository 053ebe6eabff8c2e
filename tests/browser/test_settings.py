"""The first visit of a new merchant: the settings come first, then everything opens (SPG-SET-01, 34, 37)."""

from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Camera, Product
from tests.mail.pdfs import pdf

PASSWORD = "correct horse battery staple"


def a_new_shop(product: Product, number: int) -> str:
    """Opened by the operator a minute ago; the owner's address."""
    owner = f"dora@shop{number}.example"
    done = product.paygate(
        "open-account",
        *("--customer-id", f"3{number:05}", "--name", "Dora's Shop", "--email", owner, "--owner", "Dora"),
        *("--terminal", f"171{number:05}"),
        typed=f"{PASSWORD}\n",
    )
    assert done.returncode == 0, done.stderr
    return owner


def sign_in_as(page: Page, product: Product, owner: str) -> None:
    page.goto(f"{product.url}/backoffice/")
    page.get_by_label("Email").fill(owner)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{product.url}/backoffice/")


def test_the_settings_come_first(
    product: Product, clerk: BrowserContext, camera: Camera, width: int, tmp_path: Path
) -> None:
    """Each thing that is missing is said beside its field; the save that holds all of it opens Secure PayGate."""
    terms = tmp_path / "Terms.pdf"
    terms.write_bytes(pdf())
    page = clerk.new_page()
    sign_in_as(page, product, a_new_shop(product, width))
    camera.check(page, "dashboard-not-set-up")

    page.goto(f"{product.url}/backoffice/offers/new/")
    expect(page.get_by_text("Secure PayGate can be used as soon as these settings are saved")).to_be_visible()
    camera.look(page, "settings-first")
    page.get_by_label("Reply-to").fill("")
    page.get_by_label("Own pages").check()
    page.get_by_label("Address after a successful payment").fill(
        "https://shop.example/paid/{{{PAYMENTPAGETOKEN}}}"
    )
    page.get_by_role("button", name="Try the addresses").click()
    expect(page.get_by_role("link", name="https://shop.example/paid/EXAMPLE")).to_be_visible()
    camera.check(page, "settings-tried")

    page.get_by_label("Standard messages").check()
    page.get_by_role("textbox", name="Website").press("Enter")  # saves, as from any field
    expect(page.locator("[data-errors]")).to_be_focused()
    expect(page.locator("#id_reply_to_error, #id_terms_error")).to_have_count(2)
    camera.check(page, "settings-errors")

    page.get_by_label("Reply-to").fill("dora@shop.example")
    page.get_by_label("File").set_input_files(terms)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(f"{product.url}/backoffice/offers/")
    expect(page.get_by_text("Secure PayGate is ready for use.")).to_be_visible()

    page.goto(f"{product.url}/backoffice/settings/secure-paygate/")
    camera.look(page, "settings")
    page.get_by_role("link", name="All files").click()
    camera.look(page, "terms")
    page.goto(f"{product.url}/backoffice/settings/secure-paygate/sender/")
    camera.check(page, "sender")


def test_the_settings_are_saved_without_scripts(product: Product, chromium: Browser, tmp_path: Path) -> None:
    """Everything stands on the page; nothing waits for a script to show it."""
    terms = tmp_path / "Terms.pdf"
    terms.write_bytes(pdf())
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in_as(page, product, a_new_shop(product, 7))

    page.goto(f"{product.url}/backoffice/offers/")
    expect(page.get_by_label("Address after a failed payment")).to_be_visible()
    page.get_by_label("File").set_input_files(terms)
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page).to_have_url(f"{product.url}/backoffice/offers/")
    context.close()
