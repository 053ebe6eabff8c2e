"""The examples of docs/ run as they stand there, against the running product."""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import CHECKOUT, Product
from tests.browser.steps import FRICTIONLESS, enter_card

EXAMPLES = CHECKOUT / "docs" / "examples"

pytestmark = pytest.mark.parametrize("width", [390], indirect=True, ids=["phone"])


def run(product: Product, *command: str) -> list[str]:
    """What an example prints."""
    done = started(product, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def started(product: Product, *command: str, **otherwise: str) -> subprocess.CompletedProcess[str]:
    told = {
        "PAYGATE_URL": product.url,
        "PAYGATE_USER": product.demo["api_user"],
        "PAYGATE_PASSWORD": product.demo["api_password"],
        "PATH": os.environ["PATH"],
    }
    return subprocess.run(command, env=told | otherwise, capture_output=True, text=True, check=False)


def test_a_link_with_python(product: Product, buyer: BrowserContext) -> None:
    """SPG-API-02."""
    link, *statuses = run(product, sys.executable, str(EXAMPLES / "links.py"))

    assert "/SecurePayGate/Payment/100001/17000011/" in link
    assert statuses == ["status: OPEN", "status: DISABLED"]


def test_each_says_what_went_wrong_in_one_line(product: Product, buyer: BrowserContext) -> None:
    """Whoever tries them first has a wrong password or the number of a terminal elsewhere."""
    for example in (["links.py"], ["shop.py", "pay"]):
        command = [sys.executable, str(EXAMPLES / example[0]), *example[1:]]

        stranger = started(product, *command, PAYGATE_PASSWORD="guessed")
        elsewhere = started(product, *command, PAYGATE_TERMINAL="17999999")

        assert (
            stranger.stderr
            == "AUTHENTICATION_FAILED: Unable to authenticate request ['Invalid credentials']\n"
        )
        assert elsewhere.stderr == "PERMISSION_DENIED: Permission denied ['Invalid terminal']\n"


def test_a_link_with_curl(product: Product, buyer: BrowserContext) -> None:
    made, read = run(product, "bash", str(EXAMPLES / "links.sh"))

    assert '"PaymentLink"' in made
    assert '"Status": "OPEN"' in read


def test_a_shop_from_the_order_to_the_booking(product: Product, buyer: BrowserContext) -> None:
    address, token = run(product, sys.executable, str(EXAMPLES / "shop.py"), "pay")
    page = buyer.new_page()
    page.goto(address)
    enter_card(page, FRICTIONLESS)
    page.locator("[data-pay]").click()
    expect(page.locator("main")).to_have_attribute("data-step", "paid", timeout=20_000)

    asserted, booked = run(product, sys.executable, str(EXAMPLES / "shop.py"), "finish", token)

    assert asserted.startswith("AUTHORIZED order-7")
    assert booked.startswith("CAPTURED")
    (again,) = run(product, sys.executable, str(EXAMPLES / "shop.py"), "finish", token)
    assert again.startswith(
        "CAPTURED order-7"
    )  # our call and the payer's return both come, and one of them books
