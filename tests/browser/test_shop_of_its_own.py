"""A shop in a process of its own, a payer in a browser, and PayGate between them (behaviour.md D, E, F).

The shop knows nothing but the JSON API: it asks for a page, sends the payer there, takes our call and the payer's
return, asserts and books from both, and pays a part back.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import CHECKOUT, Camera, Product
from tests.browser.steps import CHALLENGED, FRICTIONLESS, enter_card
from tests.mail.post import free_port

DECLINED = "9010403153150003"

pytestmark = pytest.mark.parametrize("width", [390], indirect=True, ids=["phone"])


@dataclass(frozen=True)
class Bookshop:
    """The running shop, as its owner and its buyers see it."""

    url: str

    def order(self, number: str, *, version: str = "1.53", **members: Any) -> str:
        """Put an order down; the address of its button "Pay"."""
        self._post(f"orders/{number}", {"version": version, "members": members})
        return f"{self.url}/buy/{number}"

    def refund(self, number: str) -> None:
        """The owner pays a part back."""
        self._post(f"refund/{number}", {})

    def seen(self, number: str) -> dict[str, Any]:
        """All that the shop knows of an order."""
        with urllib.request.urlopen(f"{self.url}/orders/{number}", timeout=30) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def until(self, number: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Our call comes from a job, in its own time."""
        deadline = time.monotonic() + 30
        while not is_so(seen := self.seen(number)):
            assert time.monotonic() < deadline, seen
            time.sleep(0.1)
        return seen

    def _post(self, path: str, body: dict[str, Any]) -> None:
        with urllib.request.urlopen(f"{self.url}/{path}", json.dumps(body).encode(), timeout=100):
            pass


@pytest.fixture(scope="module")
def bookshop(product: Product) -> Iterator[Bookshop]:
    """It ends with the tests."""
    port = free_port()
    told = {
        "PAYGATE_URL": product.url,
        "PAYGATE_USER": product.demo["api_user"],
        "PAYGATE_PASSWORD": product.demo["api_password"],
        "PATH": os.environ["PATH"],
    }
    command = [sys.executable, "-m", "tests.browser.bookshop", str(port)]
    process = subprocess.Popen(command, env=told, cwd=CHECKOUT)
    shop = Bookshop(f"http://localhost:{port}")
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(OSError):
                shop.order("0")
                break
            time.sleep(0.1)
        yield shop
    finally:
        process.kill()
        process.wait()


def step(page: Page, name: str) -> None:
    expect(page.locator("main")).to_have_attribute("data-step", name, timeout=20_000)


def pay_by_card(page: Page, number: str) -> None:
    """From the choice of means, or from the card form where nothing is to be chosen."""
    if page.locator("[data-method=CARD]").count():
        page.locator("[data-method=CARD]").first.click()
    enter_card(page, number)
    page.locator("[data-pay]").click()


def comes_back(page: Page) -> str:
    """Our result page leads the payer on by itself. What the shop shows then."""
    shown = page.locator("main[data-end]")
    expect(shown).to_be_visible(timeout=20_000)
    return shown.get_attribute("data-end") or ""


def test_from_the_order_to_the_refund(product: Product, buyer: BrowserContext, bookshop: Bookshop) -> None:
    page = buyer.new_page()
    page.goto(bookshop.order("success"))
    step(page, "choose")
    expect(page.get_by_text("Three books")).to_be_visible()
    pay_by_card(page, CHALLENGED)
    page.locator("button[value=approve]").click()

    assert comes_back(page) in ("AUTHORIZED", "CAPTURED")

    seen = bookshop.until("success", lambda seen: seen["heard"] == ["paid"] and len(seen["asserted"]) == 2)
    assert {one["Transaction"]["OrderId"] for one in seen["asserted"]} == {"success"}
    booked = [one for one in seen["captured"] if "CaptureId" in one]
    assert len(booked) == 1
    assert {one["ErrorName"] for one in seen["captured"] if one not in booked} <= {
        "TRANSACTION_ALREADY_CAPTURED"
    }
    bookshop.refund("success")
    seen = bookshop.seen("success")
    assert seen["refunded"]["Transaction"]["Type"] == "REFUND"
    assert seen["refunded"]["Transaction"]["Amount"] == {"Value": "990", "CurrencyCode": "CHF"}
    assert seen["refund captured"]["Status"] == "CAPTURED"


def test_a_payment_that_is_refused(product: Product, buyer: BrowserContext, bookshop: Bookshop) -> None:
    """The payer sees why and gives up; the shop is told that it failed, and takes nothing."""
    page = buyer.new_page()
    page.goto(bookshop.order("failure", PaymentMethods=["VISA"]))
    pay_by_card(page, DECLINED)
    expect(page.locator("main [role=alert]")).to_be_visible(timeout=20_000)
    page.locator("[data-cancel]").click()

    assert comes_back(page) in ("TRANSACTION_DECLINED", "TRANSACTION_ABORTED")

    seen = bookshop.until("failure", lambda seen: seen["heard"] == ["failed"])
    assert seen["captured"] == []


def test_a_payer_who_leaves(product: Product, buyer: BrowserContext, bookshop: Bookshop) -> None:
    page = buyer.new_page()
    page.goto(bookshop.order("abort"))
    page.locator("[data-cancel]").click()

    assert comes_back(page) == "TRANSACTION_ABORTED"

    seen = bookshop.until("abort", lambda seen: seen["heard"] == ["failed"])
    assert {one["ErrorName"] for one in seen["asserted"]} == {"TRANSACTION_ABORTED"}
    assert seen["captured"] == []


@pytest.mark.parametrize(("number", "pays", "end"), [("old", True, "success"), ("old-left", False, "abort")])
def test_a_shop_of_many_years_ago(
    product: Product, buyer: BrowserContext, bookshop: Bookshop, number: str, pays: bool, end: str
) -> None:
    """behaviour.md B-3: `ReturnUrls` and `NotifyUrl`; it hears of success alone, and is told the old members."""
    page = buyer.new_page()
    page.goto(bookshop.order(number, version="1.7"))
    if pays:
        pay_by_card(page, FRICTIONLESS)
    else:
        page.locator("[data-cancel]").click()
    comes_back(page)

    assert page.url == f"{bookshop.url}/back/{number}?end={end}"
    if pays:
        seen = bookshop.until(number, lambda seen: seen["heard"] == ["paid"])
        assert seen["asserted"][0]["ThreeDs"]["LiabilityShift"] is True
        assert "Liability" not in seen["asserted"][0]
        assert len([one for one in seen["captured"] if one.get("Status") == "CAPTURED"]) == 1


def test_a_page_as_the_shop_wants_it(product: Product, buyer: BrowserContext, bookshop: Bookshop) -> None:
    """Addresses, the payer as the shop knows them, language, looks and means (behaviour.md F-1, F-5, F-8, F-9)."""
    page = buyer.new_page()
    page.goto(
        bookshop.order(
            "wishes",
            PaymentMethods=["VISA", "MASTERCARD"],
            ConfigSet="ALPENBLICK",
            Payer={
                "LanguageCode": "de-CH",
                "BillingAddress": {"FirstName": "Carla", "LastName": "Muster", "City": "Bern"},
            },
            BillingAddressForm={"AddressSource": "SAFERPAY"},
        )
    )
    step(page, "address")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("[autocomplete~=address-level2]")).to_have_value("Bern")
    page.locator("[autocomplete~=email]").fill("carla@example.org")
    page.locator("[autocomplete~=address-line1]").fill("Gasse 1")
    page.locator("[autocomplete~=postal-code]").fill("3000")
    page.locator("main form button[type=submit]").first.click()
    step(page, "card")
    assert (
        page.locator(
            "[data-method]:not([data-method=VISA], [data-method=MASTERCARD], [data-method=CARD])"
        ).count()
        == 0
    )
    pay_by_card(page, FRICTIONLESS)
    comes_back(page)

    told = bookshop.seen("wishes")["asserted"][0]["Payer"]["BillingAddress"]
    assert told == {
        "FirstName": "Carla", "LastName": "Muster", "Street": "Gasse 1", "Zip": "3000", "City": "Bern",
        "CountryCode": "CH", "Email": "carla@example.org",
    }  # fmt: skip


def test_a_holders_name_where_the_shop_wants_it(
    product: Product, buyer: BrowserContext, bookshop: Bookshop
) -> None:
    """behaviour.md F-6."""
    page = buyer.new_page()
    page.goto(bookshop.order("holder", PaymentMethods=["VISA"], CardForm={"HolderName": "MANDATORY"}))

    expect(page.locator("[autocomplete=cc-name]")).to_be_visible()


def test_fields_that_few_shops_want(
    product: Product, buyer: BrowserContext, bookshop: Bookshop, camera: Camera
) -> None:
    """behaviour.md F-5: salutation, VAT number and state are shown where they are mandatory."""
    page = buyer.new_page()
    wanted = ["SALUTATION", "LASTNAME", "VATNUMBER", "STATE"]
    form = {"AddressSource": "SAFERPAY", "MandatoryFields": wanted}
    page.goto(bookshop.order("seldom", BillingAddressForm=form, PaymentMethods=["VISA"]))
    step(page, "address")
    camera.check(page, "pay-seldom-fields")

    page.get_by_label("Salutation").select_option("COMPANY")
    page.locator("[autocomplete~=family-name]").fill("Muster")
    page.get_by_label("VAT number").fill("CHE-123.456.789")
    page.get_by_label("State or canton").fill("Zürich")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#state-error")).to_be_visible()
    page.get_by_label("State or canton").fill("ZH")
    page.get_by_role("button", name="Continue").click()

    step(page, "card")
