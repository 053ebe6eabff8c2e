"""What payer and merchant read after a payment (SPG-FLOW-11, 12; SPG-PAY-04, 05; safety.md EM-3, EM-4)."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from paygate.languages import LANGUAGES
from paygate.mail.outbox import Rendered, render
from paygate.merchants.models import LetterKind
from tests.mail.reading import read
from tests.mail.words import in_our_words

WEBSITE = "https://alpenblick.example"
ADDRESS = "Seestrasse 12, 3800 Interlaken"
ENTRY = "https://pay.example/backoffice/journal/k9Q2mV7tXz4Lr8Bn1Wd6Hs3Pf5Jc/"
SUM = "CHF\u00a01’249.90"
FACTS: dict[str, Any] = {
    "merchant_name": "Hotel Alpenblick",
    "amount": SUM,
    "description": "Double room, two nights",
    "reference": "2026-0412",
    "method": "Visa",
    "last4": "1234",
    "transaction_id": "k9Q2mV7tXz4Lr8Bn1Wd6Hs3Pf5Jc",
    "paid_at": datetime(2026, 11, 24, 22, 0, tzinfo=ZoneInfo("Europe/Zurich")),
    "zone": "Europe/Zurich",
    "website": WEBSITE,
    "address": ADDRESS,
    "test": False,
}
TYPED = '<script>alert(1)</script> "x" & {{ 7*7 }} {% raw %} %(amount)s 100 % <a href="https://evil.example">'
RISK = "If this payment is disputed as fraud, the loss is yours."
RESERVATION = "This is a reservation. Book it in the journal."

in_every_language = pytest.mark.parametrize("language", LANGUAGES)


def confirmation(language: str = "en", **other: Any) -> Rendered:
    facts = FACTS | other
    words = in_our_words(LetterKind.CONFIRMATION, language, facts)
    return render("checkout/letters/confirmation", language, words | facts)


def notice(language: str = "en", **other: Any) -> Rendered:
    more = {
        "journal_url": ENTRY,
        "payer_email": "carla@example.org",
        "liability_shift": True,
        "to_be_booked": False,
    }
    return render("checkout/letters/notice", language, FACTS | more | other)


both_letters = pytest.mark.parametrize("letter", [confirmation, notice])


@both_letters
@in_every_language
def test_letter_and_twin_both_say_what_was_paid_and_how_to_find_it_again(letter: Any, language: str) -> None:
    written = letter(language)

    for words in (read(written.html).words, written.text.replace("\u00a0", " ")):
        for fact in ("CHF 1’249.90", "Double room, two nights", "2026-0412", "Hotel Alpenblick", "22:00"):
            assert fact in words
        assert "Visa •••• 1234" in words
        assert FACTS["transaction_id"] in words


@in_every_language
def test_the_confirmation_leads_only_to_the_merchants_site(language: str) -> None:
    written = confirmation(language)

    assert read(written.html).addresses == {WEBSITE}
    assert "http" not in read(written.html).comments
    assert WEBSITE in written.text


@in_every_language
def test_the_confirmation_says_where_the_merchant_is(language: str) -> None:
    written = confirmation(language)

    assert ADDRESS in read(written.html).words
    assert ADDRESS in written.text


@in_every_language
def test_the_notice_leads_only_to_the_journal(language: str) -> None:
    written = notice(language)

    assert read(written.html).addresses == {ENTRY}
    assert "http" not in read(written.html).comments
    assert ENTRY in written.text


def test_the_notice_says_who_paid() -> None:
    assert "carla@example.org" in notice().text
    assert "carla@example.org" in read(notice().html).words
    assert "Payer" not in notice(payer_email="").text


def test_a_payment_without_liability_shift_warns_the_merchant() -> None:
    written = notice(liability_shift=False)

    assert RISK in written.text
    assert RISK in read(written.html).words


def test_a_payment_with_liability_shift_warns_nobody() -> None:
    assert RISK not in notice().text
    assert RISK not in read(notice().html).words


def test_the_payer_is_told_nothing_of_risk() -> None:
    assert "iability" not in confirmation().text + confirmation().html


def test_a_reservation_asks_to_be_booked() -> None:
    written = notice(to_be_booked=True)

    assert RESERVATION in written.text
    assert RESERVATION in read(written.html).words
    assert read(written.html).links == {"Book in the journal": ENTRY}
    assert written.subject == "Payment reserved: CHF 1’249.90 · 2026-0412"


def test_a_payment_that_is_booked_asks_for_nothing() -> None:
    written = notice()

    assert RESERVATION not in written.text
    assert read(written.html).links == {"Show in the journal": ENTRY}
    assert written.subject == "Payment received: CHF 1’249.90 · 2026-0412"


@both_letters
def test_a_method_without_a_number_is_named_alone(letter: Any) -> None:
    written = letter(method="TWINT", last4="")

    assert "Paid with: TWINT\n" in written.text
    assert "•" not in written.text + read(written.html).words


@both_letters
def test_marks_that_somebody_types_are_shown_as_they_were_typed(letter: Any) -> None:
    written = letter(description=TYPED, merchant_name=TYPED, reference=TYPED)
    found = read(written.html)

    assert TYPED in found.words
    assert TYPED in written.text
    assert "script" not in found.tags
    assert "https://evil.example" not in found.addresses


@both_letters
@in_every_language
def test_the_subject_is_one_line_with_the_sum(letter: Any, language: str) -> None:
    subject = letter(language, merchant_name="Hotel\nBcc: x@example.org", reference="a\u2028b\r\nc").subject

    assert len(subject.splitlines()) == 1
    assert "CHF 1’249.90" in subject


@both_letters
def test_a_test_is_called_a_test(letter: Any) -> None:
    trial, real = letter(test=True), letter()

    assert trial.subject == f"TEST: {real.subject}"
    assert trial.text == f"*** TEST: No money moves here. ***\n\n{real.text}"
    assert "TEST No money moves here." in read(trial.html).words
    assert "TEST" not in read(real.html).words


@pytest.mark.parametrize(
    ("language", "date"),
    [
        ("en", "24 Nov 2026, 22:00"),
        ("de", "24. Nov. 2026, 22:00"),
        ("fr", "24 nov. 2026, 22:00"),
        ("it", "24 nov 2026, 22:00"),
    ],
)
@both_letters
def test_the_moment_is_written_in_the_language_with_the_zone_beside_it(
    letter: Any, language: str, date: str
) -> None:
    written = letter(language)

    assert f"{date} (Europe/Zurich)" in read(written.html).words
    assert f"{date} (Europe/Zurich)" in written.text
