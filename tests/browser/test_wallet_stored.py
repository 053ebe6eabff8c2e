"""A payer lets TWINT be charged later, in a real browser; the shop charges it then (behaviour.md O-5, O-9)."""

import base64
import json
import urllib.request
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Camera, Product

TERMINAL = "17000011"


def call(product: Product, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """One call of the JSON API by the demo merchant's program."""
    user, password = product.demo["api_user"], product.demo["api_password"]
    header = {
        "SpecVersion": "1.53",
        "CustomerId": user.split("_")[1],
        "RequestId": uuid4().hex,
        "RetryIndicator": 0,
    }
    request = urllib.request.Request(
        f"{product.url}/api/Payment/v1/{path}",
        data=json.dumps({"RequestHeader": header, **body}).encode(),
        headers={
            "Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode(),
            "Content-Type": "application/json; charset=utf-8",
        },
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        told: dict[str, Any] = json.load(answer)
    return told


@pytest.mark.parametrize("choice", ["approve", "cancel"])
def test_a_payer_agrees_or_not_and_the_page_says_so(
    product: Product, buyer: BrowserContext, camera: Camera, choice: str
) -> None:
    asked = {
        "RegisterAlias": {"IdGenerator": "RANDOM"},
        "Type": "TWINT",
        "ReturnUrl": {"Url": f"{product.url}/about"},
        "LanguageCode": "en",
    }
    opened = call(product, "Alias/Insert", asked)
    page = buyer.new_page()
    page.goto(opened["Redirect"]["RedirectUrl"])
    expect(page.get_by_role("heading", name="Store TWINT for later")).to_be_visible()
    camera.look(page, "store-wallet")
    page.locator("[data-pay]").click()
    expect(page.get_by_text("May this shop charge your wallet later")).to_be_visible()
    page.go_back()
    expect(page.locator("[data-answered], [data-pay]").first).to_be_visible()
    page.goto(opened["Redirect"]["RedirectUrl"])
    expect(page.get_by_role("heading", name="Agree at TWINT")).to_be_visible()
    camera.look(page, "at-wallet")
    page.get_by_role("link", name="Continue to TWINT").click()
    page.locator(f"[data-action={choice}]").click()

    if choice == "cancel":
        expect(page.locator("main[data-step=aborted]")).to_be_visible()
        return
    expect(page.locator("main[data-step=stored]")).to_be_visible()
    expect(page.get_by_role("heading", name="TWINT is stored")).to_be_visible()
    alias = call(product, "Alias/AssertInsert", {"Token": opened["Token"]})["Alias"]["Id"]
    payment = {
        "TerminalId": TERMINAL,
        "Payment": {"Amount": {"Value": "990", "CurrencyCode": "CHF"}},
        "PaymentMeans": {"Alias": {"Id": alias}},
    }
    assert call(product, "Transaction/AuthorizeDirect", payment)["Transaction"]["Status"] == "AUTHORIZED"
