"""Two people decide what nobody could find out, on a phone and at a desk (safety.md 2.1 REVIEW, AU-5)."""

import re
import sqlite3

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Camera, Product
from tests.browser.steps import open_a_reservation, sign_in

BEAT = "beat@alpenblick.example"  # reads German


def book_a_reservation(page: Page, buyer: BrowserContext, product: Product, reference: str) -> str:
    """One that was just paid; its transaction."""
    open_a_reservation(page, buyer, product, reference)
    page.get_by_role("button", name=re.compile("^Book")).click()
    expect(page.locator(".detail-head [data-state=CAPTURED]")).to_be_visible()
    return page.url.rstrip("/").rpartition("/")[2]


def nobody_answered_for_a_week(product: Product, transaction_id: str) -> None:
    """As the books stand when the answer about a booking was lost and the schedule is used up."""
    with sqlite3.connect(product.data / "paygate.sqlite3", timeout=20) as books:
        (entry,) = books.execute(
            "SELECT id FROM journal_entry WHERE transaction_id = ?", (transaction_id,)
        ).fetchone()
        books.execute("UPDATE journal_entry SET state = 'AUTHORIZED' WHERE id = ?", (entry,))
        books.execute(
            "UPDATE journal_movement SET state = 'UNKNOWN', settled_at = NULL, period_id = NULL, inquiries = 15,"
            " next_inquiry_at = NULL, review_since = asked_at WHERE entry_id = ? AND kind = 'CAPTURE'",
            (entry,),
        )
    books.close()


def test_two_people_decide(
    product: Product, clerk: BrowserContext, buyer: BrowserContext, camera: Camera, width: int
) -> None:
    """One says what became of a booking and how she knows, another confirms it in his own language."""
    anna = clerk.new_page()
    sign_in(anna, product)
    booked = book_a_reservation(anna, buyer, product, f"DECIDE-{width}")
    nobody_answered_for_a_week(product, booked)
    anna.reload()
    camera.check(anna, "entry-undecided")

    anna.goto(f"{product.url}/backoffice/")
    camera.check(anna, "dashboard-to-decide")
    anna.locator(".banner").get_by_role("link", name="To decide").click()
    expect(anna.locator(".rail [aria-current=page]")).to_have_text("To decide")
    camera.look(anna, "to-decide")
    anna.locator("a.row").first.click()
    anna.get_by_role("button", name="Propose").click()
    expect(anna.locator("[data-errors]")).to_be_focused()
    camera.check(anna, "decide-errors")
    anna.get_by_label("It is booked").check()
    anna.get_by_label("How you know it").fill("Called the acquirer at 10:15, Mr. Huber: booked on the 17th.")
    camera.look(anna, "decide")
    anna.get_by_role("button", name="Propose").click()
    expect(anna.get_by_role("button", name="Take back")).to_be_visible()
    camera.check(anna, "decide-said")

    beat = buyer.new_page()
    sign_in(beat, product, email=BEAT)
    beat.goto(anna.url)
    camera.look(beat, "decide-confirm")
    beat.locator("form[action$='/confirm/'] button").click()
    expect(beat.locator(".banner.good").first).to_be_visible()
    camera.check(beat, "decided")
    beat.locator(".facts a").first.click()
    expect(beat.locator(".detail-head [data-state=CAPTURED]")).to_be_visible()
    camera.check(beat, "entry-decided")
