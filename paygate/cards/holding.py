"""Seal a card into a packet that the payer's browser carries, open it once, destroy its key (safety.md CD-3, CD-4).

Between the card form and the authorization the payer may be at the bank's page for minutes. Meanwhile the card is in
no store of ours: the browser has the packet, the database has the key of that one packet, and neither is of use alone.
"""

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext as _

from paygate.cards.models import HeldCardKey
from paygate.cards.number import Card
from paygate.cards.written import read, written
from paygate.refusals import Kind, Refusal
from paygate.sealing import KEY_BYTES, NONCE_BYTES, open_sealed, seal
from paygate.tokens import public_token

HELD_FOR: Final = timedelta(minutes=20)

_PURPOSE: Final = "held card key"
_LONGEST_PACKET: Final = 2000  # a cookie carries it


class PacketRefused(Refusal):
    """The card is no longer held, was opened before, or belongs to another payment. The words are the same for all."""

    code = "PACKET_REFUSED"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("Your card is no longer at hand. Please enter it again."))


@dataclass(frozen=True, slots=True)
class Held:
    """The two halves of a card on hold."""

    packet: str  # for the payer's browser; printable, fits a cookie
    key: HeldCardKey

    def __repr__(self) -> str:
        return f"<Held {self.key}>"


def hold(card: Card, *, merchant_id: int, bound_to: str, now: datetime) -> Held:
    """Seal a card for the next 20 minutes.

    `bound_to` names what the card was given for: session, attempt, amount and currency. The packet opens for exactly
    the same words. Stores the key in the caller's transaction.
    """
    packet_id = public_token(16)
    key, nonce = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(NONCE_BYTES)
    ciphertext = AESGCM(key).encrypt(
        nonce, written(card, with_code=True), _bound(merchant_id, packet_id, bound_to)
    )
    row = HeldCardKey.objects.create(
        merchant_id=merchant_id,
        packet_id=packet_id,
        sealed_key=seal(key, purpose=_PURPOSE, context=_context(merchant_id, packet_id)),
        last4=card.number.last4,
        expires_at=now + HELD_FOR,
    )
    return Held(packet=f"{packet_id}.{base64.urlsafe_b64encode(nonce + ciphertext).decode()}", key=row)


def open_held(packet: str, key_row: HeldCardKey, *, bound_to: str, now: datetime) -> Card:
    """The card in a packet. Opens once: its key is destroyed with the opening, and of two callers one gets the card.

    A packet that does not fit leaves the key as it was. Raises `PacketRefused`.
    """
    card = read(_opened(packet, key_row, bound_to))
    still_held = HeldCardKey.objects.filter(pk=key_row.pk, opened_at=None, expires_at__gt=now).exclude(
        sealed_key=b""
    )
    if not still_held.update(opened_at=now, sealed_key=b""):
        raise PacketRefused
    key_row.opened_at, key_row.sealed_key = now, b""
    return card


def destroy_key(key_row: HeldCardKey) -> None:
    """Make the packet worthless, because its attempt is over. May be called again."""
    HeldCardKey.objects.filter(pk=key_row.pk).update(sealed_key=b"")
    key_row.sealed_key = b""


def wipe_expired(*, now: datetime) -> int:
    """Destroy the keys of all cards that were held too long; how many there were."""
    return HeldCardKey.objects.filter(expires_at__lte=now).exclude(sealed_key=b"").update(sealed_key=b"")


def _opened(packet: str, key_row: HeldCardKey, bound_to: str) -> bytes:
    packet_id, _dot, encoded = packet.partition(".")
    if len(packet) > _LONGEST_PACKET or packet_id != key_row.packet_id or not key_row.sealed_key:
        raise PacketRefused
    try:
        sealed = base64.b64decode(encoded.encode("ascii"), altchars=b"-_", validate=True)
        key = open_sealed(
            bytes(key_row.sealed_key),  # PostgreSQL gives a memoryview
            purpose=_PURPOSE,
            context=_context(key_row.merchant_id, packet_id),
        )
        bound = _bound(key_row.merchant_id, packet_id, bound_to)
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except (ValueError, InvalidTag):  # not base64, too short, or not ours: the payer's answer is the same
        raise PacketRefused from None


def _context(merchant_id: int, packet_id: str) -> str:
    return f"{merchant_id} {packet_id}"


def _bound(merchant_id: int, packet_id: str, bound_to: str) -> bytes:
    return json.dumps([merchant_id, packet_id, bound_to]).encode()
