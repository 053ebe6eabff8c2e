"""Aliases from the wire's words to ours and back."""

from datetime import datetime

from paygate.aliases.models import Alias, Generator
from paygate.aliases.store import LIFETIME, AliasWish, WrongName
from paygate.api.authentication import Caller, require_feature
from paygate.api.error_names import ERROR_NAMES, WireError
from paygate.api.payment.containers import brand_of, display_text
from paygate.api.validation import invalid
from paygate.api.wire.means import AliasInsertDirectPaymentMeans
from paygate.api.wire.options import RegisterAlias
from paygate.api.wire.results import (
    AliasInfo,
    AliasPaymentMeansInfo,
    CardInfo,
    RegistrationErrorInfo,
    RegistrationResult,
)
from paygate.cards.number import Card, CardNumber, Expiry, SecurityCode, holder_name
from paygate.checkout.keep_card import registration_of
from paygate.checkout.models import Session
from paygate.merchants.licence import Feature
from paygate.refusals import Refusal
from paygate.tenants.models import Merchant


def wish_told(caller: Caller, told: RegisterAlias | None) -> AliasWish | None:
    """Which name a card is to be stored under; None where it is not to be. Raises `PERMISSION_DENIED` without the
    licence, `VALIDATION_FAILED` for a name that is missing or looks like a card number.
    """
    if told is None:
        return None
    require_feature(caller, Feature.SECURE_CARD_DATA)
    generator = Generator(told.id_generator)
    wish = AliasWish(
        generator, (told.id or "") if generator is Generator.MANUAL else "", told.lifetime or LIFETIME
    )
    try:
        wish.require_name()
    except WrongName as wrong:
        raise invalid("RegisterAlias.Id") from wrong
    return wish


def card_told(merchant: Merchant, told: AliasInsertDirectPaymentMeans, *, now: datetime) -> Card:
    """The card that a program brings, checked as a payer's would be (safety.md CD-11). No answer repeats its number.

    Raises `PAYMENTMEANS_NOT_SUPPORTED` for other means, `VALIDATION_FAILED` with the place of what is wrong.
    """
    if told.bank_account or told.apple_pay or told.google_pay:
        raise WireError("PAYMENTMEANS_NOT_SUPPORTED")
    if told.card is None:
        raise invalid("PaymentMeans.Card")
    place = "Number"
    try:
        number = CardNumber.parse(told.card.number, live=merchant.live)
        place = "ExpYear"
        expiry = Expiry.of(month=told.card.exp_month, year=told.card.exp_year, now=now)
        place = "VerificationCode"
        typed = told.card.verification_code
        code = SecurityCode.parse(typed, number.brand) if typed else None
        place = "HolderName"
        return Card(number, expiry, code, holder_name(told.card.holder_name or ""))
    except Refusal as refused:
        raise invalid(f"PaymentMeans.Card.{place}") from refused


def alias_info(alias: Alias) -> AliasInfo:
    """Its name and its days."""
    return AliasInfo(id=alias.name, lifetime=alias.lifetime)


def means_behind(alias: Alias, holder: str) -> AliasPaymentMeansInfo:
    """The card behind it: eight digits readable where they may be; older versions are told six (behaviour.md P-2)."""
    masked = alias.masked
    if alias.api_digits:
        masked = f"{masked[:6]}{alias.api_digits}{masked[8:]}"
    card = CardInfo(
        masked_number=masked,
        exp_month=alias.expiry_month,
        exp_year=alias.expiry_year,
        holder_name=holder or None,
        holder_segment="UNSPECIFIED",
        funding_source="UNSPECIFIED",
    )
    return AliasPaymentMeansInfo(
        brand=brand_of(alias.method, is_test=not alias.merchant.live),
        display_text=display_text(alias.masked),
        card=card,
    )


def registration_result(session: Session) -> RegistrationResult | None:
    """Was the card stored with the payment (behaviour.md O-4)? None where nobody wished it."""
    registration = registration_of(session)
    if registration is None:
        return None
    if registration.name:
        alias = AliasInfo(id=registration.name, lifetime=registration.lifetime)
        return RegistrationResult(success=True, alias=alias)
    row = ERROR_NAMES[registration.failed_because or "INTERNAL_ERROR"]
    return RegistrationResult(
        success=False, error=RegistrationErrorInfo(error_name=row.name, error_message=row.message)
    )
