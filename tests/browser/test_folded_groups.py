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
