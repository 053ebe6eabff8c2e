"""Labels of facts keep their words whole, in the language with the longest ones."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Product
from tests.browser.steps import sign_in

# The words of labels that begin on one line and end on another.
BROKEN = """labels => labels.flatMap(label => {
  const texts = document.createTreeWalker(label, NodeFilter.SHOW_TEXT), broken = [];
  while (texts.nextNode()) {
    for (const word of texts.currentNode.data.matchAll(/[^\\s-]+/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, word.index);
      range.setEnd(texts.currentNode, word.index + word[0].length);
      if (range.getClientRects().length > 1) broken.push(word[0]);
    }
  }
  return broken;
})"""


@pytest.mark.parametrize("width", [390, 760, 1280], indirect=True, ids=["phone", "tablet", "desktop"])
def test_no_label_breaks_within_a_word(product: Product, clerk: BrowserContext) -> None:
    page = clerk.new_page()
    sign_in(page, product, email="beat@alpenblick.example")
    expect(page.locator("html")).to_have_attribute("lang", "de")

    for section in ("journal", "offers", "links"):
        page.goto(f"{product.url}/backoffice/{section}/")
        page.locator("tbody a.row").first.click()
        facts = page.locator(".facts dt")
        expect(facts.first).to_be_visible()
        assert facts.evaluate_all(BROKEN) == [], section
