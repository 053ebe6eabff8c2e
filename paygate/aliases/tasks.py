"""Jobs: forget what has come to its end; a new vault key each year; go on with a rotation."""

from paygate.aliases import keys, rotation, store, vault
from paygate.clock import now
from paygate.jobs.interface import every
from paygate.tenants.context import across_tenants


@every(minutes=1, name="aliases.forget")
def forget_expired() -> None:
    """Aliases whose lifetime is over, and those that no program came back for (safety.md CD-8, 20)."""
    with across_tenants():
        store.forget_expired(now=now())
        vault.forget_expired(now=now())


@every(minutes=1440, name="aliases.yearly_key")
def new_key_each_year() -> None:
    """At least once a year the vault gets a new key (safety.md CD-6)."""
    if keys.is_due(now=now()):
        rotation.begin(now=now())


@every(minutes=1, name="aliases.rotate")
def go_on_with_rotation() -> None:
    """Seal some more cards with the newest key, whoever began it and whatever died meanwhile."""
    if rotation.is_under_way():
        next(rotation.go_on(now=now()), None)
