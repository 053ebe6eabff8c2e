"""The only way an offer comes to be."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from paygate.lifecycle.moves import together
from paygate.merchants.models import Terminal
from paygate.merchants.preferences import require_complete
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.money.model_fields import columns as money_columns
from paygate.offers.models import Offer, Source
from paygate.offers.put_down import put_down_created
from paygate.offers.states import LIFE, OfferState
from paygate.offers.terms import OfferTerms
from paygate.offers.words import words_of
from paygate.refusals import TermsRefused
from paygate.tenants.bulk import insert_all
from paygate.tenants.inserting import insert_rows


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
        offers = [
            Offer(
                merchant_id=terminal.merchant_id,
                terminal=terminal,
                source=source,
                created_at=now,
                created_by=by.name,
                changed_at=now,
                changed_by=by.name,
                **columns(terms, created_by=by.name),
            )
            for terms in batch
        ]
        insert_rows(offers)
        for offer in offers:
            LIFE.begin(offer, by=by.name, cause="created", now=now)
        put_down_created(offers, by=by, now=now)
    return offers


def insert_offers(
    terminal: Terminal, batch: Mapping[UUID, OfferTerms], *, source: Source, by: Actor, now: datetime
) -> None:
    """The same for hundreds at once, whose terms were looked at: rows and history, under ids made by `link_id`.

    Must be called in a transaction. Whoever calls it puts down in the audit log what was done.
    """
    insert_all(
        Offer,
        [
            # A microsecond apart, so that lists show them in their order.
            {
                "id": offer_id,
                "created_at": now + timedelta(microseconds=place),
                **columns(terms, created_by=by.name),
            }
            for place, (offer_id, terms) in enumerate(batch.items())
        ],
        merchant_id=terminal.merchant_id,
        terminal_id=terminal.pk,
        state=OfferState.OPEN.value,
        source=source.value,
        created_by=by.name,
        changed_at=now,
        changed_by=by.name,
    )
    LIFE.begin_all(
        Offer,
        list(batch),
        OfferState.OPEN,
        merchant_id=terminal.merchant_id,
        by=by.name,
        cause="created",
        now=now,
    )


def columns(terms: OfferTerms, *, created_by: str, changed_by: str = "") -> dict[str, object]:
    """The columns of an offer that its terms fill."""
    description, reference = terms.description.strip(), terms.reference.strip()
    return {
        **money_columns(terms.amount),
        "description": description,
        "reference": reference,
        "words": words_of(
            reference=reference,
            description=description,
            payer_email=terms.payer_email,
            created_by=created_by,
            changed_by=changed_by,
        ),
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
        "save_means": terms.save_means,
    }


def _own_words(parts: Mapping[str, str]) -> dict[str, str]:
    """The parts that have words of their own, with the line ends of one kind."""
    return {part: text.replace("\r\n", "\n").strip() for part, text in parts.items() if text.strip()}
