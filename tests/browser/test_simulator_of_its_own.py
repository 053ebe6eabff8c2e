"""The simulator as a process of its own: its pages are another site to the browser, and the policies let it pass."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.conftest import Product, context_of, running_product
from tests.browser.steps import LOOKED_AT, a_link, enter_card
from tests.simulator_process import SimulatorProcess, simulator_process


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with simulator_process(tmp_path_factory.mktemp("simulator") / "ledger.sqlite3") as running:
        yield running


@pytest.fixture(scope="module")
def apart(simulator: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product that is told where the simulator is."""
    with running_product(tmp_path_factory.mktemp("apart"), PAYGATE_SIMULATOR_URL=simulator.url) as product:
        yield product


@pytest.fixture
def person(chromium: Browser, apart: Product) -> Iterator[BrowserContext]:
    """A browser that notes every violated policy and every error on its console."""
    yield from context_of(chromium, 1280)


def approvals(simulator: SimulatorProcess) -> list[str]:
    """The methods of what stands in its ledger."""
    book = httpx2.get(f"{simulator.url}/simulator/ledger").json()
    return [row["method"] for row in book if row["op"] == "AUTH" and row["code"] == "00"]


def test_the_demo_is_paid_through_it(apart: Product, simulator: SimulatorProcess) -> None:
    assert approvals(simulator), "paid demo offers were paid there"
    assert not (apart.data / "simulator-ledger.sqlite3").exists()
    assert httpx2.get(f"{apart.url}/simulator/ledger").status_code == 404


def test_a_card_with_a_look_at_the_browser_and_a_challenge(
    apart: Product, simulator: SimulatorProcess, person: BrowserContext
) -> None:
    page = person.new_page()
    page.goto(f"{apart.demo['first_link']}?method=CARD")
    enter_card(page, LOOKED_AT)
    looked = []
    page.on("request", lambda request: looked.append(request.url) if "/3ds/method" in request.url else None)
    page.locator("[data-pay]").click()
    approve = page.locator("[data-action=approve]")
    approve.wait_for()
    assert page.url == f"{simulator.url}/simulator/3ds/challenge"
    assert looked == [f"{simulator.url}/simulator/3ds/method", f"{apart.url}/3ds/method"]

    approve.click()

    expect(page.locator("main")).to_have_attribute("data-step", "paid", timeout=20_000)
    assert page.url.startswith(apart.url)


@pytest.mark.parametrize("method", ["TWINT", "POSTFINANCEPAY"])
def test_a_wallet_is_left_and_answers_later(
    method: str, apart: Product, simulator: SimulatorProcess, person: BrowserContext
) -> None:
    page = person.new_page()
    link = a_link(page, apart, f"LATER-{method}")
    page.goto(f"{link}?method={method}")
    page.locator("[data-pay]").click()
    page.locator("[data-action=leave]").wait_for()
    wallet = page.url
    assert wallet.startswith(f"{simulator.url}/simulator/wallet/")

    page.locator("[data-action=leave]").click()
    expect(page.get_by_text("waits here")).to_be_visible()

    page.goto(link)  # which leads there again, as long as the wallet waits
    expect(page).to_have_url(wallet, timeout=20_000)
    page.locator("[data-action=approve]").click()
    expect(page.locator("main")).to_have_attribute("data-step", "paid", timeout=20_000)
    assert method in approvals(simulator)


@pytest.mark.parametrize(("action", "step"), [("refuse", "choose"), ("cancel", "choose|aborted")])
def test_a_wallet_says_no(
    action: str, step: str, apart: Product, simulator: SimulatorProcess, person: BrowserContext
) -> None:
    page = person.new_page()
    page.goto(f"{a_link(page, apart, f'NO-{action}')}?method=TWINT")
    page.locator("[data-pay]").click()
    page.locator(f"[data-action={action}]").click()

    expect(page.locator("main")).to_have_attribute("data-step", re.compile(step), timeout=20_000)
    assert page.url.startswith(apart.url)
