"""Store a card or a wallet under a name, change what is known of it, forget it (behaviour.md O-1 to O-3, O-8)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from paygate.aliases import vault
from paygate.aliases.hashes import hash_value
from paygate.aliases.models import Alias, Generator
from paygate.cards.free_text import find_card_numbers
from paygate.cards.number import Card, CardNumber, Expiry
from paygate.cards.wallet import Wallet
from paygate.refusals import Kind, Refusal

LIFETIME: Final = 1096  # days, unless something else is wished
LONGEST: Final = 1600
PENDING: Final = timedelta(days=8)  # so long a sealed card waits for its payment's end

_TRIES: Final = 5


class AliasTaken(Refusal):
    """The merchant has an alias of that name."""

    code = "ALIAS_INVALID"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("There is a stored card of this name already."))


class WrongName(Refusal):
    """There is no name, or it looks like a card number (safety.md CD-9)."""

    code = "ALIAS_NAME"


@dataclass(frozen=True, slots=True)
class AliasWish:
    """Which name a card is to be stored under, and for how many days."""

    generator: Generator = Generator.RANDOM
    name: str = ""  # only where it is not made here
    lifetime: int = LIFETIME

    def as_row(self) -> dict[str, Any]:
        """As JSON."""
        return {"generator": self.generator.value, "name": self.name, "lifetime": self.lifetime}

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Self | None:
        """What `as_row` wrote; None for an empty row."""
        return cls(Generator(row["generator"]), row["name"], row["lifetime"]) if row else None

    def require_name(self) -> None:
        """Raises `WrongName` where a name is to be told and none is, or one that no alias may have."""
        if self.generator is Generator.MANUAL and (not self.name or find_card_numbers(self.name)):
            raise WrongName(_("Tell a name for the stored card; it must not look like a card number."))


def seal(means: Card | Wallet, wish: AliasWish, *, merchant_id: int, by: str, now: datetime) -> Alias:
    """Seal what may be kept later, in the caller's transaction. It has no name yet and nobody finds it."""
    wish.require_name()
    alias = Alias.objects.create(
        merchant_id=merchant_id,
        generator=wish.generator,
        lifetime=wish.lifetime,
        made_by=by,
        made_at=now,
        expires_at=now + PENDING,
        **_seen_of(means, merchant_id),
    )
    vault.keep(means, merchant_id=merchant_id, place=alias.place, expires_at=alias.expires_at, now=now)
    return alias


def _seen_of(means: Card | Wallet, merchant_id: int) -> dict[str, Any]:
    """What the row says of it."""
    if isinstance(means, Wallet):
        hashed = hash_value(means, merchant_id=merchant_id)
        return {"method": means.method, "hash_value": hashed, "wallet_until": means.good_until}
    number = means.number
    return {
        "method": number.brand.name,
        "masked": masked_of(number),
        "api_digits": number.api_digits,
        "hash_value": hash_value(number, merchant_id=merchant_id),
    }


def keep(alias: Alias, name: str = "", *, now: datetime) -> Alias:
    """Give what was sealed its name, in the caller's transaction: from now on it is stored.

    Where a number or a token may have one alias only and has one, that one is the answer, and this one goes. Raises
    `AliasTaken` for a name that the merchant uses already.
    """
    unique = alias.generator == Generator.RANDOM_UNIQUE
    for _try in range(_TRIES):
        if unique and (known := _of_same_number(alias, now=now)):
            _renew(known, alias, now=now)
            remove(alias)
            return known
        named = name if alias.generator == Generator.MANUAL else random_name()
        _make_room(alias, named, now=now)
        try:
            with transaction.atomic():
                _name(alias, named, only_one_of=alias.hash_value if unique else "", now=now)
            return alias
        except IntegrityError:
            if alias.generator == Generator.MANUAL:
                raise AliasTaken from None
    raise AssertionError("no name is free")


def store(means: Card | Wallet, wish: AliasWish, *, merchant_id: int, by: str, now: datetime) -> Alias:
    """Both at once. Raises `WrongName`, `AliasTaken`; nothing is stored then."""
    with transaction.atomic():
        return keep(seal(means, wish, merchant_id=merchant_id, by=by, now=now), wish.name, now=now)


def is_taken(name: str, *, merchant_id: int, now: datetime) -> bool:
    """Does the merchant use this name? To be told early; `keep` decides."""
    return Alias.objects.filter(merchant_id=merchant_id, key=name.lower(), expires_at__gt=now).exists()


def change(alias: Alias, *, lifetime: int | None, expiry: Expiry | None, now: datetime) -> None:
    """Other days from now on, another end of the card. Raises `NotKept` for one that was forgotten meanwhile, and for
    the end of a wallet, which its acquirer alone knows.
    """
    with transaction.atomic():
        if lifetime is not None:
            ends = now + timedelta(days=lifetime)
            Alias.objects.filter(pk=alias.pk).update(lifetime=lifetime, expires_at=ends)
            vault.set_end(merchant_id=alias.merchant_id, place=alias.place, expires_at=ends)
        if expiry is not None:
            vault.set_expiry(expiry, merchant_id=alias.merchant_id, place=alias.place, now=now)
    alias.refresh_from_db()


def remove(alias: Alias) -> None:
    """Forget it: the sealed card or wallet is overwritten and removed, then the name."""
    with transaction.atomic():
        vault.destroy(merchant_id=alias.merchant_id, place=alias.place)
        Alias.objects.filter(pk=alias.pk).delete()


def forget_expired(*, now: datetime) -> int:
    """Remove what has come to its end, and what was never kept, of the merchants in context; how many."""
    forgotten = 0
    for alias in Alias.objects.filter(expires_at__lte=now).iterator(chunk_size=500):
        remove(alias)
        forgotten += 1
    return forgotten


def masked_of(number: CardNumber) -> str:
    """Six and four digits; of a number that is too short for it the last four (safety.md CD-2)."""
    return number.masked if len(number.digits) >= 15 else "x" * (len(number.digits) - 4) + number.last4


def random_name() -> str:
    """32 hexadecimal signs (behaviour.md O-1), never such that they could pass for a card number."""
    while find_card_numbers(name := secrets.token_hex(16)):
        pass
    return name


def _name(alias: Alias, name: str, *, only_one_of: str, now: datetime) -> None:
    ends = now + timedelta(days=alias.lifetime)
    changes = {
        "name": name,
        "key": name.lower(),
        "only_one_of": only_one_of,
        "kept_at": now,
        "expires_at": ends,
    }
    Alias.objects.filter(pk=alias.pk).update(**changes)
    vault.set_end(merchant_id=alias.merchant_id, place=alias.place, expires_at=ends)
    for field, value in changes.items():
        setattr(alias, field, value)


def _renew(known: Alias, newer: Alias, *, now: datetime) -> None:
    """The same card or wallet came again: how long it is good now."""
    if newer.is_card:
        expiry = vault.shown(merchant_id=newer.merchant_id, place=newer.place, now=now).expiry
        vault.set_expiry(expiry, merchant_id=known.merchant_id, place=known.place, now=now)
        return
    wallet = vault.open_wallet(merchant_id=newer.merchant_id, place=newer.place, now=now)
    vault.keep(wallet, merchant_id=known.merchant_id, place=known.place, expires_at=known.expires_at, now=now)
    known.wallet_until = wallet.good_until
    known.save(update_fields=["wallet_until"])


def _of_same_number(alias: Alias, *, now: datetime) -> Alias | None:
    same = Alias.objects.filter(
        merchant_id=alias.merchant_id, hash_value=alias.hash_value, expires_at__gt=now
    )
    return same.exclude(key="").order_by("kept_at", "pk").first()


def _make_room(alias: Alias, name: str, *, now: datetime) -> None:
    """What is over takes nobody's name, although the job has not forgotten it yet."""
    expired = Alias.objects.filter(merchant_id=alias.merchant_id, expires_at__lte=now)
    for over in expired.filter(Q(key=name.lower()) | Q(only_one_of=alias.hash_value)):
        remove(over)
