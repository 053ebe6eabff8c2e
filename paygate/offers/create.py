"""The only way an offer comes to be."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from paygate.lifecycle.moves import together
from paygate.merchants.models import Terminal
from paygate.merchants.preferences import require_complete
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.money.model_fields import columns as money_columns
from paygate.offers.models import Offer, Source
from paygate.offers.put_down import put_down_created
from paygate.offers.states import LIFE
from paygate.offers.terms import OfferTerms
from paygate.refusals import TermsRefused
from paygate.tokens import link_id


def create_offer(terminal: Terminal, terms: OfferTerms, *, source: Source, by: Actor, now: datetime) -> Offer:
    """One offer on these terms. Raises `TermsRefused` with every problem, `SettingsIncomplete` or `NotPermitted`."""
    (offer,) = create_offers(terminal, [terms], source=source, by=by, now=now)
    return offer


def create_offers(
    terminal: Terminal, batch: Sequence[OfferTerms], *, source: Source, by: Actor, now: datetime
) -> list[Offer]:
    """As many offers as there are terms, or none. Raises as `create_offer`."""
    by.require(Permission.EDIT_OFFERS)
    # Here, since every door to a new offer ends here: form, copy, template, file and API. What exists stays payable.
    if not (by.is_set_up and by.merchant_id == terminal.merchant_id):
        require_complete(terminal.merchant_id)
    problems = [problem for terms in batch for problem in terms.problems(terminal, now=now)]
    if problems:
        raise TermsRefused(problems)
    with together():
        offers = insert_offers(
            terminal, [(link_id(), terms) for terms in batch], source=source, by=by, now=now
        )
        put_down_created(offers, by=by, now=now)
    return offers


def insert_offers(
    terminal: Terminal, batch: Sequence[tuple[UUID, OfferTerms]], *, source: Source, by: Actor, now: datetime
) -> list[Offer]:
    """Rows and history of offers whose terms were looked at, each under an id of `link_id`.

    Whoever calls this in a transaction of theirs puts down in the audit log what was done.
    """
    offers = [
        Offer(
            pk=offer_id,
            merchant_id=terminal.merchant_id,
            terminal=terminal,
            source=source,
            created_at=now,
            created_by=by.name,
            changed_at=now,
            changed_by=by.name,
            **columns(terms),
        )
        for offer_id, terms in batch
    ]
    Offer.objects.bulk_create(offers)
    for offer in offers:
        LIFE.begin(offer, by=by.name, cause="created", now=now)
    return offers


def columns(terms: OfferTerms) -> dict[str, object]:
    """The columns of an offer that its terms fill."""
    return {
        **money_columns(terms.amount),
        "description": terms.description.strip(),
        "reference": terms.reference.strip(),
        "booking": terms.booking.value,
        "condition": terms.condition.value,
        "language": terms.language,
        "payer_email": terms.payer_email,
        "notify_emails": list(terms.notify_emails),
        "expires_at": terms.expires_at,
        "max_attempts": terms.max_attempts,
        "ask_email": terms.ask_email.value,
        "address": terms.address.as_row(),
        "address_editable": terms.address_editable,
        "design_id": terms.design_id,
        "by_email": terms.by_email,
        "letter": _own_words(terms.letter),
        "confirm": terms.confirm,
        "confirmation": _own_words(terms.confirmation),
        "reply_to": terms.reply_to,
        "archive_email": terms.archive_email,
    }


def _own_words(parts: Mapping[str, str]) -> dict[str, str]:
    """The parts that have words of their own, with the line ends of one kind."""
    return {part: text.replace("\r\n", "\n").strip() for part, text in parts.items() if text.strip()}
