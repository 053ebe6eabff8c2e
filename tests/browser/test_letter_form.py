"""Words and files of a letter with scripts running: placeholders, languages, files sent as they are chosen."""

import re

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from tests.browser.conftest import Camera, Product
from tests.browser.steps import sign_in
from tests.browser.test_every_menu_page import BEAT, choose
from tests.mail.made_files import GOOD, portable


def file(name: str, content: bytes | None = None) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content or GOOD[name]}


def opened_form(page: Page, product: Product) -> None:
    """A new offer that goes out by e-mail, with the letter's part unfolded."""
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/offers/new/")
    page.get_by_label("Description").fill("Two nights")
    page.get_by_label("Reference").fill("letter-form")
    page.get_by_label("Amount").fill("120.00")
    page.get_by_label("Buyer's e-mail address").fill("max@example.org")
    page.get_by_label("Send the link by e-mail to the buyer").check()
    page.locator("summary", has_text="E-mail to the buyer").click()


def test_files_are_sent_when_they_are_chosen_and_go_out_with_the_letter(
    product: Product, clerk: BrowserContext, camera: Camera
) -> None:
    page = clerk.new_page()
    opened_form(page, product)
    attachments = page.locator("#attachments")

    attachments.locator("input[type=file]").set_input_files([file("Plan.docx"), file("Room.png")])
    expect(attachments.locator("li")).to_have_count(2)
    expect(attachments.locator("[data-total]")).to_have_text(re.compile(r"0[.,]\d MB of 5 MB"))
    attachments.locator("input[type=file]").set_input_files(file("run.exe", b"MZ"))
    expect(attachments.get_by_role("alert")).to_contain_text("“run.exe”: This type of file cannot be sent.")
    large = portable(b"x" * 2_000_000)
    attachments.locator("input[type=file]").set_input_files([file("A.pdf", large), file("B.pdf", large)])
    expect(attachments.get_by_role("alert")).to_contain_text("“B.pdf”: With its attachments the letter has")
    expect(attachments.locator("li")).to_have_count(3)
    camera.look(page, "offer-form-files")
    attachments.get_by_role("button", name="Remove A.pdf").click()
    expect(attachments.locator("li")).to_have_count(2)
    page.get_by_role("button", name="Save and send offer").click()

    page.get_by_role("link", name="Payment to").or_(page.locator(".plain-rows a.clamp")).first.click()
    expect(page.get_by_role("link", name="Plan.docx")).to_be_visible()
    expect(page.get_by_role("link", name="Room.png")).to_be_visible()
    expect(page.get_by_role("link", name="A.pdf")).to_have_count(0)


def test_a_placeholder_is_put_where_the_cursor_is(
    product: Product, clerk: BrowserContext, camera: Camera
) -> None:
    page = clerk.new_page()
    opened_form(page, product)
    subject = page.locator("#id_letter_subject")
    subject.fill("Room  for you")
    subject.evaluate("field => field.setSelectionRange(5, 5)")

    page.locator("[data-words-of]").first.get_by_title("Insert Reference").click()

    expect(subject).to_have_value("Room {reference} for you")
    expect(subject).to_be_focused()


def test_words_that_nobody_touched_follow_the_language(product: Product, clerk: BrowserContext) -> None:
    page = clerk.new_page()
    opened_form(page, product)
    page.locator("#id_letter_signature").fill("Anna")
    before = page.locator("#id_letter_text").input_value()

    page.locator("#id_language").select_option("it")

    expect(page.locator("#id_letter_text")).not_to_have_value(before)
    expect(page.locator("#id_letter_signature")).to_have_value("Anna")


@pytest.mark.parametrize("width", [1280], indirect=True, ids=["desktop"])
def test_in_french_sizes_and_colons_are_written_the_french_way(
    product: Product, clerk: BrowserContext
) -> None:
    page = clerk.new_page()
    sign_in(page, product, email=BEAT)
    choose(page, "fr")
    page.goto(f"{product.url}/backoffice/offers/new/")
    page.locator("#id_by_email").check()
    page.locator("summary", has_text="E-mail à l’acheteur").click()

    expect(page.locator("[data-total]")).to_have_text(re.compile(r"^0,\d\sMo sur 5\sMo$"))
    expect(page.locator("main")).to_contain_text(re.compile(r"Payable par\s: Visa"))
    expect(page.get_by_role("button", name="Sauvegarder", exact=True)).to_be_visible()
    choose(page, "de")


def test_letter_texts_of_the_settings(product: Product, clerk: BrowserContext, camera: Camera) -> None:
    page = clerk.new_page()
    sign_in(page, product)
    page.goto(f"{product.url}/backoffice/settings/letters/")
    camera.look(page, "letter-texts")
    page.get_by_role("link", name="Confirmation to the buyer: English").click()

    page.get_by_label("Text", exact=False).first.fill("Thank you for {amount}.")
    if camera.width > 1200:
        letter = page.frame_locator("iframe[data-preview]")
        expect(letter.get_by_text("Thank you for CHF 120.00.")).to_be_visible()
        page.get_by_role("button", name="Plain text", exact=True).click()
        expect(letter.locator("pre")).to_contain_text("Thank you for CHF 120.00.")
    camera.look(page, "letter-text")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your own words")).to_be_visible()
    page.get_by_role("link", name="Confirmation to the buyer: English").click()
    page.get_by_role("button", name="Back to our words").click()
    expect(page.get_by_text("This letter has our words again.")).to_be_visible()
