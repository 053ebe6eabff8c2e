"""The job that forgets old answers."""

from paygate import clock
from paygate.api import same_request
from paygate.jobs.interface import every
from paygate.tenants.context import across_tenants


@every(minutes=60, name="api.forget")
def forget() -> None:
    """Remove answers that nobody may ask for again."""
    with across_tenants():
        same_request.forget(now=clock.now())
