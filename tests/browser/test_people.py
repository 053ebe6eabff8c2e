"""People: invited by letter, accepted, signed in; and what the owner finds in the audit log."""

import email
import email.policy
import re
from email.message import EmailMessage

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Camera, Product
from tests.browser.steps import sign_in

PASSWORD = "seven purple mountains"


def link_in(letter: str) -> str:
    """Where an invitation leads."""
    message = email.message_from_string(letter, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    found = re.search(r"https?://\S+/account/invitation/\S+", body.get_content())
    assert found, "the letter holds no link"
    return found.group()


def confirm(page: Page, product: Product) -> None:
    """Where the password is asked for once more."""
    if "/account/reauthenticate" in page.url:
        page.get_by_label("Password").fill(product.demo["backoffice"]["password"])
        page.get_by_role("button", name="Confirm").click()


def test_from_invitation_to_signing_in(
    product: Product, clerk: BrowserContext, buyer: BrowserContext, camera: Camera, width: int
) -> None:
    """Anna invites Dora, who chooses a password and works; Anna gives her another role and removes her."""
    page, address = clerk.new_page(), f"dora{width}@example.org"
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/settings/people/")
    camera.look(page, "people")
    page.get_by_role("link", name="Invite a person").click()
    confirm(page, product)
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label(re.compile("Cashier")).check()
    camera.look(page, "people-invite")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text(f"{address} is invited.")).to_be_visible()
    camera.look(page, "people-invited")

    theirs = buyer.new_page()
    theirs.goto(link_in(product.newest_letter(address)))
    camera.look(theirs, "invitation")
    theirs.get_by_label("Your name").fill("Dora Dubs")
    theirs.get_by_label("Password", exact=True).fill(PASSWORD)
    theirs.get_by_label("Password (again)").fill("another one")
    theirs.get_by_role("button", name="Open my account").click()
    expect(theirs.get_by_text("The two passwords differ.").first).to_be_visible()
    camera.look(theirs, "invitation-mistake")
    theirs.get_by_label("Password", exact=True).fill(PASSWORD)
    theirs.get_by_label("Password (again)").fill(PASSWORD)
    theirs.get_by_role("button", name="Open my account").click()
    expect(theirs.get_by_text("Your account is ready.")).to_be_visible()
    theirs.get_by_label("Email").fill(address)
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.get_by_role("button", name="Sign in", exact=True).click()
    expect(theirs).to_have_url(f"{product.url}/backoffice/")
    theirs.goto(f"{product.url}/backoffice/sessions/")
    camera.look(theirs, "sessions")

    page.reload()
    page.get_by_role("link", name="Dora Dubs").click()
    camera.look(page, "person")
    page.get_by_label(re.compile("^Clerk")).check()
    page.get_by_role("button", name="Save").click()
    confirm(page, product)
    expect(page.get_by_text("Dora Dubs is now: Clerk.")).to_be_visible()
    theirs.reload()
    expect(theirs).to_have_url(re.compile("/account/login/"))
    page.get_by_role("link", name="Dora Dubs").click()
    page.get_by_role("button", name="Remove Dora Dubs").click()
    confirm(page, product)
    expect(page.get_by_text("Dora Dubs does not work here any more.")).to_be_visible()

    page.goto(f"{product.url}/backoffice/settings/audit/?q={address}")
    camera.look(page, "audit")
    page.get_by_role("link", name="Role changed").first.click()
    expect(page.get_by_role("cell", name="Cashier")).to_be_visible()
    camera.look(page, "audit-line")
