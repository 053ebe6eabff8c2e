"""The offers an actor may see: newest first, filtered, page by page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from paygate.merchants.models import Terminal
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.offers.models import Offer
from paygate.offers.states import OfferState
from paygate.offers.words import has_word, name_sign, needle
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
    expires_from: datetime | None = None
    expires_before: datetime | None = None
    names: Mapping[str, str] = field(
        default_factory=dict
    )  # of those who create and change offers, by what stands in the offer

    def wanted(self) -> Iterator[list[str]]:
        """For each word of the text: one of these must stand among an offer's words. Signs are of those named so."""
        for typed in self.text.split():
            if sought := needle(typed):
                called_so = [by for by, name in self.names.items() if has_word(name, typed)]
                yield [sought, *map(name_sign, called_so)]


def offers_of(by: Actor, search: Search, *, now: datetime) -> QuerySet[Offer]:
    """All offers of the actor's merchant that the search lets through. For a page of them see overview.py."""
    offers = having_words(in_any_state(by, search), search)
    if search.states:
        wanted = Q(state__in=[state for state in search.states if state != OfferState.OPEN])
        if OfferState.OPEN in search.states:
            wanted |= Q(state=OfferState.OPEN, expires_at__gt=now)
        if OfferState.EXPIRED in search.states:
            wanted |= Q(state=OfferState.OPEN, expires_at__lte=now)
        offers = offers.filter(wanted)
    return offers


def having_words(offers: QuerySet[Offer], search: Search) -> QuerySet[Offer]:
    """Those that can be found by the search's text."""
    for alternatives in search.wanted():
        offers = offers.filter(reduce(or_, (Q(words__contains=words) for words in alternatives)))
    return offers


def in_any_state(by: Actor, search: Search) -> QuerySet[Offer]:
    """The same whatever their states and words are."""
    by.require(Permission.SEE_OFFERS)
    offers = Offer.objects.filter(merchant_id=by.merchant_id).select_related("terminal")
    if search.terminal:
        named = Terminal.objects.filter(merchant_id=by.merchant_id, number=search.terminal)
        offers = offers.filter(terminal_id=named.values_list("pk", flat=True).first() or 0)
    if search.sources:
        offers = offers.filter(source__in=search.sources)
    if search.expires_from:
        offers = offers.filter(expires_at__gte=search.expires_from)
    if search.expires_before:
        offers = offers.filter(expires_at__lt=search.expires_before)
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
