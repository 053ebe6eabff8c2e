"""Raise an alarm, see that it still stands, clear it (safety.md LG-6).

All of it may be called inside a transaction and as often as one likes: while an alarm is open, raising it again only
notes that it was seen again.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any

import structlog
from django.db import IntegrityError, transaction

from paygate.alarms.kinds import AlarmKind
from paygate.alarms.models import Alarm, OperatorsAlarm
from paygate.tenants.context import within

log = structlog.get_logger("paygate.alarms")


def raise_alarm(
    kind: AlarmKind, subject: str, *, merchant_id: int | None, now: datetime, detail: str = ""
) -> bool:
    """Tell whoever is concerned: this merchant, or with None the installation's operators. True when it is a new one.

    `subject` names what it is about in at most 80 characters; `detail` holds ids and no card data.
    """
    seen = {"last_seen_at": now, "detail": detail[:500]}
    with _rows_of(merchant_id) as rows:
        open_one = rows.filter(kind=kind, subject=subject, cleared_at=None)
        if open_one.update(**seen):
            return False
        owner = {} if merchant_id is None else {"merchant_id": merchant_id}
        try:
            with transaction.atomic():  # the savepoint keeps the caller's transaction alive
                rows.create(kind=kind, subject=subject, since=now, **seen, **owner)
        except IntegrityError:
            open_one.update(**seen)  # somebody else was faster
            return False
    log.error("alarm", kind=kind.value, subject=subject, merchant=merchant_id, cause=detail[:500])
    return True


def clear(kind: AlarmKind, subject: str, *, merchant_id: int | None, now: datetime) -> bool:
    """It is well again. True when an alarm was open."""
    with _rows_of(merchant_id) as rows:
        cleared = rows.filter(kind=kind, subject=subject, cleared_at=None).update(cleared_at=now)
    if cleared:
        log.info("alarm cleared", kind=kind.value, subject=subject, merchant=merchant_id)
    return bool(cleared)


def alarms_of(merchant_id: int) -> list[Alarm]:
    """What this merchant must be told now, the oldest first."""
    with within(merchant_id):
        return list(Alarm.objects.filter(cleared_at=None))


def operators_alarms() -> list[OperatorsAlarm]:
    """What the operators must be told now, the oldest first."""
    return list(OperatorsAlarm.objects.filter(cleared_at=None))


@contextmanager
def _rows_of(merchant_id: int | None) -> Iterator[Any]:
    """The alarms of one merchant in its own view, or those of nobody."""
    with nullcontext() if merchant_id is None else within(merchant_id):
        yield (OperatorsAlarm if merchant_id is None else Alarm).objects.all()
