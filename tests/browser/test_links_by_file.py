"""Links by file in a browser: from the overview's button to the buyer's page, with a row mended on the way."""

import csv
import io
import re

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Camera, Product
from tests.browser.steps import sign_in

HEADER = "Betrag;Währung;Beschreibung;Referenz;E-Mail;Brief senden;Farbe"


def choose(page: Page, name: str, content: bytes) -> None:
    """A file from the disk."""
    page.get_by_label("File", exact=True).set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )


def test_a_file_becomes_links(
    product: Product, clerk: BrowserContext, buyer: BrowserContext, camera: Camera, width: int
) -> None:
    """SPG-UPL-01 to 07."""
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/offers/")
    page.get_by_role("link", name="Create new links by file").click()
    camera.look(page, "links-by-file")
    page.get_by_text("All 37 columns").click()
    expect(page.get_by_role("cell", name=re.compile("^Amount"))).to_be_visible()
    camera.check(page, "the specification")

    rows = [f"{number}.50;CHF;Zimmer {number};FILE-{width}-{number};;nein;rot" for number in range(1, 6)]
    rows[2] = rows[2].replace("3.50", "drei").replace(";;nein", ";anna;nein")
    choose(page, f"rooms-{width}.csv", "\r\n".join([HEADER, *rows]).encode("cp1252"))
    page.get_by_role("button", name="Upload and check").click()

    if page.get_by_text("What are these columns?").count():  # what was said is remembered for the other width
        camera.look(page, "links-by-file-columns")
        expect(page.get_by_text("For example: rot, rot, rot")).to_be_visible()
        page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_text("1 row cannot be created as it is.")).to_be_visible()
    expect(page.get_by_text("CSV, Windows-1252, semicolon")).to_be_visible()
    camera.look(page, "links-by-file-check")

    page.get_by_label("Amount A4").fill("3.50")
    page.get_by_label("E-mail E4").fill("anna@example.org")
    page.get_by_role("button", name="Check row 4 again").click()
    expect(page.get_by_text("Row 4 is right now.")).to_be_visible()
    page.get_by_role("button", name="Create all 5 links").click()

    expect(page.get_by_role("heading", name="5 links were created")).to_be_visible(timeout=30_000)
    camera.look(page, "links-by-file-done")
    with page.expect_download() as download:
        page.get_by_role("link", name="Result as CSV").click()
    result = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [row["Status"] for row in result] == ["OPEN"] * 5

    payer = buyer.new_page()
    payer.goto(result[2]["Link"])
    expect(payer.get_by_text("Zimmer 3")).to_be_visible()
    page.get_by_role("link", name="See them in the overview").click()
    expect(page.get_by_text("Application: File")).to_be_visible()


def test_progress_is_shown_without_a_jump(
    product: Product, clerk: BrowserContext, camera: Camera, width: int
) -> None:
    """What stands below the bar keeps its place while numbers change, and the page shows by itself what came of it."""
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/offers/upload/")
    rows = "\n".join(f"{10 + n % 40}.00,CHF,Room {n},MANY-{width}-{n}" for n in range(15_000))
    choose(page, "many.csv", f"Amount,Currency,Description,Reference\n{rows}".encode())
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_role("button", name="Create all 15,000 links").click(timeout=60_000)

    places = set()
    done = page.get_by_role("heading", name="15,000 links were created")
    while not done.count():
        below = page.locator(".upload-progress > p.muted")
        box = below.bounding_box() if below.count() else None
        if box:
            places.add(box["y"])
        page.wait_for_timeout(200)
    camera.check(page, "many links created")
    assert len(places) == 1, places


def test_everything_works_without_scripts(product: Product, chromium: Browser, width: int) -> None:
    context = chromium.new_context(
        java_script_enabled=False, locale="en-GB", viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/offers/upload/")
    choose(page, "one.csv", f"Amount,Currency,Description\n5,CHF,No script {width}\n".encode())
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_role("button", name="Create 1 link").click()

    for _look in range(60):
        if page.get_by_role("heading", name="1 link was created").count():
            break
        page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", name="1 link was created")).to_be_visible()
    context.close()
