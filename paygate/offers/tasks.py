"""Jobs: expire what is due, remove files that nobody used."""

from paygate import clock
from paygate.jobs.interface import every
from paygate.offers import files, payable
from paygate.tenants.context import across_tenants


@every(minutes=1, name="offers.expire_due")
def expire_due() -> None:
    """Once a minute, for all merchants."""
    with across_tenants():
        payable.expire_due(now=clock.now())


@every(minutes=1440, name="offers.forget_unused_files")
def forget_unused_files() -> None:
    """Once a day: files chosen in forms that were never saved."""
    with across_tenants():
        files.forget_unused(now=clock.now())
