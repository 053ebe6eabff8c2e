"""What a person does with the account stands in the audit log of the merchant that opened it (safety.md AU-7)."""

from collections.abc import Mapping
from datetime import datetime

from paygate.accounts.models import User
from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.tenants.context import within


def put_down(
    action: Action, user: User, detail: Mapping[str, object], *, result: str = "done", now: datetime
) -> None:
    """One line. A person without a merchant has no log."""
    if user.home_id is None:
        return
    with within(user.home_id):
        record(
            action,
            merchant_id=user.home_id,
            by=f"user:{user.pk}",
            subject=f"person:{user.email}",
            detail=detail,
            result=result,
            person=user.email,
            now=now,
        )
