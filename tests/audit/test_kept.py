"""The database itself keeps the audit log from being changed (safety.md AU-7)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from paygate.audit.chain import chain, check_points
from paygate.audit.models import AuditLine, Checkpoint
from paygate.tenants.context import across_tenants
from paygate.tenants.walls import raise_walls
from tests.audit.conftest import lines


@pytest.fixture
def walled(anna):
    """A chained line of today, a checkpoint, and a line that waits; all walls in place."""
    connection.check_constraints()
    with across_tenants():
        raise_walls()
    lines(anna, 1, now=timezone.now())
    chain(anna.merchant.pk)
    check_points(now=timezone.now())
    lines(anna, 1, now=timezone.now())


REFUSED: dict[str, Callable[[], Any]] = {
    "another person": lambda: AuditLine.objects.filter(place=1).update(by="member:99"),
    "another detail": lambda: AuditLine.objects.filter(place=1).update(detail={"x": "y"}),
    "another detail before it is chained": lambda: AuditLine.objects.filter(place=None).update(
        detail={"x": "y"}
    ),
    "another hash": lambda: AuditLine.objects.filter(place=1).update(hash="0" * 64),
    "another place": lambda: AuditLine.objects.filter(place=1).update(place=7),
    "gone": lambda: AuditLine.objects.filter(place=1).delete(),
    "gone before it is chained": lambda: AuditLine.objects.filter(place=None).delete(),
    "another checkpoint": lambda: Checkpoint.objects.update(hash="0" * 64),
    "no checkpoint": lambda: Checkpoint.objects.all().delete(),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_no_change_is_taken(walled, change):
    with pytest.raises(IntegrityError, match="what was written down stays as it is"), transaction.atomic():
        change()


def test_what_is_older_than_36_months_may_go(walled, anna):
    lines(anna, 1, now=timezone.now() - timedelta(days=1200))

    assert AuditLine.objects.filter(at__lt=timezone.now() - timedelta(days=1100)).delete()[0] == 1
