"""The offers an actor may see: newest first, filtered, page by page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.offers.models import Offer
from paygate.offers.states import OfferState
from paygate.refusals import NotFound
from paygate.tenants.kept import Given, Kept
from paygate.tenants.models import Merchant


@dataclass(frozen=True, slots=True)
class Search:
    """What the overview is narrowed to (SPG-OVW-05 to 07)."""

    text: str = ""
    states: tuple[str, ...] = ()
    terminal: str = ""
    sources: tuple[str, ...] = ()  # by which door they came
    people: tuple[str, ...] = ()  # members whose name the text is part of, for example "member:12"


# By what the overview can be sorted: the name in the address, and the column. The first is how it is sorted unasked.
ORDERS: Final = {
    "created": "created_at",
    "expires": "expires_at",
    "changed": "changed_at",
    "amount": "amount_minor",
    "reference": "reference",
}


def offers_of(by: Actor, search: Search, *, now: datetime) -> QuerySet[Offer]:
    """All offers of the actor's merchant that the search lets through."""
    by.require(Permission.SEE_OFFERS)
    offers = Offer.objects.filter(merchant_id=by.merchant_id).select_related("terminal")
    if search.text:
        offers = offers.filter(
            Q(description__icontains=search.text)
            | Q(reference__icontains=search.text)
            | Q(payer_email__icontains=search.text)
            | Q(created_by__in=search.people)
            | Q(changed_by__in=search.people)
        )
    if search.states:
        wanted = Q(state__in=[state for state in search.states if state != OfferState.OPEN])
        if OfferState.OPEN in search.states:
            wanted |= Q(state=OfferState.OPEN, expires_at__gt=now)
        if OfferState.EXPIRED in search.states:
            wanted |= Q(state=OfferState.OPEN, expires_at__lte=now)
        offers = offers.filter(wanted)
    if search.terminal:
        offers = offers.filter(terminal__number=search.terminal)
    if search.sources:
        offers = offers.filter(source__in=search.sources)
    return offers


_SAME_REFERENCE: Final = Kept(
    lambda: (
        Offer.objects.filter(
            merchant=Given("merchant_id", Merchant._meta.pk),
            reference=Given("reference", Offer._meta.get_field("reference")),
        )
        .only("pk")
        .order_by()[:2]
    )
)


def another_with(by: Actor, reference: str, *, but: UUID) -> UUID | None:
    """Another offer of the actor's merchant than `but` that has this reference (SPG-FRM-17)."""
    by.require(Permission.SEE_OFFERS)
    found = _SAME_REFERENCE.all(merchant_id=by.merchant_id, reference=reference)
    return next((offer.pk for offer in found if offer.pk != but), None)


def offer_of(by: Actor, offer_id: str) -> Offer:
    """The actor's offer. Raises `NotFound` for unknown, foreign and malformed ids alike (TN-4)."""
    by.require(Permission.SEE_OFFERS)
    try:
        key = UUID(offer_id)
    except ValueError as error:
        raise NotFound from error
    offers = Offer.objects.select_related("terminal", "merchant")
    offer = offers.filter(merchant_id=by.merchant_id, pk=key).first()
    if offer is None:
        raise NotFound
    return offer
