"""Periodic duties: forget forms nobody can still have open."""

from datetime import timedelta
from typing import Final

from paygate import clock
from paygate.backoffice.models import UsedForm
from paygate.jobs.interface import every
from paygate.tenants.context import across_tenants

KEPT: Final = timedelta(days=7)


@every(minutes=1440, name="backoffice.forget_used_forms")
def forget_used_forms() -> None:
    """Once a day, for all merchants."""
    with across_tenants():
        UsedForm.objects.filter(used_at__lt=clock.now() - KEPT).delete()
