"""Send an offer to its buyer (SPG-BTN-02, SPG-FRM-44)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paygate.audit.actions import Action
from paygate.mail.outbox import queue
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.offers.files import attached
from paygate.offers.letter import offer_letter
from paygate.offers.models import Offer
from paygate.offers.payable import NotPayable, lock, why_not_payable
from paygate.offers.put_down import put_down
from paygate.refusals import Kind, Refusal


class NoBuyerAddress(Refusal):
    """The offer has nobody to be sent to (SPG-FRM-44)."""

    code = "NO_BUYER_ADDRESS"
    kind = Kind.INVALID

    def __init__(self) -> None:
        super().__init__(_("Enter the buyer's e-mail address to send the offer."), field="payer_email")


class SentMeanwhile(Refusal):
    """The form that asks for it has sent it already, or somebody else has since it was shown (safety.md ID-6)."""

    code = "SENT_MEANWHILE"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("It was sent meanwhile. To send it once more, press the button again."))


def sending_of(offer: Offer) -> str:
    """Names the last sending, so that a form can say which one it knows of; empty before the first."""
    return offer.sent_at.isoformat() if offer.sent_at else ""


def send_offer(offer_id: UUID, *, seen: str | None = None, by: Actor, now: datetime) -> None:
    """Queue the letter and note that the offer was sent, in one transaction.

    `seen` is the last sending that a form knew of (`sending_of`); None where no form is submitted. Raises
    `NoBuyerAddress`, `SentMeanwhile`, or `NotPayable` when there is nothing left to pay.
    """
    by.require(Permission.EDIT_OFFERS)
    with transaction.atomic():
        offer = lock(offer_id)
        if seen is not None and seen != sending_of(offer):
            raise SentMeanwhile
        if not offer.payer_email:
            raise NoBuyerAddress
        why = why_not_payable(offer, now=now)
        if why:
            raise NotPayable(why)
        queue(offer_letter(offer, attached(offer)), merchant_id=offer.merchant_id, now=now)
        Offer.objects.filter(pk=offer.pk).update(sent_at=now)
        put_down(Action.OFFER_SENT, offer, by=by, now=now)
