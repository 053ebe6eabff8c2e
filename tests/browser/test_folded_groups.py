"""What is folded away is still told in one line, and the line is true."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Product
from tests.browser.steps import sign_in


@pytest.mark.parametrize("width", [390], indirect=True, ids=["phone"])
def test_a_folded_group_tells_what_was_chosen_in_it(product: Product, clerk: BrowserContext) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/offers/new/")
    booking = page.locator("details.fold", has_text="Authorization type and condition")
    notices = page.locator("details.fold", has_text="Payment notification")

    booking.locator("summary").click()
    booking.locator("[value=AUTOMATIC]").check()
    booking.locator("[value=WITH_SUCCESSFUL_THREE_DS_CHALLENGE]").check()
    booking.locator("summary").click()
    notices.locator("summary").click()
    notices.get_by_label("Payment notification").fill("bar@alpenblick.example")
    notices.locator("summary").click()

    expect(booking.locator(".values")).to_have_text(
        "Automatic booking · Only with liability shift and 3-D Secure authentication"
    )
    expect(notices.locator(".values")).to_have_text("bar@alpenblick.example")

    notices.locator("summary").click()
    notices.get_by_label("Payment notification").fill("")
    notices.locator("summary").click()
    expect(notices.locator(".values")).to_have_text("Nobody is notified")


@pytest.mark.parametrize("width", [390], indirect=True, ids=["phone"])
def test_what_limits_a_link_is_told_with_its_name_and_currency(
    product: Product, clerk: BrowserContext
) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/links/new/")
    limits = page.locator("details.fold", has_text="Days and limits")
    expect(limits.locator(".values")).to_have_text("No limits")

    limits.locator("summary").click()
    page.locator("#id_most_payments").fill("3")
    page.locator("#id_most_total").fill("500")
    page.locator("#id_most_total").blur()
    expect(limits.locator(".values")).to_have_text("Most payments: 3 · Most in total: CHF 500")

    page.get_by_label("Currency").select_option("EUR")
    expect(limits.locator(".values")).to_have_text("Most payments: 3 · Most in total: EUR 500")
