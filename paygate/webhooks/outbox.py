"""Calls to merchants' addresses: written in the transaction of whoever causes them (safety.md OB-1, LK-6)."""

from datetime import datetime

from django.db import connection, transaction

from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.lifecycle.moves import together
from paygate.outbound.destination import LONGEST, Destination, Refused
from paygate.webhooks.delivery import PATIENCE
from paygate.webhooks.models import Delivery, Target
from paygate.webhooks.states import LIFE, DeliveryState
from paygate.webhooks.tasks import deliver_call


def call(kind: str, url: str, *, about: str, merchant_id: int, now: datetime) -> Delivery:
    """Have an address called. Must be called inside the transaction that causes it; nothing is sent from here.

    An address that cannot be called stops nobody: its delivery is given up at the first try, and shown.
    """
    assert connection.in_atomic_block, "a call is written in the transaction that causes it"
    url = url[:LONGEST]  # as long as that it is refused
    with together():
        delivery: Delivery = Delivery.objects.create(
            merchant_id=merchant_id,
            kind=kind,
            about=about,
            url=url,
            target=_origin(url),
            created_at=now,
            next_try_at=now,
            give_up_at=now + PATIENCE,
        )
        LIFE.begin(delivery, by="system", cause="queued", now=now)
        _ask_for_delivery(delivery)
    return delivery


def call_again(delivery: Delivery, *, by: str, now: datetime) -> None:
    """Give a call that was given up another 72 hours, under the same id (OB-4). Raises `MoveRefused`.

    Whoever asks for it has looked after the server, so its target is called at once, however many calls failed there.
    """
    with transaction.atomic():
        LIFE.move(
            delivery, DeliveryState.QUEUED, by=by, cause="call again", now=now,
            tries=0, next_try_at=now, give_up_at=now + PATIENCE,
        )  # fmt: skip
        Target.objects.filter(origin=delivery.target).update(paused_until=None)
        record(
            Action.CALLED_AGAIN,
            merchant_id=delivery.merchant_id,
            by=by,
            subject=delivery.about,
            detail={"call": delivery.public_id, "server": delivery.target},
            now=now,
        )
        _ask_for_delivery(delivery)


def _origin(url: str) -> str:
    try:
        return Destination.of(url).origin
    except Refused:
        return ""


def _ask_for_delivery(delivery: Delivery) -> None:
    deliver_call.defer(
        unique=f"delivery:{delivery.pk}", merchant_id=delivery.merchant_id, delivery_id=delivery.pk
    )
