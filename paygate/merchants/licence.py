"""What a merchant's licence includes (SPG-REQ-01, behaviour.md T-5)."""

from enum import StrEnum

from django.db.models import OuterRef, QuerySet, Subquery

from paygate.merchants.models import Licence, Member


class Feature(StrEnum):
    """One thing that can be switched on for an account."""

    SECURE_PAYGATE = "SECURE_PAYGATE"
    MANAGEMENT_API = "MANAGEMENT_API"
    PAYMENT_API = "PAYMENT_API"
    SECURE_CARD_DATA = "SECURE_CARD_DATA"


def with_features() -> QuerySet[Member]:
    """Members who know their merchant and its features, in the same question to the database."""
    features = Licence.objects.filter(merchant=OuterRef("merchant")).values("features")
    return Member.objects.select_related("merchant").annotate(features=Subquery(features))


def features_known_to(member: Member) -> frozenset[str]:
    """The features of the merchant of one of those members; none without a licence."""
    return frozenset(member.__dict__["features"] or ())


def features_of(merchant_id: int) -> frozenset[str]:
    """The features of a merchant; none without a licence."""
    licence = Licence.objects.filter(merchant_id=merchant_id).first()
    return frozenset(licence.features if licence else ())
