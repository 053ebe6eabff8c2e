"""Aliases from the wire's words to ours and back."""

from datetime import datetime
from typing import Final

from paygate.acquiring.connector import ThreeDSData
from paygate.aliases.models import Alias, Generator
from paygate.aliases.store import LIFETIME, AliasWish, WrongName
from paygate.aliases.vault import Shown
from paygate.api.authentication import Caller, require_feature
from paygate.api.error_names import ERROR_NAMES, WireError
from paygate.api.payment.containers import brand_of, display_text, masked, wire_time
from paygate.api.validation import invalid
from paygate.api.wire.means import AliasInsertDirectPaymentMeans, ExternalThreeDsData
from paygate.api.wire.options import RegisterAlias
from paygate.api.wire.results import (
    AliasInfo,
    AliasPaymentMeansInfo,
    CardInfo,
    RegistrationErrorInfo,
    RegistrationResult,
    TwintInfo,
)
from paygate.cards.number import Card, CardNumber, Expiry, SecurityCode, holder_name
from paygate.checkout.keep_card import registration_of
from paygate.checkout.models import Session
from paygate.merchants.licence import Feature
from paygate.methods import METHODS
from paygate.refusals import Refusal
from paygate.tenants.models import Merchant
from paygate.threeds.liability import AuthenticationResult, AuthenticationType

TWINT: Final = "TWINT"

_PROVES: Final = ("Y", "A")  # transStatus of 3-D Secure: recognised, or attempted


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


def proof_told(told: ExternalThreeDsData, card: Card) -> ThreeDSData:
    """What the program's own 3-D Secure server gave. Raises `CARD_CHECK_FAILED` where it proves nothing, and
    `VALIDATION_FAILED` where it is about another brand of card.
    """
    require_scheme(told, card, "ExternalThreeDS.Scheme")
    if told.trans_status not in _PROVES:
        raise WireError("CARD_CHECK_FAILED")
    return ThreeDSData(
        eci=told.eci,
        authentication_value=told.authentication_value,
        ds_trans_id=told.ds_trans_id,
        version=told.three_ds_full_version,
        server_trans_id=told.three_ds_server_trans_id,
    )


def result_told(told: ExternalThreeDsData, card: Card) -> AuthenticationResult:
    """The same for a payment, which the table of liability decides about (behaviour.md G-7)."""
    require_scheme(told, card, "Authentication.ExternalThreeDS.Scheme")
    return AuthenticationResult(
        status=told.trans_status,
        eci=told.eci,
        value=told.authentication_value,
        challenged=told.authentication_mode == "CHALLENGE",
        server_trans_id=told.three_ds_server_trans_id,
        ds_trans_id=told.ds_trans_id,
        version=told.three_ds_full_version,
    )


def require_scheme(told: ExternalThreeDsData, card: Card, path: str) -> None:
    """Raises `VALIDATION_FAILED` where the proof is about another brand of card."""
    if told.scheme != METHODS[card.number.brand.name].wire_name:
        raise invalid(path)


def authentication_told(told: ExternalThreeDsData) -> AuthenticationType:
    """How the payer was recognised there."""
    if told.trans_status == "A":
        return AuthenticationType.ATTEMPT
    is_strong = told.authentication_mode == "CHALLENGE"
    return AuthenticationType.STRONG if is_strong else AuthenticationType.FRICTIONLESS


def alias_info(alias: Alias) -> AliasInfo:
    """Its name and its days."""
    return AliasInfo(id=alias.name, lifetime=alias.lifetime)


def means_behind(alias: Alias, seen: Shown | None) -> AliasPaymentMeansInfo:
    """The card behind it, masked (safety.md CD-2); or the wallet, of which nothing else is told."""
    brand = brand_of(alias.method, is_test=not alias.merchant.live)
    if seen is None:
        until = alias.wallet_until
        twint = TwintInfo(certificate_expiration_date=wire_time(until)) if until else None
        return AliasPaymentMeansInfo(
            brand=brand,
            display_text=METHODS[alias.method].label,
            twint=twint if alias.method == TWINT else None,
        )
    card = CardInfo(
        masked_number=masked(alias.masked, alias.api_digits),
        exp_month=seen.expiry.month,
        exp_year=seen.expiry.year,
        holder_name=seen.holder or None,
        holder_segment="UNSPECIFIED",
        funding_source="UNSPECIFIED",
    )
    return AliasPaymentMeansInfo(
        brand=brand,
        display_text=display_text(alias.masked),
        card=card,
    )


def registration_result(session: Session) -> RegistrationResult | None:
    """Was the card or wallet stored with the payment (behaviour.md O-4)? None where nobody wished it."""
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
