"""Multi-use links that were deleted long ago go for good; their payments stay in the journal (SPG-MUL-09).

Visits forget the link first, some at a time, so that no transaction is long. Stopped anywhere, the next run goes on.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from paygate.checkout.models import Attempt, Session
from paygate.checkout.states import LIVE
from paygate.links.change import due_for_removal, remove
from paygate.tenants.sweeping import each_within

log = structlog.get_logger("paygate.checkout")

TOGETHER: Final = 1000  # visits that forget their link in one transaction


def remove_deleted_links(*, now: datetime) -> int:
    """For all merchants; how many links went."""
    removed = each_within(due_for_removal(now), lambda link_id: _remove(link_id, now=now), what="remove link")
    if removed:
        log.info("deleted links removed", count=removed)
    return removed


def _remove(link_id: UUID, *, now: datetime) -> bool:
    """Not while the answer about a payment is not in: its place is counted on the link."""
    if Attempt.objects.filter(session__link=link_id, state__in=LIVE).exists():
        return False
    while some := list(
        Session.objects.filter(link=link_id).order_by("pk").values_list("pk", flat=True)[:TOGETHER]
    ):
        Session.objects.filter(pk__in=some).update(link=None)
    return remove(link_id, now=now)
