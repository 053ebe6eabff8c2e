"""The data keys of the vault: made, opened, counted, retired, destroyed (safety.md CD-6).

The master keys of `PAYGATE_VAULT_KEYS` wrap them and are in no database. At any time one data key is active.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F

from paygate.aliases.models import VaultKey
from paygate.sealing import KEY_BYTES, NoKeys, NotOurs, open_sealed, seal

MOST_SEALED: Final = 2**31  # encryptions with one key; its nonces are drawn by chance
LASTS: Final = timedelta(days=365)  # then a new one takes its place

_PURPOSE: Final = "vault data key"

log = structlog.get_logger("paygate.aliases")


class VaultClosed(RuntimeError):
    """The vault cannot be opened with the keys there are. Never taken for an empty vault; stops start-up."""


def opened(key: VaultKey) -> bytes:
    """The data key itself. Raises `VaultClosed` if the master key that wrapped it is missing or another one."""
    if key.destroyed_at is not None:
        raise VaultClosed(f"The vault key {key.name} was destroyed, and cards are still sealed with it")
    try:
        return open_sealed(bytes(key.wrapped), purpose=_PURPOSE, context=key.name)
    except (NotOurs, NoKeys) as wrong:
        raise VaultClosed(
            f"The vault key {key.name} cannot be opened with the master keys of PAYGATE_VAULT_KEYS ({wrong})."
            " Put the master key back that it was wrapped with; without it no stored card can ever be read"
        ) from wrong


def to_seal_with(*, things: int, now: datetime) -> VaultKey:
    """The active key, with `things` encryptions counted on it, in the caller's transaction.

    It is locked until the transaction ends, so that no rotation destroys it before what it sealed is there. A key that
    has encrypted as often as it may makes room for a new one.
    """
    while True:
        key = _active(now=now)
        counted = VaultKey.objects.filter(pk=key.pk, active=True, sealed__lte=MOST_SEALED - things)
        if counted.update(sealed=F("sealed") + things):
            return key
        if VaultKey.objects.filter(pk=key.pk, active=True).exists():
            make_new(instead_of=key, now=now)


def make_new(*, instead_of: VaultKey | None, now: datetime) -> None:
    """A new active key. If somebody else has made one meanwhile, theirs is as good."""
    name = f"d{now:%Y%m%d}-{secrets.token_hex(3)}"
    wrapped = seal(secrets.token_bytes(KEY_BYTES), purpose=_PURPOSE, context=name)
    try:
        with transaction.atomic():
            if instead_of:
                VaultKey.objects.filter(pk=instead_of.pk, active=True).update(active=False, retired_at=now)
            VaultKey.objects.create(name=name, wrapped=wrapped, made_at=now)
    except IntegrityError:
        return
    log.info("vault key made", key=name, instead_of=instead_of.name if instead_of else "")


def is_due(*, now: datetime) -> bool:
    """Is the active key a year old?"""
    return VaultKey.objects.filter(active=True, made_at__lte=now - LASTS).exists()


def destroy_unused(*, now: datetime) -> int:
    """Destroy retired keys that no entry is under any more; how many.

    Each is locked before its entries are looked for: whoever was sealing with it has committed by then.
    """
    destroyed = 0
    for pk in VaultKey.objects.filter(active=False, destroyed_at=None).values_list("pk", flat=True):
        with transaction.atomic():
            key = VaultKey.objects.select_for_update().get(pk=pk)
            if key.destroyed_at is None and not key.entries.exists():
                VaultKey.objects.filter(pk=pk).update(wrapped=b"", destroyed_at=now)
                log.info("vault key destroyed", key=key.name)
                destroyed += 1
    return destroyed


def _active(*, now: datetime) -> VaultKey:
    key = VaultKey.objects.filter(active=True).first()
    if key is None:
        make_new(instead_of=None, now=now)
        key = VaultKey.objects.get(active=True)
    return key
