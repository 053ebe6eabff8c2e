"""The letters on the offer's form: words, addresses, attachments, confirmation (SPG-MAI, SPG-CNF)."""

from datetime import timedelta
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from paygate import clock
from paygate.mail.archive import parts
from paygate.mail.models import Mail
from paygate.merchants.models import Preferences, Role, TermsFile
from paygate.offers.models import Offer, OfferFile
from paygate.offers.tasks import forget_unused_files
from tests.backoffice.filled import filled
from tests.backoffice.reading import error_at, value_of, words
from tests.cast import somebody
from tests.flows.buyer import DECLINED, MASTERCARD, Buyer
from tests.mail.made_files import GOOD, picture, portable
from tests.mail.reading import read
from tests.make.desks import Desk, Link

NEW = "/backoffice/offers/new/"
FILES = "/backoffice/offers/files/"
OWN = {
    "letter_subject": "Ihr Zimmer: {amount}",
    "letter_salutation": "Guten Tag {name}",
    "letter_text": "Wir freuen uns.\r\nBis bald!",
    "letter_signature": "Anna",
}
BIG = portable(b"x" * 3_000_000)


def send(person, **changed):
    """Fill in the form and press "Save and send offer"."""
    return person.browser().post(NEW, filled(person.terminal, button="send", by_email="on", **changed))


def letter(kind="offer"):
    return parts(Mail.objects.get(kind=kind, copy_of=None))


def header(read_letter, name):
    return dict(read_letter.headers).get(name, "")


def upload(name="Plan.pdf", content=None):
    return SimpleUploadedFile(name, GOOD["Terms.pdf"] if content is None else content)


def pay(person, card=MASTERCARD):
    """The buyer pays the offer that was made last."""
    buyer = Buyer()
    buyer.open(Link(Desk(person.terminal), Offer.objects.latest("created_at").pk))
    buyer.pay_by_card(card)
    return buyer


def test_sending_by_e_mail_is_switched_on_and_off(beat):
    """SPG-MAI-01."""
    page = beat.browser().get(NEW)
    assert 'name="by_email"' in page.content.decode()
    beat.browser().post(NEW, filled(beat.terminal))
    assert not Mail.objects.exists()

    send(beat)
    assert Mail.objects.get().recipient == "guest@example.org"


def test_the_form_comes_with_the_words_of_the_settings(anna):
    """SPG-MAI-02 to SPG-MAI-04: they are there to be edited."""
    browser = anna.browser()
    browser.post("/backoffice/settings/letters/offer/en/", {"subject": "Your room: {amount}"})

    page = browser.get(NEW)

    assert value_of(page, "letter_subject") == "Your room: {amount}"
    assert value_of(page, "letter_salutation") == "Hello {name}"
    assert "{merchant} asks you for a payment of {amount}." in page.content.decode()


def test_subject_salutation_text_and_signature_are_the_offers_own(beat):
    """SPG-MAI-02, SPG-MAI-03, SPG-MAI-04."""
    send(beat, **OWN, address_first_name="Max", address_last_name="Muster")

    sent = letter()
    assert header(sent, "Subject").endswith("Ihr Zimmer: CHF 49.90")
    assert "Guten Tag Max Muster\n\nWir freuen uns.\nBis bald!\n" in sent.text
    assert "\nAnna\n" in sent.text
    assert "Wir freuen uns.<br>Bis bald!" in sent.html
    assert "Guten Tag Max Muster" in read(sent.html).words


def test_only_what_is_really_own_is_kept_with_the_offer(anna):
    """The words of one language do not stay when another is chosen afterwards."""
    browser = anna.browser()
    shown = browser.get(NEW)
    untouched = {name: value_of(shown, name) for name in ("letter_subject", "letter_salutation")}

    browser.post(NEW, filled(anna.terminal, language="fr", **untouched, letter_text="Bienvenue"))

    assert Offer.objects.get().letter == {"text": "Bienvenue"}


def test_own_words_are_there_again_when_the_offer_is_edited_or_copied(beat):
    send(beat, **OWN)
    sold = Offer.objects.get()

    for page in (f"/backoffice/offers/{sold.pk}/edit/", f"{NEW}?copy={sold.pk}"):
        assert value_of(beat.browser().get(page), "letter_subject") == "Ihr Zimmer: {amount}"


@pytest.mark.parametrize("field", ["letter_text", "confirmation_text"])
def test_a_placeholder_that_is_unknown_is_named_beside_its_field(field, beat):
    page = send(beat, **{field: "Dear {nobody}"})

    assert page.status_code == 422
    assert "There is no placeholder {nobody}." in error_at(page, field)
    assert not Offer.objects.exists()


def test_the_preview_shows_own_words_and_the_buyers_name(beat):
    form = filled(beat.terminal, **OWN, address_first_name="Max")
    html = beat.browser().post("/backoffice/offers/preview/", form)
    text = beat.browser().post("/backoffice/offers/preview/?text", form)

    for page in (html, text):
        assert "Guten Tag Max" in read(page.content.decode()).words
        assert "Wir freuen uns." in read(page.content.decode()).words


def test_the_recipient_can_be_edited(beat):
    """SPG-MAI-05."""
    send(beat)
    sold = Offer.objects.get()

    form = filled(beat.terminal, payer_email="max@example.org", button="send", by_email="on", revision="1")
    beat.browser().post(f"/backoffice/offers/{sold.pk}/edit/", form)

    assert Mail.objects.latest("pk").recipient == "max@example.org"


def test_the_addresses_of_the_settings_are_shown_and_used(beat):
    """SPG-MAI-06: the archive is the BCC address of SPG-ARC-01."""
    Preferences.objects.update(reply_to="desk@alpenblick.example", archive_email="archive@alpenblick.example")

    page = words(beat.browser().get(NEW))
    send(beat)

    assert "Replies go to desk@alpenblick.example Edit" in page
    assert "Copy (BCC) to archive@alpenblick.example Edit" in page
    assert header(letter(), "Reply-To") == "desk@alpenblick.example"
    assert Mail.objects.exclude(copy_of=None).get().recipient == "archive@alpenblick.example"


def test_they_can_be_changed_for_this_offer(beat):
    """SPG-MAI-07: for both letters to the buyer."""
    Preferences.objects.update(reply_to="desk@alpenblick.example", archive_email="archive@alpenblick.example")

    send(beat, reply_to="beat@alpenblick.example", archive_email="beat.archive@alpenblick.example")
    pay(beat)

    for kind in ("offer", "confirmation"):
        assert header(letter(kind), "Reply-To") == "beat@alpenblick.example"
    copies = Mail.objects.exclude(copy_of=None)
    assert {copy.recipient for copy in copies} == {"beat.archive@alpenblick.example"}
    assert len(copies) == 2


@pytest.mark.parametrize("typed", ["a@x.example, b@y.example", "nobody", "a@x.example\u2028b@y.example"])
def test_such_an_address_is_one_mailbox(typed, beat):
    page = send(beat, reply_to=typed)

    assert page.status_code == 422
    assert error_at(page, "reply_to")


def test_files_can_be_added_one_or_several(beat):
    """SPG-MAI-08, SPG-MAI-11: they go out with the letter, beside the terms of its language."""
    TermsFile.objects.create(merchant=beat.merchant, language="de", name="AGB.pdf", content=b"%PDF-1.7")

    send(beat, attachments=[upload("Plan.pdf"), upload("Zimmer.png", picture("PNG"))])

    assert [file.filename for file in letter().attachments] == ["AGB.pdf", "Plan.pdf", "Zimmer.png"]


def test_a_file_is_taken_while_the_form_is_filled_in(beat):
    """SPG-MAI-08: with a script, each file is sent as soon as it is chosen."""
    form_id = str(uuid4())
    answer = beat.browser().post(FILES, {"form_id": form_id, "attachments": upload()}).json()

    assert [file["name"] for file in answer["files"]] == ["Plan.pdf"]
    send(beat, form_id=form_id, files=[answer["files"][0]["id"]])
    assert [file.filename for file in letter().attachments] == ["Plan.pdf"]


def test_a_mistake_elsewhere_in_the_form_loses_no_file(beat):
    """SPG-MAI-08."""
    form = filled(beat.terminal, amount="", attachments=upload(), button="send", by_email="on")
    browser = beat.browser()
    page = browser.post(NEW, form)
    assert page.status_code == 422
    assert "Plan.pdf" in words(page)

    kept = OfferFile.objects.get()
    assert f'name="files" value="{kept.pk}" checked' in page.content.decode()
    browser.post(NEW, {**form, "amount": "49.90", "attachments": "", "files": str(kept.pk)})

    assert [file.filename for file in letter().attachments] == ["Plan.pdf"]


def test_a_file_is_removed_by_taking_its_tick_away(beat):
    send(beat, attachments=[upload("One.pdf"), upload("Two.pdf")])
    sold, (one, two) = Offer.objects.get(), OfferFile.objects.all()
    edit = f"/backoffice/offers/{sold.pk}/edit/"
    page = beat.browser().get(edit)
    assert f'value="{one.pk}" checked' in page.content.decode()

    beat.browser().post(edit, filled(beat.terminal, revision="1", files=[str(two.pk)]))

    assert [file.name for file in OfferFile.objects.filter(offer=sold)] == ["Two.pdf"]


@pytest.mark.parametrize(
    ("name", "content"), [("run.exe", b"MZ"), ("Plan.docm", b"PK"), ("Plan.pdf", b"MZ program")]
)
def test_other_files_are_refused_by_name_and_nothing_is_saved(name, content, beat):
    """SPG-MAI-10."""
    page = send(beat, attachments=upload(name, content))

    assert page.status_code == 422
    assert f"“{name}”: " in words(page)
    assert not Offer.objects.exists()
    assert not OfferFile.objects.exists()


@pytest.mark.parametrize("name", GOOD)
def test_each_allowed_kind_goes_out(name, beat):
    """SPG-MAI-10."""
    send(beat, attachments=upload(name, GOOD[name]))

    assert [file.filename for file in letter().attachments] == [name]


def test_more_than_5_mb_together_are_refused(beat):
    """SPG-MAI-09: the e-mail is a third larger than its files."""
    page = send(beat, attachments=[upload("One.pdf", BIG), upload("Two.pdf", BIG)])

    assert page.status_code == 422
    assert "“Two.pdf”: With its attachments the letter has" in words(page)
    assert "5 MB is the most" in words(page)
    assert not Mail.objects.exists()


def test_the_terms_count_too(beat):
    """SPG-MAI-09."""
    TermsFile.objects.create(merchant=beat.merchant, language="de", name="AGB.pdf", content=BIG)

    page = send(beat, attachments=upload("One.pdf", BIG))

    assert page.status_code == 422
    assert "5 MB is the most" in words(page)
    assert not Mail.objects.exists()
    assert not Offer.objects.exists()


def test_a_file_of_more_than_5_mb_is_not_even_read(beat):
    """SPG-MAI-09; safety.md UP-3."""
    answer = beat.browser().post(
        FILES, {"form_id": str(uuid4()), "attachments": upload("Huge.pdf", bytes(5 * 1024 * 1024 + 1))}
    )

    assert answer.status_code == 422
    assert answer.json() == {"files": [], "errors": ["“Huge.pdf”: The file is larger than 5 MB."]}


def test_20_files_are_the_most(beat):
    """safety.md UP-3."""
    page = send(beat, attachments=[upload(f"{number}.pdf") for number in range(21)])

    assert page.status_code == 422
    assert "“20.pdf”: At most 20 files for one offer." in words(page)


def test_the_senders_own_mail_program_gets_words_and_link_and_no_files(beat):
    """SPG-MAI-11, SPG-MAI-12: files go out only when the e-mail is sent from here."""
    beat.browser().post(NEW, filled(beat.terminal, button="open", attachments=upload(), **OWN))
    sold = Offer.objects.get()

    page = beat.browser().get(f"/backoffice/offers/{sold.pk}/").content.decode()
    address = unquote(page.partition('href="mailto:')[2].partition('"')[0].replace("&amp;", "&"))

    assert not Mail.objects.exists()
    assert address.startswith(
        "guest@example.org?subject=Ihr Zimmer: CHF\u00a049.90&body=Guten Tag\r\n\r\nWir freuen uns."
    )
    assert f"/SecurePayGate/Payment/100001/17000011/{sold.pk}" in address
    assert "attach" not in address
    assert "Plan.pdf" not in address
    assert "not with your own mail program" in words(beat.browser().get(NEW))


def test_a_file_is_handed_out_as_a_download_only(beat, carla):
    """safety.md UP-4."""
    send(beat, attachments=upload())
    address = f"{FILES}{OfferFile.objects.get().pk}/"

    file = beat.browser().get(address)

    assert file["Content-Disposition"] == 'attachment; filename="Plan.pdf"'
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Content-Security-Policy"].startswith("sandbox")
    assert carla.browser().get(address).status_code == 404


def test_one_merchants_files_do_not_go_out_with_anothers_letters(beat, carla):
    form_id = str(uuid4())
    theirs = carla.browser().post(FILES, {"form_id": form_id, "attachments": upload("Secret.pdf")}).json()

    page = send(beat, form_id=form_id, files=[theirs["files"][0]["id"]])

    assert page.status_code == 422
    assert "A file is no longer here" in words(page)


def test_files_of_forms_that_were_never_saved_go_after_a_week(beat):
    """safety.md section 20."""
    browser = beat.browser()
    for name in ("old.pdf", "new.pdf"):
        browser.post(FILES, {"form_id": str(uuid4()), "attachments": upload(name)})
    send(beat, attachments=upload("sold.pdf"))
    OfferFile.objects.exclude(name="new.pdf").update(uploaded_at=clock.now() - timedelta(days=7, minutes=1))

    forget_unused_files()

    assert {file.name for file in OfferFile.objects.all()} == {"new.pdf", "sold.pdf"}


def test_a_reader_adds_no_files(alpenblick):
    reader = somebody(alpenblick, "Rita", Role.READER)

    assert reader.browser().post(FILES, {"form_id": str(uuid4()), "attachments": upload()}).status_code == 403


def test_a_confirmation_can_be_set_up_in_own_words(beat):
    """SPG-CNF-01."""
    send(
        beat,
        confirm="on",
        confirmation_subject="Danke, {merchant}",
        confirmation_text="Bezahlt: {amount} für {description}.",
    )
    pay(beat)

    sent = letter("confirmation")
    assert header(sent, "Subject").endswith("Danke, Hotel Alpenblick")
    assert "Bezahlt: CHF\u00a049.90 für Double room, one night." in sent.text


def test_the_merchants_own_words_hold_for_confirmations_too(anna):
    """SPG-CNF-01."""
    anna.browser().post("/backoffice/settings/letters/confirmation/de/", {"text": "Vielen herzlichen Dank."})

    send(anna)
    pay(anna)

    assert "Vielen herzlichen Dank." in letter("confirmation").text


def test_no_confirmation_where_the_offer_wants_none(beat):
    """SPG-CNF-01."""
    send(beat, confirm=None)

    assert pay(beat).step == "paid"
    assert not Mail.objects.filter(kind="confirmation").exists()


def test_it_is_sent_as_soon_as_the_payment_succeeded_to_the_address_of_the_offer(beat):
    """SPG-CNF-02, SPG-CNF-04."""
    send(beat)
    assert not Mail.objects.filter(kind="confirmation").exists()

    assert pay(beat).step == "paid"

    assert Mail.objects.get(kind="confirmation").recipient == "guest@example.org"


def test_it_is_not_sent_for_a_payment_that_failed(beat):
    """SPG-CNF-03."""
    send(beat)

    assert pay(beat, DECLINED).step != "paid"

    assert not Mail.objects.filter(kind="confirmation").exists()
