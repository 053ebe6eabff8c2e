"""A new data key for the vault: what is written uses it at once, the rest is sealed anew, the old key goes (CD-6).

Which rows are still under an old key is what is left to do: nothing else is remembered, so a process may die anywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from paygate.aliases import hashes
from paygate.aliases.keys import VaultClosed, destroy_unused, make_new, opened
from paygate.aliases.models import HashKey, VaultEntry, VaultKey
from paygate.aliases.vault import opens, seal_anew
from paygate.sealing import Keyring, NoKeys, NotOurs, key_id_of
from paygate.tenants.context import across_tenants
from paygate.tenants.sweeping import each_within

TOGETHER: Final = 500  # rows between two words of progress, and of one turn of the job


@dataclass(frozen=True, slots=True)
class Progress:
    """How many cards are sealed with the newest key, of how many."""

    done: int
    all: int

    def __str__(self) -> str:
        return f"{self.done} of {self.all} cards"


def begin(*, now: datetime) -> None:
    """Retire the active key for a new one, unless an earlier rotation has not ended yet: then that one goes on."""
    if not is_under_way():
        make_new(instead_of=VaultKey.objects.filter(active=True).first(), now=now)


def is_under_way() -> bool:
    """Is there a retired key that was not destroyed yet?"""
    return VaultKey.objects.filter(active=False, destroyed_at=None).exists()


def progress() -> Progress:
    """How far it is."""
    with across_tenants():
        return Progress(VaultEntry.objects.filter(key__active=True).count(), VaultEntry.objects.count())


def go_on(*, now: datetime) -> Iterator[Progress]:
    """Seal what is left anew, one row a transaction, with a word of progress now and then; destroy the old keys.

    A row that cannot be sealed anew is logged and stays, and so does its key.
    """
    after = 0
    while rows := _left(after):
        each_within(rows, lambda pk: seal_anew(pk, now=now), what="vault entry")
        after = rows[-1][1]
        yield progress()
    with across_tenants():
        hashes.wrap_anew()
        destroy_unused(now=now)


def refuse_wrong_keys() -> None:
    """Raise `VaultClosed` if the vault cannot be read with the master keys there are: what start-up asks (CD-6)."""
    try:
        ring = Keyring.of_settings()
    except NoKeys as wrong:
        raise VaultClosed(f"PAYGATE_VAULT_KEYS: {wrong}") from wrong
    with across_tenants():
        for key in VaultKey.objects.filter(destroyed_at=None):
            opened(key)
            one = key.entries.select_related("key").order_by("-pk").first()
            if one and not opens(one, merchant_id=one.merchant_id, place=one.place):
                raise VaultClosed(f"The vault key {key.name} does not open the cards that are sealed with it")
        gone = VaultEntry.objects.exclude(key__destroyed_at=None).first()
        if gone:
            raise VaultClosed(f"Cards are sealed with the vault key {gone.key_id}, which was destroyed")
        for row in HashKey.objects.order_by("-pk")[:1]:
            try:
                missing = key_id_of(bytes(row.sealed_key)) not in ring.keys
            except NotOurs as wrong:
                raise VaultClosed("A merchant's key for hash values is damaged") from wrong
            if missing:
                raise VaultClosed(
                    "The master key is missing that merchants' keys for hash values are wrapped with"
                )


def _left(after: int) -> list[tuple[int, int]]:
    with across_tenants():
        rows = VaultEntry.objects.filter(key__active=False, pk__gt=after).order_by("pk")
        return list(rows.values_list("merchant_id", "pk")[:TOGETHER])
