"""Lines of the audit log to look at."""

from datetime import datetime, timedelta

import pytest

from paygate.audit.actions import Action
from paygate.audit.models import AuditLine
from paygate.audit.record import record
from tests.cast import LONG_AGO, Person


@pytest.fixture
def now() -> datetime:
    return LONG_AGO + timedelta(days=30)


def lines(person: Person, count: int, *, now: datetime) -> list[AuditLine]:
    """So many changes of settings, one a minute."""
    for number in range(count):
        record(
            Action.SETTINGS_CHANGED,
            merchant_id=person.merchant.pk,
            by=person.actor.name,
            subject=f"settings:{number}",
            detail={"language": {"old": "de", "new": "fr"}},
            now=now + timedelta(minutes=number),
        )
    return list(AuditLine.objects.order_by("pk"))
