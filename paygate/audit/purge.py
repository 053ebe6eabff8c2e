"""Lines older than 36 months go, up to a checkpoint from which the rest of the chain can still be verified."""

from datetime import datetime
from typing import Final

from django.db import transaction

from paygate.audit.chain import kept_since
from paygate.audit.models import AuditLine, Checkpoint
from paygate.tenants.context import across_tenants
from paygate.tenants.sweeping import each_within

TOGETHER: Final = 1000  # lines removed in one transaction


def purge(*, now: datetime) -> int:
    """Remove what was kept long enough, of every merchant; of how many merchants something went."""
    old = kept_since(now)
    with across_tenants():
        rows = AuditLine.objects.filter(at__lt=old, place__isnull=False).order_by()
        merchants = [
            (merchant_id, merchant_id) for (merchant_id,) in rows.values_list("merchant_id").distinct()
        ]
    return each_within(merchants, lambda merchant_id: _purge(merchant_id, old) > 0, what="audit purge")


def _purge(merchant_id: int, old: datetime) -> int:
    """The chain up to the last checkpoint before the first line that is kept. How many lines went."""
    lines = AuditLine.objects.filter(merchant_id=merchant_id, place__isnull=False)
    kept = lines.filter(at__gte=old).order_by("place").values_list("place", flat=True).first()
    points = Checkpoint.objects.filter(merchant_id=merchant_id, at__lt=old)
    if kept is not None:
        points = points.filter(place__lt=kept)
    last = points.order_by("-place").first()
    if last is None:
        return 0
    removed = 0
    while True:
        with transaction.atomic():
            some = list(
                lines.filter(place__lte=last.place).order_by("place").values_list("pk", flat=True)[:TOGETHER]
            )
            AuditLine.objects.filter(pk__in=some).delete()
        removed += len(some)
        if len(some) < TOGETHER:
            return removed
