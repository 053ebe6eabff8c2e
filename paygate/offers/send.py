"""The offer letter: in the offer's language, with button, link and QR code (SPG-PAY-01, 02, SPG-FRM-53)."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paygate.languages import ui_language
from paygate.mail.attachments import Attached, Inline
from paygate.mail.outbox import Letter, queue, render
from paygate.merchants.preferences import preferences_of, terms_in
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.money.display import money_text
from paygate.offers.link import link_of
from paygate.offers.models import Offer
from paygate.offers.payable import NotPayable, lock, why_not_payable
from paygate.qr import png
from paygate.refusals import Kind, Refusal


class NoBuyerAddress(Refusal):
    """The offer has nobody to be sent to (SPG-FRM-44)."""

    code = "NO_BUYER_ADDRESS"
    kind = Kind.INVALID

    def __init__(self) -> None:
        super().__init__(_("Enter the buyer's e-mail address to send the offer."), field="payer_email")


def send_offer(offer_id: UUID, *, by: Actor, now: datetime) -> None:
    """Queue the letter and note that the offer was sent, in one transaction.

    Raises `NoBuyerAddress`, or `NotPayable` when there is nothing left to pay.
    """
    by.require(Permission.EDIT_OFFERS)
    with transaction.atomic():
        offer = lock(offer_id)
        if not offer.payer_email:
            raise NoBuyerAddress
        why = why_not_payable(offer, now=now)
        if why:
            raise NotPayable(why)
        queue(offer_letter(offer), merchant_id=offer.merchant_id, now=now)
        Offer.objects.filter(pk=offer.pk).update(sent_at=now)


def offer_letter(offer: Offer) -> Letter:
    """What the buyer is sent."""
    merchant, settings = offer.merchant, preferences_of(offer.merchant_id)
    language = ui_language(offer.language)
    link = link_of(offer, merchant, offer.terminal.number)
    written = render(
        "offers/letters/offer",
        language,
        {
            "merchant_name": merchant.name,
            "amount": money_text(offer.amount, language),
            "description": offer.description,
            "reference": offer.reference,
            "link": link,
            "expires_at": offer.expires_at.astimezone(ZoneInfo(merchant.zone)),
            "zone": merchant.zone,
            "website": settings.website,
            "test": not merchant.live,
        },
    )
    terms = terms_in(offer.merchant_id, language)
    return Letter(
        kind="offer",
        to=offer.payer_email,
        subject=written.subject,
        text=written.text,
        html=written.html,
        language=language,
        sender_name=merchant.name,
        sender_local=settings.sender_local,
        reply_to=settings.reply_to,
        attachments=(Attached(terms.name, "application/pdf", bytes(terms.content)),) if terms else (),
        inline=(Inline("qr", "image/png", png(link, scale=6)),),
        about=f"offer:{offer.pk}",
        copy_to=settings.archive_email or None,
    )
