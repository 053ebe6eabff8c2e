"""Keep a card or a wallet's token sealed, open it for its owner, destroy it (safety.md CD-5, CD-7).

AES-256-GCM under a data key, with a random nonce. What it is bound to is said by the caller, never read from the row:
an entry that was copied to another merchant or another place does not open. The security code is never kept. Only this
room reads entries, and only what is about to ask an acquirer opens one.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.db.models import QuerySet

from paygate.aliases.keys import opened, to_seal_with
from paygate.aliases.models import VaultEntry, VaultKey
from paygate.cards.number import Card, Expiry
from paygate.cards.wallet import Wallet
from paygate.cards.written import read_from_vault, written_for_vault
from paygate.refusals import NotFound
from paygate.sealing import NONCE_BYTES

VERSION: Final = 1
THINGS: Final = 2  # encryptions of an entry: the card or the token, and what of it may be shown
SESSION_MINUTES: Final = 60  # a card waits no longer for the program that it was entered for

TOGETHER: Final = 500  # forgotten in one transaction

_TAG_BYTES: Final = 16


class NotKept(NotFound):
    """Nothing of this kind is kept there, or no longer, or what is kept there was not sealed for this place."""


def place_of_session(token: str) -> str:
    """Where a card waits for the program that asked for it; it does not tell the session's token."""
    return f"session {hashlib.sha256(token.encode()).hexdigest()[:40]}"


def keep(
    means: Card | Wallet, *, merchant_id: int, place: str, expires_at: datetime, now: datetime
) -> VaultEntry:
    """Seal a card without its code, or a wallet, for one place, in the caller's transaction.

    What was kept there is replaced.
    """
    with transaction.atomic():
        sealed = _sealed(means, merchant_id, place, to_seal_with(things=THINGS, now=now))
        destroy(merchant_id=merchant_id, place=place)
        return VaultEntry.objects.create(
            merchant_id=merchant_id, place=place, created_at=now, expires_at=expires_at, **sealed
        )


def keep_for_session(card: Card, *, merchant_id: int, token: str, now: datetime) -> VaultEntry:
    """The same for one session of a program, for `SESSION_MINUTES` at most; see `take`."""
    expires_at = now + timedelta(minutes=SESSION_MINUTES)
    return keep(card, merchant_id=merchant_id, place=place_of_session(token), expires_at=expires_at, now=now)


def open_card(*, merchant_id: int, place: str, now: datetime) -> Card:
    """The card that is kept there, good until when was said last. Raises `NotKept`; `VaultClosed` without its key."""
    kept = _means_of(_entry(merchant_id, place, now=now), merchant_id, place)
    if not isinstance(kept, Card):
        raise NotKept
    return kept


def open_wallet(*, merchant_id: int, place: str, now: datetime) -> Wallet:
    """The wallet that is kept there. Raises as `open_card`."""
    kept = _means_of(_entry(merchant_id, place, now=now), merchant_id, place)
    if not isinstance(kept, Wallet):
        raise NotKept
    return kept


def take(*, merchant_id: int, token: str, now: datetime) -> Card:
    """The card of a session, which is destroyed with it: of two callers one gets it. Raises as `open_card`."""
    place = place_of_session(token)
    with transaction.atomic():
        card = open_card(merchant_id=merchant_id, place=place, now=now)
        if not destroy(merchant_id=merchant_id, place=place):
            raise NotKept
        return card


@dataclass(frozen=True, slots=True)
class Shown:
    """What its owner may be shown of a card, besides the masked number."""

    expiry: Expiry
    holder: str = field(repr=False)


def shown(*, merchant_id: int, place: str, now: datetime) -> Shown:
    """Expiry and holder; the number stays sealed. Raises as `open_card`."""
    return _shown_of(_entry(merchant_id, place, now=now), merchant_id, place)


def set_expiry(expiry: Expiry, *, merchant_id: int, place: str, now: datetime) -> None:
    """The card is good until another month; the number stays sealed as it is. Raises as `open_card`."""
    with transaction.atomic():
        key = to_seal_with(things=THINGS, now=now)
        entry = _entry(merchant_id, place, now=now, locked=True)
        holder = _shown_of(entry, merchant_id, place).holder
        if entry.key_id != key.pk:  # a rotation is under way: the whole entry moves to the new key
            card = _means_of(entry, merchant_id, place)
            assert isinstance(card, Card), "whose end was shown is a card"
            again = _sealed(replace(card, expiry=expiry), merchant_id, place, key)
        else:
            again = {"sealed_shown": _sealed_shown(Shown(expiry, holder), merchant_id, place, key)}
        VaultEntry.objects.filter(pk=entry.pk).update(**again)


def set_end(*, merchant_id: int, place: str, expires_at: datetime) -> None:
    """Keep it until then."""
    VaultEntry.objects.filter(merchant_id=merchant_id, place=place).update(expires_at=expires_at)


def destroy(*, merchant_id: int, place: str) -> bool:
    """Overwrite and remove what is kept there. False if nothing is."""
    return _destroy(VaultEntry.objects.filter(merchant_id=merchant_id, place=place)) > 0


def forget_expired(*, now: datetime) -> int:
    """Destroy what has come to its end, of the merchants in context, in small transactions; how many."""
    ended, forgotten = VaultEntry.objects.filter(expires_at__lte=now).order_by("pk"), 0
    while some := list(ended.values_list("pk", flat=True)[:TOGETHER]):
        forgotten += _destroy(VaultEntry.objects.filter(pk__in=some))
    return forgotten


def seal_anew(pk: int, *, now: datetime) -> bool:
    """Seal one entry with the active key, in a transaction of its own. False if it has gone or is under it already."""
    with transaction.atomic(durable=True):
        key = to_seal_with(things=THINGS, now=now)
        entry = VaultEntry.objects.select_for_update().exclude(key=key).filter(pk=pk).first()
        if entry is None:
            return False
        means = _means_of(entry, entry.merchant_id, entry.place)
        again = _sealed(means, entry.merchant_id, entry.place, key)
        return VaultEntry.objects.filter(pk=pk).update(**again) > 0


def opens(entry: VaultEntry, *, merchant_id: int, place: str) -> bool:
    """Would this row be a card or a wallet of that merchant and place? For the invariants."""
    try:
        _means_of(entry, merchant_id, place)
    except NotKept:
        return False
    return True


def _entry(merchant_id: int, place: str, *, now: datetime, locked: bool = False) -> VaultEntry:
    rows = VaultEntry.objects.filter(merchant_id=merchant_id, place=place, expires_at__gt=now)
    entry = (rows.select_for_update() if locked else rows.select_related("key")).first()
    if entry is None:
        raise NotKept
    return entry


def _sealed(means: Card | Wallet, merchant_id: int, place: str, key: VaultKey) -> dict[str, Any]:
    """The columns of an entry that hold the card or the wallet."""
    cipher = AESGCM(opened(key))
    nonce = secrets.token_bytes(NONCE_BYTES)
    text = written_for_vault(means)
    seen = Shown(means.expiry, means.holder) if isinstance(means, Card) else None
    sealed = cipher.encrypt(nonce, text, _bound(merchant_id, place, key.name, VERSION, "card"))
    return {
        "version": VERSION,
        "key": key,
        "nonce": nonce,
        "ciphertext": sealed[:-_TAG_BYTES],
        "tag": sealed[-_TAG_BYTES:],
        "sealed_shown": _sealed_shown(seen, merchant_id, place, key),
    }


def _sealed_shown(seen: Shown | None, merchant_id: int, place: str, key: VaultKey) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    text = json.dumps([seen.expiry.year, seen.expiry.month, seen.holder] if seen else []).encode()
    return nonce + AESGCM(opened(key)).encrypt(
        nonce, text, _bound(merchant_id, place, key.name, VERSION, "shown")
    )


def _means_of(entry: VaultEntry, merchant_id: int, place: str) -> Card | Wallet:
    sealed = bytes(entry.ciphertext) + bytes(entry.tag)
    means = read_from_vault(_opened(entry, merchant_id, place, "card", bytes(entry.nonce), sealed))
    if isinstance(means, Card):
        return replace(means, expiry=_shown_of(entry, merchant_id, place).expiry)
    _seen(entry, merchant_id, place)
    return means


def _shown_of(entry: VaultEntry, merchant_id: int, place: str) -> Shown:
    seen = _seen(entry, merchant_id, place)
    if not seen:  # of a wallet nothing is shown but its method, which is no secret
        raise NotKept
    year, month, holder = seen
    return Shown(Expiry(year, month), holder)


def _seen(entry: VaultEntry, merchant_id: int, place: str) -> list[Any]:
    sealed = bytes(entry.sealed_shown)
    text = _opened(entry, merchant_id, place, "shown", sealed[:NONCE_BYTES], sealed[NONCE_BYTES:])
    told: list[Any] = json.loads(text)
    return told


def _opened(entry: VaultEntry, merchant_id: int, place: str, what: str, nonce: bytes, sealed: bytes) -> bytes:
    cipher = AESGCM(opened(entry.key))
    try:
        return cipher.decrypt(nonce, sealed, _bound(merchant_id, place, entry.key.name, entry.version, what))
    except (InvalidTag, ValueError):  # not sealed for this place, or cut short
        raise NotKept from None


def _bound(merchant_id: int, place: str, key_name: str, version: int, what: str) -> bytes:
    return json.dumps([merchant_id, place, key_name, version, what]).encode()


def _destroy(rows: QuerySet[VaultEntry]) -> int:
    with transaction.atomic():
        rows.update(nonce=b"", ciphertext=b"", tag=b"", sealed_shown=b"")
        return rows.delete()[0]
