"""The offer letter: in the offer's language, with button, link and QR code (SPG-PAY-01, 02, SPG-FRM-53)."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from paygate.designs.choose import letter_look
from paygate.languages import ui_language
from paygate.mail.attachments import Attached, Inline, with_pictures
from paygate.mail.look import LetterLook
from paygate.mail.outbox import Letter, Rendered, pictures_of, render
from paygate.merchants.models import Preferences, Terminal
from paygate.merchants.preferences import preferences_of, terms_in
from paygate.money.amount import Money
from paygate.money.display import money_text
from paygate.offers.link import link_of
from paygate.offers.models import Offer
from paygate.qr import png
from paygate.tenants.models import Merchant


def offer_letter(offer: Offer) -> Letter:
    """What the buyer is sent."""
    merchant, settings = offer.merchant, preferences_of(offer.merchant_id)
    language = ui_language(offer.language)
    look = letter_look(offer.merchant_id)
    written = _rendered(offer, settings, look, amount=money_text(offer.amount, language))
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
        inline=(_qr_code(offer), *pictures_of(look)),
        about=f"offer:{offer.pk}",
        copy_to=settings.archive_email or None,
    )


def preview(draft: Offer, *, amount: str, look: LetterLook | None = None) -> str:
    """The letter's HTML for an offer that is still being written, with its picture inside.

    `amount` is what stands for the sum, since a draft may have none yet. `look` is one that nobody has
    saved yet, instead of the merchant's.
    """
    look = look or letter_look(draft.merchant_id)
    written = _rendered(draft, preferences_of(draft.merchant_id), look, amount=amount)
    return with_pictures(written.html, (_qr_code(draft), *pictures_of(look)))


def sample_letter(merchant: Merchant, language: str, look: LetterLook, *, now: datetime) -> str:
    """A letter about nothing, to see how letters look: of no terminal, and with a link that leads nowhere."""
    draft = Offer(
        pk=UUID(int=0),
        merchant=merchant,
        terminal=Terminal(number="00000000"),
        description=_("Gift voucher for two"),
        reference="2026-0815",
        language=language,
        expires_at=now + timedelta(days=14),
    )
    return preview(draft, amount=money_text(Money(4990, "CHF"), language), look=look)


def _rendered(offer: Offer, settings: Preferences, look: LetterLook, *, amount: str) -> Rendered:
    merchant = offer.merchant
    return render(
        "offers/letters/offer",
        ui_language(offer.language),
        {
            "merchant_name": merchant.name,
            "amount": amount,
            "description": offer.description,
            "reference": offer.reference,
            "link": link_of(offer, merchant, offer.terminal.number),
            "expires_at": offer.expires_at.astimezone(ZoneInfo(merchant.zone)),
            "zone": merchant.zone,
            "website": settings.website,
            "address": settings.address,
            "test": not merchant.live,
        },
        look=look,
    )


def _qr_code(offer: Offer) -> Inline:
    return Inline("qr", "image/png", png(link_of(offer, offer.merchant, offer.terminal.number), scale=6))
