"""What payers do to an offer: begin, end, pay."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from paygate.offers import payable
from paygate.offers.models import Offer
from tests.make.books import NOON


def latest(offer: Offer) -> Offer:
    """As it stands now."""
    return Offer.objects.get(pk=offer.pk)


def claimed(offer: Offer, *, now: datetime = NOON) -> str:
    """A payer begins to pay it."""
    attempt = str(uuid4())
    with transaction.atomic():
        payable.claim(payable.lock(offer.pk), attempt, now=now)
    return attempt


def ended(offer: Offer, attempt: str, *, now: datetime = NOON) -> None:
    """The payer's attempt ends without a payment."""
    with transaction.atomic():
        payable.release(payable.lock(offer.pk), attempt, by="payer", now=now)


def paid(offer: Offer, *, now: datetime = NOON) -> None:
    """A payment of it succeeded."""
    with transaction.atomic():
        payable.mark_paid(payable.lock(offer.pk), by="payer", now=now)
