"""Create, fetch and delete a payment link (behaviour.md M; SPG-API-01, 02, SPG-REQ-01)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

from django.db import transaction

from paygate.api.authentication import require_feature
from paygate.api.error_names import WireError
from paygate.api.management.call import Asked
from paygate.api.payment.containers import amount_of, money_of, wire_time
from paygate.api.told import address_told, design_told, language_told, mailbox_told
from paygate.api.validation import invalid
from paygate.api.wire.management import PaymentWithoutOptions
from paygate.api.wire.management_calls import (
    CreateSingleUsePaymentLinkRequest,
    CreateSingleUsePaymentLinkResponse,
    SingleUsePaymentLinkResponse,
)
from paygate.journal.models import Entry
from paygate.merchants.licence import Feature
from paygate.merchants.models import Booking, Terminal, TerminalKind
from paygate.merchants.preferences import preferences_of
from paygate.offers.change import disable
from paygate.offers.create import create_offer
from paygate.offers.link import link_of
from paygate.offers.models import Offer, Source
from paygate.offers.states import OfferState
from paygate.offers.terms import OfferTerms
from paygate.refusals import NotFound, TermsRefused
from paygate.threeds.liability import Condition

# What our terms call a field, and where it stands on the wire.
_PLACES: Final = {
    "amount": "Payment.Amount.Value",
    "currency": "Payment.Amount.CurrencyCode",
    "description": "Payment.Description",
    "reference": "Payment.OrderId",
    "expires_at": "ExpirationDate",
    "max_attempts": "MaxPaymentAttempts",
    "language": "Payer.LanguageCode",
    "payer_email": "Payer.BillingAddress.Email",
}
_MOST_DETAILS: Final = 20
_STATUSES: Final[Mapping[OfferState, Literal["OPEN", "PAID", "EXPIRED", "DISABLED"]]] = {
    OfferState.OPEN: "OPEN",
    OfferState.PAID: "PAID",
    OfferState.EXPIRED: "EXPIRED",
    OfferState.DISABLED: "DISABLED",
}


def create(asked: Asked) -> CreateSingleUsePaymentLinkResponse:
    """A link, made once for the same request. No letter goes out (behaviour.md M-9)."""
    terminal = _spg_terminal(asked)
    if asked.errand.about:  # made by a run of this request that was interrupted
        return _made(asked, Offer.objects.get(pk=asked.errand.about))
    terms = _terms(asked, asked.body)
    try:
        with transaction.atomic():
            offer = create_offer(terminal, terms, source=Source.API, by=asked.caller.actor, now=asked.now)
            asked.errand.note(str(offer.pk))
    except TermsRefused as refused:
        details = [
            f"{_PLACES.get(problem.field, problem.field)}: {problem.words}" for problem in refused.problems
        ]
        raise WireError("VALIDATION_FAILED", *details[:_MOST_DETAILS]) from refused
    offer.terminal = terminal
    return _made(asked, offer)


def fetch(asked: Asked) -> SingleUsePaymentLinkResponse:
    """How a link stands."""
    offer = _offer(asked)
    entry = Entry.objects.filter(single_use_of=str(offer.pk), succeeded=True).first()
    return SingleUsePaymentLinkResponse(
        offer_id=str(offer.pk),
        creation_date=wire_time(offer.created_at),
        expiration_date=wire_time(offer.expires_at),
        payment=PaymentWithoutOptions.model_construct(  # an old offer may lack what new ones must have
            amount=amount_of(offer.amount), order_id=offer.reference, description=offer.description
        ),
        payment_link=link_of(offer, asked.caller.merchant, offer.terminal.number),
        status=_STATUSES[offer.state_at(asked.now)],
        transaction_id=entry.transaction_id if entry else None,
    )


def delete(asked: Asked) -> None:
    """The link shows "no longer available" from now on (behaviour.md M-7). A paid one stays."""
    offer = _offer(asked)
    if offer.state_at(asked.now) == OfferState.PAID:
        raise WireError("TRANSACTION_IN_WRONG_STATE", "The offer is paid.")
    if offer.state != OfferState.DISABLED:
        disable(offer.pk, by=asked.caller.actor, now=asked.now)


def _made(asked: Asked, offer: Offer) -> CreateSingleUsePaymentLinkResponse:
    link = link_of(offer, asked.caller.merchant, offer.terminal.number)
    return CreateSingleUsePaymentLinkResponse(offer_id=str(offer.pk), payment_link=link)


def _spg_terminal(asked: Asked) -> Terminal:
    terminal = asked.caller.terminal(asked.places["terminal_id"])
    if terminal.kind != TerminalKind.SPG:
        raise WireError("PERMISSION_DENIED", "Invalid terminal")
    return terminal


def _offer(asked: Asked) -> Offer:
    """Unknown and foreign ids answer the same (behaviour.md C-5)."""
    terminal = _spg_terminal(asked)
    try:
        key = UUID(asked.places["offer_id"])
    except ValueError as error:
        raise NotFound from error
    offer = Offer.objects.filter(pk=key, terminal=terminal).first()
    if offer is None:
        raise NotFound
    offer.terminal = terminal
    return offer


def _terms(asked: Asked, wish: CreateSingleUsePaymentLinkRequest) -> OfferTerms:
    preferences = preferences_of(asked.caller.merchant.pk)
    if wish.register_alias:
        require_feature(asked.caller, Feature.SECURE_CARD_DATA)
    options, billing = wish.payment.options, wish.payer.billing_address
    is_held = bool(options and options.pre_auth)
    attempts = wish.max_payment_attempts
    return OfferTerms(
        amount=money_of(wish.payment.amount, "Payment.Amount"),
        description=wish.payment.description,
        reference=wish.payment.order_id,
        expires_at=_deadline(wish.expiration_date),
        booking=Booking.PRE_AUTHORIZATION if is_held else Booking.FINAL,
        condition=Condition(wish.condition or Condition.NONE.value),
        language=language_told(wish.payer.language_code, preferences.language),
        payer_email=mailbox_told(billing.email if billing else None, "Payer.BillingAddress.Email"),
        notify_emails=tuple(preferences.notify_emails),
        max_attempts=preferences.max_attempts if attempts is None else attempts,
        address=address_told(billing),
        address_editable=bool(
            wish.billing_address_form and wish.billing_address_form.address_source != "NONE"
        ),
        design_id=design_told(wish.config_set),
        save_means=wish.register_alias is not None,
    )


def _deadline(text: str) -> datetime:
    """`yyyy-MM-ddTHH:mm:ssK`; without an offset it is UTC (behaviour.md M-2)."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid("ExpirationDate") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
