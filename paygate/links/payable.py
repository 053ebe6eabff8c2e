"""May a link be paid now, and if not why; the places that payments take in its limits.

A payment takes its place before the acquirer is asked, under the lock of the link, and holds it until the answer is
known: then it counts, or the place is free again. So a limit is never exceeded, however many pay at once.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import F
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from paygate.links.models import Link, LinkTotal
from paygate.links.states import LinkState
from paygate.money.amount import Money
from paygate.refusals import Kind, Refusal


class WhyClosed(StrEnum):
    """Why a link takes no payment; the payer's page has one for each."""

    NOT_BEGUN = "NOT_BEGUN"
    ENDED = "ENDED"
    USED_UP = "USED_UP"
    ALL_TAKEN = "ALL_TAKEN"  # the last places are held by payments whose answers are not in yet
    DELETED = "DELETED"


class LinkClosed(Refusal):
    """The link takes no payment now."""

    code = "LINK_CLOSED"
    kind = Kind.CONFLICT

    def __init__(self, why: WhyClosed) -> None:
        super().__init__(_("This link cannot be paid now."))
        self.why = why


def lock(link_id: UUID) -> Link:
    """The link, locked until the transaction ends. Payers may open it meanwhile."""
    links = Link.objects.select_related("terminal", "merchant")
    return links.select_for_update(of=("self",), no_key=True).get(pk=link_id)


def totals_of(link: Link) -> list[LinkTotal]:
    """What was paid by it so far, by currency: as many rows as it ever had currencies."""
    return list(LinkTotal.objects.filter(link=link))


def why_closed(link: Link, totals: Sequence[LinkTotal], *, now: datetime) -> WhyClosed | None:
    """The reason why nobody may begin to pay now, or None."""
    if link.state == LinkState.DELETED:
        return WhyClosed.DELETED
    if link.begins_at is not None and now < link.begins_at:
        return WhyClosed.NOT_BEGUN
    if link.ends_at is not None and link.ends_at <= now:
        return WhyClosed.ENDED
    least = link.amount or link.smallest or Money(1, link.currency)
    if has_room(link, totals, least):
        return None
    return WhyClosed.ALL_TAKEN if has_room(link, totals, least, held=False) else WhyClosed.USED_UP


def has_room(link: Link, totals: Sequence[LinkTotal], amount: Money, *, held: bool = True) -> bool:
    """Would a payment of this amount stay within the link's limits? Without `held`, beside what is paid for sure."""
    count = sum(total.payments + (total.held if held else 0) for total in totals)
    if link.most_payments is not None and count >= link.most_payments:
        return False
    left = left_of(link, totals, held=held)
    return left is None or amount <= left


def left_of(link: Link, totals: Sequence[LinkTotal], *, held: bool = True) -> Money | None:
    """How much may still be paid; None without a limit. Only payments in the link's currency use it up."""
    if link.most_total_minor is None:
        return None
    used = sum(
        total.sum_minor + (total.held_minor if held else 0)
        for total in totals
        if total.currency == link.currency
    )
    return Money(max(0, link.most_total_minor - used), link.currency)


def hold(link_id: UUID, amount: Money) -> None:
    """The acquirer is about to be asked: take a place for this amount. Raises `LinkClosed` when there is none left.

    Whoever began in time may finish: dates and a deletion stop only what has not begun. An amount in another currency
    than the link has by now counts against the number of payments, not against the sum.
    """
    link = lock(link_id)
    totals = totals_of(link)
    same = amount.currency == link.currency
    if not has_room(link, totals, amount if same else Money.zero(link.currency)):
        raise LinkClosed(WhyClosed.USED_UP)
    if amount.currency not in {total.currency for total in totals}:
        LinkTotal.objects.create(
            merchant_id=link.merchant_id, link=link, currency=amount.currency, exponent=amount.exponent
        )
    _count(link_id, amount, held=F("held") + 1, held_minor=F("held_minor") + amount.minor)


def count_paid(link_id: UUID, amount: Money) -> None:
    """The place becomes a payment: in the transaction of its success."""
    _count(
        link_id,
        amount,
        held=F("held") - 1,
        held_minor=F("held_minor") - amount.minor,
        payments=F("payments") + 1,
        sum_minor=F("sum_minor") + amount.minor,
    )


def let_go(link_id: UUID, amount: Money) -> None:
    """Nothing is paid by the attempt that held a place."""
    _count(link_id, amount, held=F("held") - 1, held_minor=F("held_minor") - amount.minor)


def _count(link_id: UUID, amount: Money, **columns: Combinable) -> None:
    counted = LinkTotal.objects.filter(link=link_id, currency=amount.currency).update(**columns)
    assert counted == 1, "who pays by a link holds a place in it"
