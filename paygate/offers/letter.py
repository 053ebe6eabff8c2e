"""The offer letter: in the offer's language, with button, link and QR code (SPG-PAY-01, 02, SPG-FRM-53).

Its words are the offer's own, else the merchant's, else ours (SPG-MAI-02 to 04).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from paygate.addresses import Address
from paygate.designs.choose import letter_look
from paygate.languages import moment_text, ui_language
from paygate.mail.attachments import Attached, Inline, with_pictures
from paygate.mail.look import LetterLook
from paygate.mail.outbox import Letter, Rendered, pictures_of, render
from paygate.merchants.letter_words import Words, context_of, filled, usual
from paygate.merchants.models import LetterKind, Preferences, Terminal
from paygate.merchants.preferences import preferences_of, terms_in
from paygate.money.amount import Money
from paygate.money.display import money_text
from paygate.offers.link import link_of
from paygate.offers.models import Offer
from paygate.qr import png
from paygate.tenants.models import Merchant

NO_LINK_YET: Final = UUID(int=0)  # of an offer that is still being written


def offer_letter(offer: Offer, files: Iterable[Attached] = ()) -> Letter:
    """What the buyer is sent; `files` are those of the offer, beside the terms of the letter's language (MAI-11)."""
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
        reply_to=offer.reply_to or settings.reply_to,
        attachments=(
            *((Attached(terms.name, "application/pdf", bytes(terms.content)),) if terms else ()),
            *files,
        ),
        inline=(_qr_code(offer), *pictures_of(look)),
        about=f"offer:{offer.pk}",
        copy_to=offer.archive_email or settings.archive_email or None,
    )


def preview(draft: Offer, *, amount: str, look: LetterLook | None = None) -> Rendered:
    """The letter for an offer that is still being written, as a browser can show it, with its pictures inside.

    `amount` is what stands for the sum, since a draft may have none yet. `look` is one that nobody has
    saved yet, instead of the merchant's.
    """
    look = look or letter_look(draft.merchant_id)
    written = _rendered(draft, preferences_of(draft.merchant_id), look, amount=amount)
    html = with_pictures(written.html, (_qr_code(draft), *pictures_of(look)))
    return Rendered(subject=written.subject, text=written.text, html=html)


def words_of(offer: Offer, *, amount: str) -> Words:
    """What the letter says in words, with everything filled in."""
    language = ui_language(offer.language)
    words = Words.of_row(offer.letter).over(usual(offer.merchant_id, LetterKind.OFFER, language))
    person = Address.of_row(offer.address)
    values = {
        "amount": amount,
        "reference": offer.reference,
        "description": offer.description,
        "expiry": _expiry_text(offer, language),
        "merchant": offer.merchant.name,
        "name": f"{person.first_name} {person.last_name}".strip(),
    }
    return filled(words, values)


def _expiry_text(offer: Offer, language: str) -> str:
    """The deadline in the merchant's zone, as a sentence names it."""
    return moment_text(offer.expires_at.astimezone(ZoneInfo(offer.merchant.zone)), language)


def sample_letter(merchant: Merchant, language: str, look: LetterLook, *, now: datetime) -> str:
    """A letter about nothing, to see how letters look: of no terminal, and with a link that leads nowhere."""
    draft = Offer(
        pk=NO_LINK_YET,
        merchant=merchant,
        terminal=Terminal(number="00000000"),
        description=_("Gift voucher for two"),
        reference="2026-0815",
        language=language,
        expires_at=now + timedelta(days=14),
    )
    return preview(draft, amount=money_text(Money(4990, "CHF"), language), look=look).html


def _rendered(offer: Offer, settings: Preferences, look: LetterLook, *, amount: str) -> Rendered:
    merchant = offer.merchant
    words = words_of(offer, amount=amount)
    return render(
        "offers/letters/offer",
        ui_language(offer.language),
        {
            **context_of(words),
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
