"""The job that wipes what was held too long."""

from paygate.cards.holding import wipe_expired
from paygate.clock import now
from paygate.jobs.interface import every
from paygate.tenants.context import across_tenants


@every(minutes=1, name="cards.wipe_expired")
def wipe_expired_keys() -> None:
    """Destroy the keys of cards that no payer came back for (safety.md CD-3)."""
    with across_tenants():
        wipe_expired(now=now())
