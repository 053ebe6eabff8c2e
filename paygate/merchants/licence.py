"""What a merchant's licence includes (SPG-REQ-01, behaviour.md T-5)."""

from enum import StrEnum
from typing import Final

from django.db.models import OuterRef, QuerySet, Subquery

from paygate.merchants.models import Licence, Member, Preferences
from paygate.tenants.kept import Given, Kept
from paygate.tenants.models import Merchant

_LICENCE: Final = Kept(lambda: Licence.objects.filter(merchant=Given("merchant_id", Merchant._meta.pk)))


class Feature(StrEnum):
    """One thing that can be switched on for an account."""

    SECURE_PAYGATE = "SECURE_PAYGATE"
    MANAGEMENT_API = "MANAGEMENT_API"
    PAYMENT_API = "PAYMENT_API"
    SECURE_CARD_DATA = "SECURE_CARD_DATA"


def features_of(merchant_id: int) -> frozenset[str]:
    """The features of a merchant; none without a licence."""
    licence = _LICENCE.first(merchant_id=merchant_id)
    return frozenset(licence.features if licence else ())


def with_features() -> QuerySet[Member]:
    """Members who know their merchant, its features and whether its settings are complete, in the same question."""
    features = Licence.objects.filter(merchant=OuterRef("merchant")).values("features")
    complete = Preferences.objects.filter(merchant=OuterRef("merchant")).values("complete_since")
    return Member.objects.select_related("merchant").annotate(
        features=Subquery(features), complete_since=Subquery(complete)
    )


def features_known_to(member: Member) -> frozenset[str]:
    """The features of the merchant of one of those members; none without a licence."""
    return frozenset(member.__dict__["features"] or ())


def is_set_up(member: Member) -> bool:
    """Are the settings of the merchant of one of those members complete (SPG-SET-01)?"""
    return member.__dict__["complete_since"] is not None
