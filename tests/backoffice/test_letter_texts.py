"""Settings > Letter texts: a merchant's own words for the letters to buyers (SPG-MAI-02 to 04, SPG-CNF-01)."""

import pytest

from paygate import clock
from paygate.languages import LANGUAGES
from paygate.mail.archive import parts
from paygate.mail.models import Mail
from paygate.merchants.models import LetterWords
from paygate.offers.send import send_offer
from tests.backoffice.reading import error_at, value_of, words
from tests.mail.reading import read
from tests.make.offers import offer

OFFER_IN_GERMAN = "/backoffice/settings/letters/offer/de/"
CONFIRMATION_IN_ENGLISH = "/backoffice/settings/letters/confirmation/en/"
OWN = {
    "subject": "Ihr Zimmer im {merchant}: {amount}",
    "salutation": "Guten Tag {name}",
    "text": "Wir haben {description} für Sie reserviert.\r\nBitte zahlen Sie bis {expiry}.\r\n\r\n"
    "Ihre Nummer: {reference}",
    "signature": "Herzlich\r\nAnna vom {merchant}",
}
VISA = "9010003150000001"


def sent_to_max(person, **terms):
    sold = offer(person.terminal, payer_email="max@example.org", language="de", **terms)
    send_offer(sold.pk, by=person.actor, now=clock.now())
    return parts(Mail.objects.latest("pk"))


def header(letter, name):
    return dict(letter.headers)[name]


def test_every_letter_is_listed_in_every_language_with_whose_words_it_has(anna):
    browser = anna.browser()
    browser.post(OFFER_IN_GERMAN, OWN)

    page = words(browser.get("/backoffice/settings/letters/"))

    assert all(
        page.count(name) == 2 + (name == "English") for name in LANGUAGES.values() if name != "English"
    )
    assert page.count("Your own words") == 1
    assert page.count("Our words") == 7


def test_what_is_saved_is_what_buyers_read_from_then_on(anna):
    """SPG-MAI-02, SPG-MAI-03, SPG-MAI-04: the merchant's defaults for a language."""
    page = anna.browser().post(OFFER_IN_GERMAN, OWN, follow=True)
    letter = sent_to_max(anna, description="ein Doppelzimmer", reference="2026-7")

    assert "Saved. Letters from now on say it so." in words(page)
    assert header(letter, "Subject").endswith("Ihr Zimmer im Hotel Alpenblick: CHF 49.90")
    assert "Guten Tag\n\nWir haben ein Doppelzimmer für Sie reserviert.\nBitte zahlen Sie bis " in letter.text
    assert "Ihre Nummer: 2026-7" in letter.text
    assert "Herzlich\nAnna vom Hotel Alpenblick" in letter.text
    assert "für Sie reserviert.<br>Bitte zahlen" in letter.html
    assert "Wir haben ein Doppelzimmer für Sie reserviert." in read(letter.html).words


def test_other_languages_and_other_letters_keep_our_words(anna):
    browser = anna.browser()
    browser.post(OFFER_IN_GERMAN, OWN)

    assert value_of(browser.get("/backoffice/settings/letters/offer/en/"), "subject").startswith("Payment to")
    assert value_of(browser.get(CONFIRMATION_IN_ENGLISH), "subject") == "You paid {amount} to {merchant}"


def test_a_part_left_empty_says_what_we_say(anna):
    anna.browser().post(OFFER_IN_GERMAN, {**OWN, "text": " ", "signature": ""})

    own = LetterWords.objects.get()
    assert (own.subject, own.text, own.signature) == (OWN["subject"], "", "")


def test_our_own_words_are_not_taken_for_the_merchants(anna):
    browser = anna.browser()
    shown = browser.get(OFFER_IN_GERMAN)

    browser.post(OFFER_IN_GERMAN, {name: value_of(shown, name) for name in ("subject", "salutation")})

    assert not LetterWords.objects.exists()


def test_back_to_our_words(anna):
    browser = anna.browser()
    browser.post(OFFER_IN_GERMAN, OWN)

    page = browser.post(f"{OFFER_IN_GERMAN}reset", follow=True)

    assert "This letter has our words again." in words(page)
    assert not LetterWords.objects.exists()


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("Dear {nmae}", "There is no placeholder {nmae}. You can use {amount}, {reference},"),
        ("Dear { name }", "“{ name }” is not complete: write {name}."),
        ("Dear {{name}}", "“{{name}}” is not complete: write {name}."),
        ("Dear {name", "“{name” is not complete: write {name}."),
        ("Dear name}", "“name}” is not complete: write {name}."),
        ("Dear {Name}", "“{Name}” is not complete: write {name}."),
    ],
)
def test_a_placeholder_that_is_unknown_or_broken_is_named(typed, complaint, anna):
    page = anna.browser().post(OFFER_IN_GERMAN, {**OWN, "salutation": typed})

    assert page.status_code == 422
    assert complaint in error_at(page, "salutation")
    assert not LetterWords.objects.exists()


def test_a_confirmation_has_no_deadline(anna):
    page = anna.browser().post(CONFIRMATION_IN_ENGLISH, {**OWN, "text": "Until {expiry}"})

    assert "There is no placeholder {expiry}" in error_at(page, "text")


def test_marks_that_are_no_placeholders_stay_the_text_they_are(anna):
    typed = (
        '<b>{{ 7*7 }}</b> {% raw %} %(amount)s ${amount} {3} {} 100 % <a href="https://evil.example">x</a>'
    )
    anna.browser().post(OFFER_IN_GERMAN, {**OWN, "text": typed})
    letter = sent_to_max(anna)

    shown = typed.replace("{amount}", "CHF\u00a049.90")
    assert shown in letter.text
    assert shown.replace("\u00a0", " ") in read(letter.html).words.replace("\u00a0", " ")
    assert "https://evil.example" not in read(letter.html).addresses


def test_a_value_that_looks_like_a_placeholder_is_not_filled_in_again(anna):
    anna.browser().post(OFFER_IN_GERMAN, {**OWN, "text": "{description}"})

    assert "\n{reference}\n" in sent_to_max(anna, description="{reference}").text


def test_a_buyers_name_is_filled_in_where_it_is_known(anna):
    anna.browser().post(OFFER_IN_GERMAN, OWN)
    sold = offer(anna.terminal, payer_email="max@example.org", language="de")
    type(sold).objects.filter(pk=sold.pk).update(address={"first_name": "Max", "last_name": "Muster"})
    send_offer(sold.pk, by=anna.actor, now=clock.now())

    assert parts(Mail.objects.get()).text.count("Guten Tag Max Muster\n") == 1


def test_a_subject_stays_one_line(anna):
    anna.browser().post(OFFER_IN_GERMAN, {**OWN, "subject": "Ihr Zimmer\r\nBcc: x@example.org"})

    letter = sent_to_max(anna)
    assert header(letter, "Subject").endswith("Ihr Zimmer Bcc: x@example.org")
    assert "Bcc" not in dict(letter.headers)


def test_a_card_number_is_taken_out_of_the_words(anna):
    page = anna.browser().post(OFFER_IN_GERMAN, {**OWN, "text": f"Card {VISA}"})

    assert "looks like a card number" in error_at(page, "text")
    assert VISA not in page.content.decode()


@pytest.mark.parametrize("address", [OFFER_IN_GERMAN, CONFIRMATION_IN_ENGLISH])
def test_the_preview_shows_what_is_typed_and_saves_nothing(address, anna):
    browser = anna.browser()
    html = browser.post(f"{address}preview/", {**OWN, "text": "Only {amount} for <b>you</b>"})
    text = browser.post(f"{address}preview/?text", {**OWN, "text": "Only {amount} for <b>you</b>"})

    assert "Only CHF 120.00 for <b>you</b>" in read(html.content.decode()).words.replace("\u00a0", " ")
    assert "Only CHF 120.00 for <b>you</b>" in read(text.content.decode()).words.replace("\u00a0", " ")
    assert "default-src 'none'" in html["Content-Security-Policy"]
    assert not LetterWords.objects.exists()


def test_the_preview_of_words_never_touched_is_our_letter(anna):
    letter = read(anna.browser().get("/backoffice/settings/letters/offer/en/preview/").content.decode())

    assert "Hotel Alpenblick asks you for a payment of CHF 120.00." in letter.words.replace("\u00a0", " ")
    assert "Hello Maria Muster" in letter.words


def test_a_letter_or_language_that_is_not_there_is_not_found(anna):
    browser = anna.browser()

    assert browser.get("/backoffice/settings/letters/notice/de/").status_code == 404
    assert browser.get("/backoffice/settings/letters/offer/es/").status_code == 404


def test_a_clerk_reads_them_and_changes_none(beat):
    browser = beat.browser()

    assert browser.get("/backoffice/settings/letters/").status_code == 200
    assert browser.post(OFFER_IN_GERMAN, OWN).status_code == 403
    assert not LetterWords.objects.exists()


def test_one_merchants_words_are_not_anothers(anna, carla):
    carla.browser().post(OFFER_IN_GERMAN, OWN)

    assert "Herzlich" not in sent_to_max(anna).text
