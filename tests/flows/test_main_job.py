"""The whole story once: an offer is written, sent, paid with a challenge, booked lowered, filed with the acquirer."""

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from paygate import clock
from paygate.acquiring.simulator import ledger
from paygate.jobs.interface import run_due
from paygate.journal.batch_close import close_batch
from paygate.journal.capture import capture
from paygate.journal.models import BookingPeriod, Entry
from paygate.merchants.models import Role
from paygate.merchants.open_account import add_member
from paygate.merchants.reach import actor_of
from paygate.merchants.roles import Permission
from paygate.offers.create import create_offer
from paygate.offers.models import Offer, Source
from paygate.offers.send import send_offer
from paygate.offers.terms import OfferTerms
from tests.flows.buyer import ASKED, Buyer
from tests.mail.reading import read
from tests.make.desks import desk
from tests.make.money import chf

pytestmark = pytest.mark.django_db


def letters_to(address: str) -> list[EmailMessage]:
    """The letters in the mail folder to this address, oldest first."""
    files = sorted((Path(django_settings.PAYGATE_DATA) / "mail").glob("*.eml"))
    letters = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [letter for letter in letters if letter["To"] == address and isinstance(letter, EmailMessage)]


def html_of(letter: EmailMessage) -> str:
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def test_from_the_offer_to_the_acquirers_batch():
    """SPG-FLOW-01, 02, 06, 08 to 15; SPG-PAY-01 to 06; SPG-FLOW-07: the same link works from any letter."""
    hotel = desk()
    with hotel.in_view():
        member = add_member(
            hotel.merchant,
            email="anna@alpenblick.example",
            name="Anna Amstad",
            password="correct horse battery",
            role=Role.OWNER,
            language="en",
        )
        anna = actor_of(member)
        assert anna.permissions == frozenset(Permission)

        # Anna writes an offer and sends it.
        now = clock.now()
        terms = OfferTerms(
            amount=chf("480.00"),
            description="Two nights in the double room",
            reference="2026-0412",
            expires_at=now + timedelta(days=14),
            payer_email="carla@example.org",
            language="en",
        )
        offer = create_offer(anna.terminal("17000011"), terms, source=Source.BACKOFFICE, by=anna, now=now)
        send_offer(offer.pk, by=anna, now=now)
    run_due()

    # Carla reads the letter and presses the button in it.
    (letter,) = letters_to("carla@example.org")
    found = read(html_of(letter))
    link = found.links["Pay now"]
    assert link == f"http://localhost:8000/SecurePayGate/Payment/100001/17000011/{offer.pk}"
    assert "CHF 480.00" in found.words
    carla = Buyer()
    carla.open(link)
    assert "CHF 480.00" in carla.page.words.replace("\u00a0", " ")

    # She pays, and confirms at her bank.
    carla.pay_by_card(ASKED)
    carla.to_bank()
    carla.press("approve")
    assert carla.step == "paid"
    assert "A confirmation is on its way to you" in carla.page.words
    run_due()

    # Both are written to.
    _, confirmation = letters_to("carla@example.org")
    (notice,) = letters_to("reception@alpenblick.example")
    assert "CHF 480.00" in read(html_of(confirmation)).words
    assert "Visa •••• 0001" in read(html_of(confirmation)).words
    assert "This is a reservation. Book it in the journal." in read(html_of(notice)).words

    with hotel.in_view():
        # The journal shows a reservation that came from Secure PayGate.
        entry = Entry.objects.get(reference="2026-0412")
        assert (entry.state, entry.origin, entry.amount) == ("AUTHORIZED", "SECURE_PAYGATE", chf("480.00"))
        assert (entry.liability_shift, Offer.objects.get(pk=offer.pk).state) == (True, "PAID")
        transaction_id = entry.transaction_id
        assert transaction_id in read(html_of(confirmation)).words

        # One night fell away, so Anna books less, and in the evening the batch is closed.
        booked = capture(entry.pk, amount=chf("240.00"), by=anna, now=clock.now())
        assert booked.state == "APPROVED"
        period = close_batch(entry.terminal, by=anna, now=clock.now())
        assert period is not None
        period = BookingPeriod.objects.get(pk=period.pk)
        assert (period.state, period.line_count, period.totals) == ("CLOSED", 1, {"CHF": 24000})
        request_ids = {line.kind: line.request_id for line in entry.movements.all()}

    # The acquirer has written down the same, under our own references.
    rows = {row["op"]: row for row in ledger.listed()}
    assert set(rows) == {"AUTH", "CAPTURE", "BATCH"}
    assert (rows["AUTH"]["request_id"], rows["AUTH"]["approved"]) == (request_ids["AUTHORIZE"], 48000)
    assert (rows["CAPTURE"]["request_id"], rows["CAPTURE"]["approved"]) == (request_ids["CAPTURE"], 24000)
    assert rows["CAPTURE"]["batch"] == rows["BATCH"]["batch"] == period.number
    assert (rows["BATCH"]["line_count"], rows["BATCH"]["totals"]) == (period.line_count, period.totals)
    assert rows["BATCH"]["content_hash"] == period.content_hash
    assert all((row["code"], row["count"]) == ("00", 1) for row in rows.values())


def test_a_link_from_the_merchants_own_letter_is_the_same_link():
    """SPG-FLOW-07: no letter of ours was ever sent."""
    hotel = desk()
    link = hotel.link()
    carla = Buyer()

    carla.open(f"http://localhost:8000{link.path}")
    carla.pay_by_card(ASKED)
    carla.to_bank()
    carla.press("approve")

    assert carla.step == "paid"
    assert "offer" not in {letter.kind for letter in hotel.letters}
