"""The offer letter: in the offer's language, with button, link and QR code (SPG-PAY-01, 02, SPG-FRM-53)."""

from zoneinfo import ZoneInfo

from paygate.languages import ui_language
from paygate.mail.attachments import Attached, Inline, with_pictures
from paygate.mail.outbox import Letter, Rendered, render
from paygate.merchants.models import Preferences
from paygate.merchants.preferences import preferences_of, terms_in
from paygate.money.display import money_text
from paygate.offers.link import link_of
from paygate.offers.models import Offer
from paygate.qr import png


def offer_letter(offer: Offer) -> Letter:
    """What the buyer is sent."""
    merchant, settings = offer.merchant, preferences_of(offer.merchant_id)
    language = ui_language(offer.language)
    written = _rendered(offer, settings, amount=money_text(offer.amount, language))
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
        inline=(_qr_code(offer),),
        about=f"offer:{offer.pk}",
        copy_to=settings.archive_email or None,
    )


def preview(draft: Offer, *, amount: str) -> str:
    """The letter's HTML for an offer that is still being written, with its picture inside.

    `amount` is what stands for the sum, since a draft may have none yet.
    """
    written = _rendered(draft, preferences_of(draft.merchant_id), amount=amount)
    return with_pictures(written.html, (_qr_code(draft),))


def _rendered(offer: Offer, settings: Preferences, *, amount: str) -> Rendered:
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
    )


def _qr_code(offer: Offer) -> Inline:
    return Inline("qr", "image/png", png(link_of(offer, offer.merchant, offer.terminal.number), scale=6))
