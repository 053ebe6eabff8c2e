"""Means of payment as programs tell them, to a card in memory. Nothing of a card is repeated, logged or kept here."""

from datetime import datetime
from typing import Final, Protocol

from paygate.aliases.find import AliasUnknown, card_of, usable
from paygate.aliases.vault import NotKept
from paygate.api.authentication import Caller, require_feature
from paygate.api.error_names import WireError
from paygate.api.wire import means as wire
from paygate.cards.number import Card, CardNumber, CardRefused, Expiry, SecurityCode, holder_name
from paygate.merchants.licence import Feature
from paygate.refusals import Refusal

# What a member of `CardRefused.field` is called here, with the error that goes with it.
_PLACES: Final = {
    "cc-number": ("Number", "PAYMENTMEANS_INVALID"),
    "cc-exp": ("ExpYear", "PAYMENTMEANS_INVALID"),
    "cc-csc": ("VerificationCode", "CARD_CVC_INVALID"),
    "cc-name": ("HolderName", "VALIDATION_FAILED"),
}


class ToldMeans(Protocol):
    """One of several means; which of them a call knows differs."""

    @property
    def card(self) -> wire.Card | None: ...

    @property
    def alias(self) -> wire.Alias | None: ...


def card_told(caller: Caller, told: ToldMeans, *, now: datetime) -> Card:
    """The card, or the one behind an alias.

    Raises `VALIDATION_FAILED` for two means at once, `PAYMENTMEANS_NOT_SUPPORTED` for means that no connector here
    takes, `PAYMENTMEANS_INVALID`, `CARD_CVC_INVALID`, `ALIAS_INVALID`.
    """
    given = [name for name in type(told).model_fields if getattr(told, name) is not None]  # type: ignore[attr-defined]
    if len(given) > 1:
        raise WireError("VALIDATION_FAILED", "PaymentMeans: Only one means of payment may be told.")
    if told.card:
        return _card(told.card, live=caller.merchant.live, now=now)
    if told.alias:
        return _behind(caller, told.alias, now=now)
    raise WireError("PAYMENTMEANS_NOT_SUPPORTED" if given else "PAYMENTMEANS_INVALID")


def _card(told: wire.Card, *, live: bool, now: datetime) -> Card:
    try:
        number = CardNumber.parse(told.number, live=live)
        return Card(
            number=number,
            expiry=Expiry.of(month=told.exp_month, year=told.exp_year, now=now),
            code=SecurityCode.parse(told.verification_code, number.brand) if told.verification_code else None,
            holder=holder_name(told.holder_name or ""),
        )
    except Refusal as refused:
        raise _refused(refused) from None


def _behind(caller: Caller, told: wire.Alias, *, now: datetime) -> Card:
    require_feature(caller, Feature.SECURE_CARD_DATA)
    try:
        card = card_of(usable(caller.merchant.pk, told.id, now=now), now=now)
        if not told.verification_code:
            return card
        code = SecurityCode.parse(told.verification_code, card.number.brand)
    except (AliasUnknown, NotKept):
        raise WireError("ALIAS_INVALID") from None
    except CardRefused as refused:
        raise _refused(refused) from None
    return Card(card.number, card.expiry, code, card.holder)


def _refused(refused: Refusal) -> WireError:
    member, name = _PLACES.get(refused.field, ("Number", "PAYMENTMEANS_INVALID"))
    return WireError(name, f"PaymentMeans.Card.{member}: The field {member} is invalid.")
