"""Signing in with a second factor: a code from an app, and a passkey."""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Camera, Product, running_product


@pytest.fixture
def own_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Who has a second factor afterwards cannot sign in without it in the other stories."""
    with running_product(tmp_path_factory.mktemp("own")) as product:
        yield product


def code_of(secret: str, *, at: float) -> str:
    """What an authenticator app shows (RFC 6238)."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def enter_password(page: Page, product: Product, email: str) -> None:
    page.goto(f"{product.url}/backoffice/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(product.demo["backoffice"]["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("width", [1280], indirect=True, ids=["desktop"])
def test_a_second_factor_is_set_up_and_asked_for(
    own_product: Product, clerk: BrowserContext, camera: Camera
) -> None:
    """With a code from an app and recovery codes; without the code nobody gets in."""
    page, product = clerk.new_page(), own_product
    enter_password(page, product, product.demo["backoffice"]["email"])
    page.goto(f"{product.url}/account/2fa/")
    camera.look(page, "security")
    page.goto(f"{product.url}/account/2fa/totp/activate/")
    page.get_by_label("Password").fill(product.demo["backoffice"]["password"])
    page.get_by_role("button", name="Confirm").click()
    camera.look(page, "second-factor")
    secret = page.get_by_label("Secret of the authenticator app").input_value().replace(" ", "")
    page.get_by_label(re.compile("code", re.IGNORECASE)).fill(code_of(secret, at=time.time()))
    page.locator("main form button[type=submit]").first.click()
    expect(page).not_to_have_url(re.compile("activate"))
    camera.look(page, "recovery-codes")

    page.context.clear_cookies()
    enter_password(page, product, product.demo["backoffice"]["email"])
    expect(page).to_have_url(re.compile("2fa/authenticate"))
    page.goto(f"{product.url}/backoffice/")
    expect(page).to_have_url(re.compile("2fa/authenticate"))
    page.get_by_label(re.compile("code", re.IGNORECASE)).fill(code_of(secret, at=time.time() + 30))
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(f"{product.url}/backoffice/")


def with_a_fingerprint(page: Page) -> None:
    """A device that keeps passkeys and whose owner is there."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})


@pytest.mark.parametrize("width", [390], indirect=True, ids=["phone"])
def test_a_passkey_is_added_and_signs_in_alone(
    own_product: Product, clerk: BrowserContext, camera: Camera
) -> None:
    """Without address, password or code; and it is a second factor for whoever types a password."""
    page, product = clerk.new_page(), own_product
    with_a_fingerprint(page)
    enter_password(page, product, product.demo["backoffice"]["email"])
    page.goto(f"{product.url}/account/2fa/webauthn/add/")
    page.get_by_label("Password").fill(product.demo["backoffice"]["password"])
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("My phone")
    camera.look(page, "passkey-add")
    page.locator("#mfa_webauthn_add").click()
    expect(page.locator("main")).to_contain_text("recovery")
    page.goto(f"{product.url}/account/2fa/webauthn/")
    expect(page.get_by_text("My phone")).to_be_visible()
    camera.look(page, "passkeys")
    page.goto(f"{product.url}/backoffice/")
    page.locator("summary.person").click()
    page.get_by_role("button", name="Deutsch").click()
    for path in ("2fa/", "2fa/recovery-codes/", "2fa/recovery-codes/generate/"):
        page.goto(f"{product.url}/account/{path}")
        camera.look(page, f"long-words-{path.strip('/').split('/')[-1]}")  # the longest are German
    page.goto(f"{product.url}/backoffice/")
    page.locator("summary.person").click()
    page.get_by_role("button", name="English").click()

    page.context.clear_cookies()
    page.goto(f"{product.url}/backoffice/")
    page.locator("#passkey_login").click()
    expect(page).to_have_url(f"{product.url}/backoffice/")

    page.context.clear_cookies()
    enter_password(page, product, product.demo["backoffice"]["email"])
    expect(page).to_have_url(re.compile("2fa/authenticate"))
    camera.look(page, "second-factor-passkey")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{product.url}/backoffice/")

    page.goto(f"{product.url}/account/2fa/webauthn/")
    page.get_by_role("link", name="Remove My phone").click()
    expect(page).to_have_url(re.compile("2fa/webauthn/reauthenticate"))
    expect(page.get_by_text("Use your password")).to_have_count(0)
    camera.look(page, "confirm-passkey")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Remove passkey")).to_be_visible()
