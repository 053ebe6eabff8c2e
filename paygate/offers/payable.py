"""May it be paid now, and if not why; claim, count an attempt, mark paid, expire what is due.

A claim is the right to ask for money for an offer, held by one attempt at a time. While the payer types or stands at
the issuer's page it has an end; once the acquirer is asked it has none, until the answer is known.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from paygate.offers.models import Offer
from paygate.offers.states import LIFE, OfferState
from paygate.refusals import Kind, Refusal
from paygate.tenants.kept import Given, Kept, KeptChange
from paygate.tenants.sweeping import each_within

CLAIM_LASTS: Final = timedelta(minutes=15)  # ten for the challenge (3D-1), some for the way there and back
MARK_EXPIRED_AT_ONCE: Final = 500


class WhyNot(StrEnum):
    """Why an offer cannot be paid; the payer's page has one for each."""

    PAID = "PAID"
    EXPIRED = "EXPIRED"
    DISABLED = "DISABLED"
    IN_PROGRESS = "IN_PROGRESS"


class NotPayable(Refusal):
    """The offer takes no attempt now."""

    code = "NOT_PAYABLE"
    kind = Kind.CONFLICT

    def __init__(self, why: WhyNot) -> None:
        super().__init__(_("This link cannot be paid now."))
        self.why = why


_LOCKED: Final = Kept(
    lambda: (
        Offer.objects.select_related("terminal", "merchant")
        .select_for_update(of=("self",))
        .filter(pk=Given("offer_id", Offer._meta.pk))
        .order_by()
    )
)


def _this_one() -> QuerySet[Offer]:
    return Offer.objects.filter(pk=Given("offer_id", Offer._meta.pk))


_OPENED: Final = KeptChange(lambda: _this_one().filter(first_opened_at=None), "first_opened_at")
_CLAIMED: Final = KeptChange(_this_one, "claim", "claimed_until", attempts=F("attempts") + 1)
_HELD: Final = KeptChange(_this_one, claimed_until=None)


def lock(offer_id: UUID) -> Offer:
    """The offer, locked until the transaction ends: first in the order of locks (safety.md LK-2)."""
    return _LOCKED.get(offer_id=offer_id)


def why_not_payable(offer: Offer, *, now: datetime) -> WhyNot | None:
    """The reason why no attempt may begin now, or None."""
    state = offer.state_at(now)
    if state == OfferState.PAID:
        return WhyNot.PAID
    if offer.is_claimed_at(now):
        return WhyNot.IN_PROGRESS
    if state == OfferState.EXPIRED:
        return WhyNot.EXPIRED
    if state == OfferState.DISABLED or offer.is_used_up:
        return WhyNot.DISABLED
    return None


def claim(offer: Offer, attempt_id: str, *, now: datetime) -> None:
    """Let this attempt have the locked offer, and count it. Raises `NotPayable`."""
    why = why_not_payable(offer, now=now)
    if why:
        raise NotPayable(why)
    _CLAIMED.run({"claim": attempt_id, "claimed_until": now + CLAIM_LASTS}, offer_id=offer.pk)
    offer.claim, offer.claimed_until, offer.attempts = attempt_id, now + CLAIM_LASTS, offer.attempts + 1


def hold_until_known(offer: Offer, attempt_id: str, *, now: datetime) -> None:
    """The acquirer is about to be asked: the claim no longer lapses. Raises `NotPayable` when it was lost."""
    if offer.claim != attempt_id or offer.state == OfferState.PAID or not offer.is_claimed_at(now):
        raise NotPayable(why_not_payable(offer, now=now) or WhyNot.IN_PROGRESS)
    _HELD.run({}, offer_id=offer.pk)
    offer.claimed_until = None


def hand_over(offer: Offer, attempt_id: str, successor_id: str, *, now: datetime) -> None:
    """The attempt goes on as another one, for the same payer: it counts once, and holds the offer anew."""
    assert offer.claim == attempt_id, "only who holds the offer can hand it over"
    Offer.objects.filter(pk=offer.pk, claim=attempt_id).update(
        claim=successor_id, claimed_until=now + CLAIM_LASTS
    )
    offer.claim, offer.claimed_until = successor_id, now + CLAIM_LASTS


def release(offer: Offer, attempt_id: str, *, by: str, now: datetime) -> None:
    """The attempt ended without a payment. When it was the last one allowed, the offer is disabled."""
    if offer.claim == attempt_id:
        Offer.objects.filter(pk=offer.pk, claim=attempt_id).update(claim="", claimed_until=None)
        offer.claim, offer.claimed_until = "", None
    if offer.state == OfferState.OPEN and offer.is_used_up:
        LIFE.move(offer, OfferState.DISABLED, by=by, cause="attempts used up", now=now)


def mark_paid(offer: Offer, *, by: str, now: datetime) -> None:
    """The first success spends the link (SPG-STA-07)."""
    LIFE.move(
        offer,
        OfferState.PAID,
        by=by,
        cause="payment succeeded",
        now=now,
        paid_at=now,
        claim="",
        claimed_until=None,
    )


def note_opened(offer: Offer, *, now: datetime) -> None:
    """The link was opened for the first time: all that opening changes (safety.md ST-9)."""
    if offer.first_opened_at is None:
        _OPENED.run({"first_opened_at": now}, offer_id=offer.pk)


def expire_due(*, now: datetime) -> int:
    """Move open offers past their deadline to expired; those in payment wait for its end. Answers how many."""
    due = Offer.objects.filter(state=OfferState.OPEN, expires_at__lte=now).filter(
        Q(claim="") | Q(claimed_until__lte=now)
    )
    rows = list(due.values_list("merchant_id", "pk")[:MARK_EXPIRED_AT_ONCE])
    return each_within(rows, lambda offer_id: _expire(offer_id, now=now), what="expire")


def _expire(offer_id: UUID, *, now: datetime) -> bool:
    """Under the offer's lock, looked at again: meanwhile it may be in payment, or have another deadline."""
    with transaction.atomic():
        offer = lock(offer_id)
        if offer.state != OfferState.OPEN or offer.expires_at > now or offer.is_claimed_at(now):
            return False
        LIFE.move(
            offer,
            OfferState.EXPIRED,
            by="system",
            cause="deadline passed",
            now=now,
            claim="",
            claimed_until=None,
        )
    return True
