"""Means of payment as programs tell them, to a card or wallet in memory. Nothing is repeated, logged or kept here."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from paygate.aliases.find import AliasUnknown, card_of, usable, wallet_of
from paygate.aliases.vault import NotKept
from paygate.api.authentication import Caller, require_feature
from paygate.api.error_names import WireError
from paygate.api.payment import alias_containers
from paygate.api.validation import invalid
from paygate.api.wire import means as wire
from paygate.cards.number import Card, CardRefused, SecurityCode
from paygate.cards.wallet import Wallet
from paygate.merchants.licence import Feature


class ToldMeans(Protocol):
    """One of several means; which of them a call knows differs."""

    @property
    def card(self) -> wire.Card | None: ...

    @property
    def alias(self) -> wire.Alias | None: ...


def card_told(caller: Caller, told: ToldMeans, *, now: datetime) -> Card:
    """The card, or the one behind an alias. Raises as `means_told`, and `PAYMENTMEANS_NOT_SUPPORTED` for a wallet."""
    means = means_told(caller, told, now=now)
    if isinstance(means, Wallet):
        raise WireError("PAYMENTMEANS_NOT_SUPPORTED", "A stored wallet is charged by AuthorizeDirect only.")
    return means


def means_told(caller: Caller, told: ToldMeans, *, now: datetime) -> Card | Wallet:
    """The card, or the card or wallet behind an alias.

    Raises `VALIDATION_FAILED` for two means at once and for what cannot be a card, `PAYMENTMEANS_NOT_SUPPORTED` for
    means that no connector here takes, `PAYMENTMEANS_INVALID` for none, `ALIAS_INVALID`.
    """
    given = [name for name in type(told).model_fields if getattr(told, name) is not None]  # type: ignore[attr-defined]
    if len(given) > 1:
        raise invalid("PaymentMeans", "Only one means of payment may be told.")
    if told.card:
        alone = wire.AliasInsertDirectPaymentMeans(card=told.card)
        return alias_containers.card_told(caller.merchant, alone, now=now)
    if told.alias:
        return _behind(caller, told.alias, now=now)
    raise WireError("PAYMENTMEANS_NOT_SUPPORTED" if given else "PAYMENTMEANS_INVALID")


def _behind(caller: Caller, told: wire.Alias, *, now: datetime) -> Card | Wallet:
    """A stored card has no code; the program may tell it. A wallet has none at all."""
    require_feature(caller, Feature.SECURE_CARD_DATA)
    typed = told.verification_code
    try:
        alias = usable(caller.merchant.pk, told.id, now=now)
        if not alias.is_card:
            wallet = wallet_of(alias, now=now)
            if typed:
                raise invalid("PaymentMeans.Alias.VerificationCode")
            return wallet
        card = card_of(alias, now=now)
        return replace(card, code=SecurityCode.parse(typed, card.number.brand)) if typed else card
    except (AliasUnknown, NotKept):
        raise WireError("ALIAS_INVALID") from None
    except CardRefused as refused:
        raise invalid("PaymentMeans.Alias.VerificationCode") from refused
