"""The links an actor may see: newest first, filtered."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from paygate.links.models import Link, LinkTotal
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Search:
    """What the overview is narrowed to."""

    text: str = ""
    states: tuple[str, ...] = ()
    terminal: str = ""
    people: tuple[str, ...] = ()  # members whose name the text is part of, for example "member:12"


def links_of(by: Actor, search: Search) -> QuerySet[Link]:
    """All links of the actor's merchant that the search lets through, the deleted ones included (SPG-MUL-04, 08)."""
    by.require(Permission.SEE_OFFERS)
    links = Link.objects.filter(merchant_id=by.merchant_id).select_related("terminal")
    if search.text:
        links = links.filter(
            Q(description__icontains=search.text)
            | Q(reference_prefix__icontains=search.text)
            | Q(created_by__in=search.people)
            | Q(changed_by__in=search.people)
        )
    if search.states:
        links = links.filter(state__in=search.states)
    if search.terminal:
        links = links.filter(terminal__number=search.terminal)
    return links


def link_of(by: Actor, link_id: str) -> Link:
    """The actor's link. Raises `NotFound` for unknown, foreign and malformed ids alike (TN-4)."""
    by.require(Permission.SEE_OFFERS)
    try:
        key = UUID(link_id)
    except ValueError as error:
        raise NotFound from error
    links = Link.objects.select_related("terminal", "merchant")
    link = links.filter(merchant_id=by.merchant_id, pk=key).first()
    if link is None:
        raise NotFound
    return link


def totals_by_link(links: Iterable[Link]) -> dict[UUID, list[LinkTotal]]:
    """What was paid by each of these links, with one question."""
    keys = [link.pk for link in links]
    found: dict[UUID, list[LinkTotal]] = {key: [] for key in keys}
    for total in LinkTotal.objects.filter(link__in=keys):
        found[total.link_id].append(total)
    return found
