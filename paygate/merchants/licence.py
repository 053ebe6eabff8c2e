"""What a merchant's licence includes (SPG-REQ-01, behaviour.md T-5)."""

from enum import StrEnum

from paygate.merchants.models import Licence


class Feature(StrEnum):
    """One thing that can be switched on for an account."""

    SECURE_PAYGATE = "SECURE_PAYGATE"
    MANAGEMENT_API = "MANAGEMENT_API"
    PAYMENT_API = "PAYMENT_API"
    SECURE_CARD_DATA = "SECURE_CARD_DATA"


def features_of(merchant_id: int) -> frozenset[str]:
    """The features of a merchant; none without a licence."""
    licence = Licence.objects.filter(merchant_id=merchant_id).first()
    return frozenset(licence.features if licence else ())
