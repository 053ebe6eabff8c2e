"""The letter beside the form: what is filled in so far, and nothing is saved or sent."""

import pytest

from paygate.mail.models import Mail
from paygate.merchants.models import Preferences
from paygate.offers.models import Offer
from tests.backoffice.filled import filled
from tests.mail.reading import read

VISA = "9010003150000001"
PREVIEW = "/backoffice/offers/preview/"


def test_the_letter_says_what_the_form_says_in_the_offers_language(beat):
    answer = beat.browser().post(PREVIEW, filled(beat.terminal, amount="1'234.50", language="fr"))

    letter = read(answer.content.decode())
    assert answer.status_code == 200
    assert "CHF 1 234,50" in letter.words.replace("\u00a0", " ").replace("\u202f", " ")
    assert "2026-0412" in letter.words
    assert any(label.startswith("Payer") for label in letter.links)


@pytest.mark.parametrize("wrong", ["", "1e5", "-3", "0"])
def test_an_amount_that_is_missing_or_wrong_is_left_open(wrong, beat):
    answer = beat.browser().post(PREVIEW, filled(beat.terminal, amount=wrong, language="en"))

    assert answer.status_code == 200
    assert "asks you for a payment of …" in read(answer.content.decode()).words


def test_a_card_number_typed_into_the_description_is_not_shown(beat):
    answer = beat.browser().post(PREVIEW, filled(beat.terminal, description=f"Card {VISA}"))

    assert VISA.encode() not in answer.content


def test_an_empty_form_has_a_letter_too(beat):
    assert "…" in read(beat.browser().get(PREVIEW).content.decode()).words


def test_nothing_is_saved_or_sent(beat):
    beat.browser().post(PREVIEW, filled(beat.terminal, by_email="on", button="send"))

    assert not Offer.objects.exists()
    assert not Mail.objects.exists()


def test_what_a_merchant_typed_cannot_act_in_it(beat):
    answer = beat.browser().post(PREVIEW, filled(beat.terminal, description="<script>alert(1)</script>"))

    assert b"<script" not in answer.content
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy


def test_the_merchants_postal_address_stands_at_its_foot(beat):
    Preferences.objects.update(address="Seestrasse 12, 3800 Interlaken")

    assert "Seestrasse 12, 3800 Interlaken" in read(beat.browser().get(PREVIEW).content.decode()).words
