"""Jobs: make a call, and find calls that are due."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from paygate.clock import now
from paygate.jobs.interface import Json, TryAgainAt, task
from paygate.jobs.sweep import due
from paygate.tenants.context import across_tenants, within
from paygate.webhooks.delivery import deliver
from paygate.webhooks.models import Delivery
from paygate.webhooks.states import DeliveryState


@task("webhooks.deliver")
def deliver_call(*, merchant_id: int, delivery_id: int) -> None:
    """Make one call, and come back for as long as it takes (safety.md OB-3)."""
    with within(merchant_id):
        again = deliver(delivery_id, now=now())
    if again is not None:
        raise TryAgainAt(again)


@due(deliver_call)
def calls_due(moment: datetime) -> Iterable[Mapping[str, Json]]:
    """Every merchant's calls whose time has come."""
    with across_tenants():
        rows = Delivery.objects.filter(state=DeliveryState.QUEUED, next_try_at__lte=moment)
        return [
            {"merchant_id": merchant_id, "delivery_id": delivery_id}
            for merchant_id, delivery_id in rows.values_list("merchant_id", "pk")
        ]
