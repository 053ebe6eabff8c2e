"""Make one call and note what came of it (safety.md OB-2 to OB-6, LK-1).

Claim under a lease, commit, call with no transaction open, write the result under the same lease. A process that dies
in between leaves a call that is made again under the same id.

A target is a merchant's host: two merchants that call the same one do not wait for each other.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import structlog
from django.db import transaction

from paygate.checkpoints import reached
from paygate.outbound import leave_database
from paygate.webhooks.calling import Answer, ask
from paygate.webhooks.models import Delivery, Target
from paygate.webhooks.states import LIFE, DeliveryState

LEASE: Final = timedelta(minutes=1)  # longer than any call, which ends within 10 seconds

# Three tries within five minutes, as the interface documents it; from then on with patience (OB-3).
WAITS: Final = (
    timedelta(minutes=1),
    timedelta(minutes=3),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
)
WAIT_LATER: Final = timedelta(hours=6)
PATIENCE: Final = timedelta(hours=72)

MOST_TO_TARGET: Final = 2  # calls under way at once (OB-5)
MOST_OF_MERCHANT: Final = 5
BUSY: Final = timedelta(seconds=5)  # to wait where as many are under way

TROUBLED_AFTER: Final = 10  # failures in a row, whichever calls they were
PAUSE: Final = timedelta(
    minutes=10
)  # then nobody calls; after it one call shows whether somebody is there again

log = structlog.get_logger(__name__)


def deliver(delivery_id: int, *, now: datetime) -> datetime | None:
    """Try a call that is due. When to try again; None when nothing is left to do.

    Safe to call at any time and by any number of workers. Not to be called inside a transaction.
    """
    leave_database("an address of a merchant")
    delivery = Delivery.objects.filter(pk=delivery_id, state=DeliveryState.QUEUED).first()
    if delivery is None:
        return None
    Target.objects.get_or_create(merchant_id=delivery.merchant_id, origin=delivery.target)
    token = uuid4()
    wait_until = _claim(delivery, token, now=now)
    if wait_until is not None:
        return wait_until
    reached("outbox.claimed")
    answer = ask(delivery.url, delivery_id=delivery.public_id)
    reached("outbox.delivered")
    return _settle(delivery, token, answer, now=now)


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many tries that failed."""
    return WAITS[tries - 1] if tries <= len(WAITS) else WAIT_LATER


def _claim(delivery: Delivery, token: UUID, *, now: datetime) -> datetime | None:
    """Make it ours; or when to look again, because it is another's, not due, or as many calls are under way."""
    with transaction.atomic(durable=True):
        # All of the merchant's targets: so nobody else counts and claims at this moment.
        targets = {one.origin: one for one in Target.objects.select_for_update().order_by("pk")}
        target = targets[delivery.target]
        delivery.refresh_from_db()
        if delivery.state != DeliveryState.QUEUED:
            return now  # there will be nothing left to do
        free_at = max(delivery.next_try_at, delivery.lease_until or delivery.next_try_at)
        if free_at > now:
            return free_at
        if target.paused_until and now < target.paused_until and now < delivery.give_up_at:
            return _put_off(delivery, min(target.paused_until, delivery.give_up_at))
        if not _has_room(target, now=now):
            return now + BUSY
        delivery.lease_token, delivery.lease_until = token, now + LEASE
        delivery.save(update_fields=["lease_token", "lease_until"])
    return None


def _put_off(delivery: Delivery, until: datetime) -> datetime:
    delivery.next_try_at = until
    delivery.save(update_fields=["next_try_at"])
    return until


def _has_room(target: Target, *, now: datetime) -> bool:
    """Are fewer calls under way than there may be? To a target in trouble there is one at a time."""
    rows = Delivery.objects.filter(state=DeliveryState.QUEUED, lease_until__gt=now)
    under_way = list(rows.order_by().values_list("target", flat=True))
    most = 1 if target.failures >= TROUBLED_AFTER else MOST_TO_TARGET
    return len(under_way) < MOST_OF_MERCHANT and under_way.count(target.origin) < most


def _settle(delivery: Delivery, token: UUID, answer: Answer, *, now: datetime) -> datetime | None:
    """Write the result, if the lease is still ours (LK-5)."""
    with transaction.atomic(durable=True):
        target = Target.objects.select_for_update().get(origin=delivery.target)
        ours = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.QUEUED, lease_token=token)
        if not ours.update(lease_token=None, lease_until=None):
            log.warning("a call's result came too late and was refused", merchant=delivery.merchant_id)
            return _next_look(delivery.pk)
        _note_at(target, answer, now=now)
        facts = {"answer": answer.words[:80], "answer_ms": answer.milliseconds}
        tries = delivery.tries + 1
        again = now + wait_after(tries)
        if answer.is_success:
            LIFE.move(
                delivery, DeliveryState.DONE, by="system", cause="accepted", now=now, delivered_at=now, **facts
            )  # fmt: skip
        elif answer.is_final or again > delivery.give_up_at:
            cause = "never called" if answer.is_final else "not accepted in 72 hours"
            LIFE.move(
                delivery, DeliveryState.GIVEN_UP, by="system", cause=cause, now=now, tries=tries, **facts
            )  # fmt: skip
        else:
            Delivery.objects.filter(pk=delivery.pk).update(tries=tries, next_try_at=again, **facts)
    log.info(
        "a call was tried", merchant=delivery.merchant_id, kind=delivery.kind, state=str(delivery.state), tries=tries
    )  # fmt: skip
    return again if delivery.state == DeliveryState.QUEUED else None


def _note_at(target: Target, answer: Answer, *, now: datetime) -> None:
    """After many failures in a row nobody calls for a while, and nobody waits for it (OB-5)."""
    if answer.is_final:
        return  # nobody was asked
    target.failures = 0 if answer.is_success else target.failures + 1
    target.paused_until = now + PAUSE if target.failures >= TROUBLED_AFTER else None
    target.save(update_fields=["failures", "paused_until"])


def _next_look(delivery_id: int) -> datetime | None:
    row = Delivery.objects.filter(pk=delivery_id, state=DeliveryState.QUEUED).first()
    return max(row.next_try_at, row.lease_until or row.next_try_at) if row else None
