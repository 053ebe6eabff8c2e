"""Payments, reserved at the simulator and never written straight into the books."""

from datetime import datetime
from typing import Any

from django.db import transaction

from paygate import clock
from paygate.acquiring.models import Contract
from paygate.cards.number import Card, CardNumber, Expiry
from paygate.journal.authorize import Payment, begin_payment, put_to_acquirer
from paygate.journal.models import Entry, Origin
from paygate.journal.movements import mark_sent
from paygate.journal.settling import settle
from paygate.merchants.models import Booking, Terminal
from paygate.money.amount import Money
from paygate.tenants.context import within

GOOD_VISA = "9010003150000001"
DECLINED_VISA = "9010403153900001"


def reservation(
    terminal: Terminal,
    amount: Money | None = None,
    *,
    card: str = GOOD_VISA,
    now: datetime | None = None,
    **other: Any,
) -> Entry:
    """A payment by Visa, as far as the simulator's answer brings it: with a good card, a reservation."""
    moment = now or clock.now()
    with within(terminal.merchant_id):
        contract = Contract.objects.get(terminal=terminal, method=other.pop("method", "VISA"))
        payment = Payment(
            contract=contract,
            amount=amount or Money(4990, "CHF"),
            origin=Origin.SECURE_PAYGATE,
            reference=other.pop("reference", "2026-0412"),
            description=other.pop("description", "Double room, one night"),
            booking=other.pop("booking", Booking.FINAL),
            card=Card(CardNumber.parse(card), Expiry(2030, 12)),
            **other,
        )
        with transaction.atomic():
            movement = begin_payment(payment, by="payer", now=moment)
        mark_sent(movement, now=moment)
        answer = put_to_acquirer(movement, card=payment.card)
        with transaction.atomic():
            settle(movement, answer, now=moment)
        return Entry.objects.get(pk=movement.entry_id)
