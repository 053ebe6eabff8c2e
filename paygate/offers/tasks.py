"""Jobs: expire what is due."""

from paygate import clock
from paygate.jobs.interface import every
from paygate.offers import payable
from paygate.tenants.context import across_tenants


@every(minutes=1, name="offers.expire_due")
def expire_due() -> None:
    """Once a minute, for all merchants."""
    with across_tenants():
        payable.expire_due(now=clock.now())
