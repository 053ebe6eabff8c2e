"""The offer letter is queued with the offer's mark, in one transaction (safety.md EM-1, LK-6)."""

from datetime import timedelta

import pytest
from django.db import transaction

from paygate.jobs.interface import run_due
from paygate.mail.models import Mail
from paygate.merchants.models import Preferences, TermsFile
from paygate.merchants.reach import NotPermitted
from paygate.offers.letter import offer_letter
from paygate.offers.link import link_of
from paygate.offers.models import Offer
from paygate.offers.payable import NotPayable, WhyNot
from paygate.offers.send import NoBuyerAddress, send_offer
from tests.make.books import NOON
from tests.make.claims import claimed, latest, paid
from tests.make.offers import offer as an_offer

BUYER = "max.muster@example.org"


@pytest.fixture
def offer(anna) -> Offer:
    return an_offer(anna.terminal, now=NOON, payer_email=BUYER, language="de")


def test_the_letter_goes_to_the_buyer_and_the_offer_is_marked(anna, offer):
    send_offer(offer.pk, by=anna.actor, now=NOON)

    mail = Mail.objects.get()
    assert (mail.recipient, mail.kind, mail.language) == (BUYER, "offer", "de")
    assert mail.about == f"offer:{offer.pk}"
    assert latest(offer).sent_at == NOON
    assert latest(offer).state == "OPEN", "sent is a mark, not a state"


def test_it_may_be_sent_again(anna, offer):
    send_offer(offer.pk, by=anna.actor, now=NOON)
    send_offer(offer.pk, by=anna.actor, now=NOON + timedelta(days=1))

    assert Mail.objects.count() == 2
    assert latest(offer).sent_at == NOON + timedelta(days=1)


def test_a_copy_goes_to_the_archive(anna, offer):
    Preferences.objects.update(archive_email="archive@alpenblick.example")

    send_offer(offer.pk, by=anna.actor, now=NOON)

    assert sorted(mail.recipient for mail in Mail.objects.all()) == ["archive@alpenblick.example", BUYER]


def test_a_transaction_that_fails_leaves_neither_letter_nor_mark_nor_job(anna, offer):
    class Fell(Exception):
        pass

    @transaction.atomic
    def send_and_fall() -> None:
        send_offer(offer.pk, by=anna.actor, now=NOON)
        raise Fell

    with pytest.raises(Fell):
        send_and_fall()

    assert latest(offer).sent_at is None
    assert not Mail.objects.exists()
    assert run_due() == 0


def test_without_an_address_nothing_is_sent(anna):
    offer = an_offer(anna.terminal, now=NOON)

    with pytest.raises(NoBuyerAddress) as refusal:
        send_offer(offer.pk, by=anna.actor, now=NOON)

    assert refusal.value.field == "payer_email"
    assert latest(offer).sent_at is None


@pytest.mark.parametrize("why", list(WhyNot))
def test_what_cannot_be_paid_is_not_sent(anna, offer, why):
    from paygate.offers.change import disable

    now = NOON
    match why:
        case WhyNot.PAID:
            paid(offer)
        case WhyNot.EXPIRED:
            now = offer.expires_at
        case WhyNot.DISABLED:
            disable(offer.pk, by=anna.actor, now=NOON)
        case WhyNot.IN_PROGRESS:
            claimed(offer)

    with pytest.raises(NotPayable) as refusal:
        send_offer(offer.pk, by=anna.actor, now=now)

    assert refusal.value.why is why
    assert not Mail.objects.exists()


def test_who_may_not_write_offers_sends_none(anna, offer):
    from paygate.merchants.models import Role
    from tests.cast import somebody

    with pytest.raises(NotPermitted):
        send_offer(offer.pk, by=somebody(anna.terminal, "Dario", Role.CASHIER).actor, now=NOON)


def test_the_letter_carries_link_code_terms_and_sender(anna, offer):
    Preferences.objects.update(sender_local="reception", reply_to="reception@alpenblick.example")
    TermsFile.objects.create(merchant=anna.merchant, language="de", name="AGB.pdf", content=b"%PDF-1.7 de")
    TermsFile.objects.create(merchant=anna.merchant, language="en", name="terms.pdf", content=b"%PDF-1.7 en")

    letter = offer_letter(latest(offer))

    link = link_of(offer, anna.merchant, anna.terminal.number)
    assert link in letter.text
    assert link.endswith(f"/SecurePayGate/Payment/100001/17000011/{offer.pk}")
    assert [attached.filename for attached in letter.attachments] == ["AGB.pdf"]
    assert letter.inline[0].content.startswith(b"\x89PNG")
    assert (letter.sender_local, letter.reply_to) == ("reception", "reception@alpenblick.example")
