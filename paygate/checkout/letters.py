"""Confirmation to the payer, notice to the merchant (SPG-FLOW-11, 12; SPG-PAY-04, 05; SPG-FRM-46)."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings

from paygate.addresses import Address
from paygate.checkout.models import Attempt, Session
from paygate.designs.choose import letter_look
from paygate.journal.models import Entry
from paygate.languages import ui_language
from paygate.lifecycle.moves import together
from paygate.links.address import address_of
from paygate.links.payable import totals_of, why_closed
from paygate.mail.attachments import Attached, with_pictures
from paygate.mail.outbox import Letter, Rendered, pictures_of, queue_all, render
from paygate.merchants.letter_words import EXAMPLE, Words, context_of, filled, ours, usual
from paygate.merchants.models import LetterKind, Preferences
from paygate.merchants.preferences import has_confirmation_words, has_terms, preferences_of, terms_in
from paygate.methods import METHODS
from paygate.money.amount import Money
from paygate.money.display import money_text
from paygate.offers.link import link_of
from paygate.offers.states import OfferState
from paygate.tenants.models import Merchant

log = structlog.get_logger("paygate.checkout")


def payer_confirmations(
    session: Session, entry: Entry, preferences: Preferences, *, now: datetime
) -> list[Letter]:
    """To the address the offer went to (SPG-CNF-04); none when nobody knows one, or the offer wants none (CNF-01)."""
    if not session.confirm or (session.offer is not None and not session.offer.confirm):
        return []
    own = context_of(_confirmation_words(session, entry, preferences))
    return _to_payer(session, entry, preferences, "confirmation", own, now=now, with_terms=True)


def confirmation_preview(
    words: Words, preferences: Preferences, merchant: Merchant, *, language: str, now: datetime
) -> Rendered:
    """A confirmation as it will look with these words, of a payment that never was."""
    facts: dict[str, object] = {
        "amount": money_text(Money(12000, "CHF"), language),
        "description": str(EXAMPLE["description"]),
        "reference": EXAMPLE["reference"],
        "method": METHODS["VISA"].label,
        "last4": "0001",
        "transaction_id": "k9Q2mV7tXz4Lr8Bn1Wd6Hs3Pf5Jc",
    }
    values = {name: str(facts[name]) for name in ("amount", "description", "reference")}
    written = filled(words, values | {"merchant": merchant.name, "name": str(EXAMPLE["name"])})
    known = _about_merchant(merchant, preferences, now=now)
    look = letter_look(merchant.pk)
    letter = render("checkout/letters/confirmation", language, facts | known | context_of(written), look=look)
    return Rendered(letter.subject, letter.text, with_pictures(letter.html, pictures_of(look)))


def _confirmation_words(session: Session, entry: Entry, preferences: Preferences) -> Words:
    """The offer's own, else the merchant's, else ours; filled in."""
    language = ui_language(session.language)
    own = Words.of_row(session.offer.confirmation) if session.offer else Words()
    if has_confirmation_words(preferences):
        behind = usual(session.merchant_id, LetterKind.CONFIRMATION, language)
    else:
        behind = ours(LetterKind.CONFIRMATION, language)
    person = Address.of_row(session.address)
    values = {
        "amount": money_text(entry.amount, language),
        "reference": session.reference,
        "description": session.description,
        "merchant": session.merchant.name,
        "name": f"{person.first_name} {person.last_name}".strip(),
    }
    return filled(own.over(behind), values)


def not_paid_after_all(
    session: Session, entry: Entry, preferences: Preferences, *, now: datetime
) -> list[Letter]:
    """The message promised while we were checking: nothing was taken (safety.md OC-11)."""
    return _to_payer(
        session, entry, preferences, "not_paid", {"link": _way_to_pay(session, now=now)}, now=now
    )


def _way_to_pay(session: Session, *, now: datetime) -> str:
    """Where the payer can try again; empty where that is over."""
    place = (session.merchant, session.terminal.number)
    if session.offer and session.offer.state_at(now) == OfferState.OPEN:
        return link_of(session.offer, *place)
    if session.link and why_closed(session.link, totals_of(session.link), now=now) is None:
        return address_of(session.link, *place)
    return ""


def _to_payer(
    session: Session,
    entry: Entry,
    preferences: Preferences,
    kind: str,
    more: dict[str, object],
    *,
    now: datetime,
    with_terms: bool = False,
) -> list[Letter]:
    """A letter to the payer in the language of the page, with the merchant as sender."""
    if not session.payer_email:
        return []
    language, offer = ui_language(session.language), session.offer
    facts = _facts(session, entry, preferences, language, now=now) | more
    look = letter_look(session.merchant_id)
    written = render(f"checkout/letters/{kind}", language, facts, look=look)
    terms = terms_in(session.merchant_id, language) if with_terms and has_terms(preferences) else None
    return [
        Letter(
            kind=kind,
            to=session.payer_email,
            subject=written.subject,
            text=written.text,
            html=written.html,
            language=language,
            sender_name=session.merchant.name,
            sender_local=preferences.sender_local,
            reply_to=(offer.reply_to if offer else "") or preferences.reply_to,
            attachments=(Attached(terms.name, "application/pdf", bytes(terms.content)),) if terms else (),
            inline=pictures_of(look),
            about=f"entry:{entry.transaction_id}",
            automatic=True,
            copy_to=(offer.archive_email if offer else "") or preferences.archive_email or None,
        )
    ]


def merchant_notices(
    session: Session, entry: Entry, preferences: Preferences, *, now: datetime
) -> list[Letter]:
    """One to each address that wants to know: those of the offer, else those of the settings."""
    language = ui_language(preferences.language)
    addresses = session.notify_emails or preferences.notify_emails
    if not addresses:
        return []
    facts = _facts(session, entry, preferences, language, now=now)
    facts["journal_url"] = f"{settings.PAYGATE_PUBLIC_URL}/backoffice/journal/{entry.transaction_id}/"
    facts["payer_email"] = session.payer_email
    facts["liability_shift"] = (
        entry.liability_shift if METHODS[entry.method].three_ds else None
    )  # None: no question
    facts["to_be_booked"] = session.booking != "AUTOMATIC" and METHODS[entry.method].needs_capture
    written = render("checkout/letters/notice", language, facts)
    return [
        Letter(
            kind="notice",
            to=address,
            subject=written.subject,
            text=written.text,
            html=written.html,
            language=language,
            sender_name="PayGate",
            sender_local=preferences.sender_local,
            reply_to="",
            about=f"entry:{entry.transaction_id}",
            automatic=True,
            # Every letter is copied (SPG-SET-28), but not to whom it went anyway.
            copy_to=preferences.archive_email if address != preferences.archive_email else None,
        )
        for address in addresses
    ]


def _facts(
    session: Session, entry: Entry, preferences: Preferences, language: str, *, now: datetime
) -> dict[str, object]:
    """What both letters tell. Of the card only brand and last four (EM-4)."""
    return {
        **_about_merchant(session.merchant, preferences, now=now),
        "amount": money_text(entry.amount, language),
        "description": session.description,
        "reference": session.reference,
        "method": METHODS[entry.method].label,
        "last4": entry.means[-4:],
        "transaction_id": entry.transaction_id,
    }


def _about_merchant(merchant: Merchant, preferences: Preferences, *, now: datetime) -> dict[str, object]:
    return {
        "merchant_name": merchant.name,
        "paid_at": now.astimezone(ZoneInfo(merchant.zone)),
        "zone": merchant.zone,
        "website": preferences.website,
        "address": preferences.address,
        "test": not merchant.live,
    }


Written = Callable[..., list[Letter]]


def queue_letters(
    *kinds: Written, attempt: Attempt, entry: Entry, preferences: Preferences | None = None, now: datetime
) -> None:
    """Letters that cannot be written or queued stop no payment, whatever is wrong with them (safety.md EM-1).

    All kinds are queued together. If that fails, each by itself, so that one's trouble is not the others'.
    """
    try:
        with together():
            known = preferences or preferences_of(attempt.merchant_id)
            letters = [
                letter for written in kinds for letter in written(attempt.session, entry, known, now=now)
            ]
            queue_all(letters, merchant_id=attempt.merchant_id, now=now)
    except Exception as defect:
        if len(kinds) > 1:
            for written in kinds:
                queue_letters(written, attempt=attempt, entry=entry, preferences=preferences, now=now)
        else:
            kind = kinds[0].__name__
            log.error("letter not queued", attempt=attempt.pk, kind=kind, cause=type(defect).__name__)
