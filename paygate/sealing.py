"""Seal and open small secrets under the installation's keys, and name things by keyed hash.

`PAYGATE_VAULT_KEYS` holds the master keys, newest first. New secrets are sealed with the newest; older ones still open
what they sealed (safety.md SE-3). No master key is used as it is: each purpose has keys of its own, derived from it.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_VERSION: Final = 1


class NotOurs(ValueError):
    """The bytes were not sealed here for this purpose and context, or their key is gone."""


class NoKeys(RuntimeError):
    """The installation has no usable vault keys: nothing can be sealed or opened (safety.md CD-6)."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The master keys by id, and the id of the one in use for new secrets."""

    keys: Mapping[str, bytes] = field(repr=False)
    active: str

    def __post_init__(self) -> None:
        if self.active not in self.keys:
            raise NoKeys("no vault key is set, or the active one is missing")
        for name, key in self.keys.items():
            if len(key) != KEY_BYTES:
                raise NoKeys(f"the vault key {name} must have {KEY_BYTES} bytes")
            if not name.isascii() or not 1 <= len(name) <= 40:
                raise NoKeys("the id of a vault key has 1 to 40 ASCII characters")
        if len(set(self.keys.values())) != len(self.keys):
            raise NoKeys("two vault keys are the same")

    @classmethod
    def of_settings(cls) -> Self:
        """The keys of this installation: base64 by id, newest first. Raises `NoKeys`."""
        spelled: Mapping[str, str] = settings.PAYGATE_VAULT_KEYS
        keys = {name: base64.b64decode(key, validate=True) for name, key in spelled.items()}
        return cls(keys, active=next(iter(keys), ""))

    def derived(self, name: str, use: str) -> bytes:
        """The key for one use, derived from the master key of this id."""
        kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"paygate {use}".encode())
        return kdf.derive(self.keys[name])


def seal(plain: bytes, *, purpose: str, context: str) -> bytes:
    """Encrypt with AES-256-GCM, so that it opens only for the same purpose in the same context.

    The context names the row and tenant it belongs to; a copy elsewhere does not open (safety.md CD-5). The answer
    holds a format version, the id of the key, a random nonce, and the ciphertext.
    """
    ring = Keyring.of_settings()
    name = ring.active.encode()
    head = bytes([_VERSION, len(name)]) + name
    nonce = secrets.token_bytes(NONCE_BYTES)
    cipher = AESGCM(ring.derived(ring.active, f"seal {purpose}"))
    return head + nonce + cipher.encrypt(nonce, plain, _associated(head, purpose, context))


def open_sealed(sealed: bytes, *, purpose: str, context: str) -> bytes:
    """What was sealed. Raises `NotOurs` for anything else, without saying what was wrong."""
    ring = Keyring.of_settings()
    name = key_id_of(sealed)
    if name not in ring.keys:
        raise NotOurs(f"it was sealed with the key {name!r}, which is not here")
    head_length = 2 + len(name)
    head, rest = sealed[:head_length], sealed[head_length:]
    cipher = AESGCM(ring.derived(name, f"seal {purpose}"))
    try:
        return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], _associated(head, purpose, context))
    except InvalidTag:
        raise NotOurs("it was not sealed here for this purpose and context") from None


def key_id_of(sealed: bytes) -> str:
    """The id of the key that something was sealed with: what a rotation looks for. Raises `NotOurs`."""
    if len(sealed) < 2 or sealed[0] != _VERSION or len(sealed) < 2 + sealed[1] + NONCE_BYTES + _TAG_BYTES:
        raise NotOurs("it has not the form of a sealed secret")
    name = sealed[2 : 2 + sealed[1]]
    if not name.isascii():
        raise NotOurs("it has not the form of a sealed secret")
    return name.decode()


def mac(purpose: str, data: bytes) -> bytes:
    """A keyed hash under the newest key: the same data gives the same 32 bytes, and nobody else can make them."""
    return macs(purpose, data)[0]


def macs(purpose: str, data: bytes) -> list[bytes]:
    """The keyed hashes under every key, newest first: what a search asks for after a rotation."""
    ring = Keyring.of_settings()
    names = [ring.active, *(name for name in ring.keys if name != ring.active)]
    return [hmac.digest(ring.derived(name, f"mac {purpose}"), data, hashlib.sha256) for name in names]


def _associated(head: bytes, purpose: str, context: str) -> bytes:
    """Head, purpose and context with their lengths, so that no two of them run together the same way."""
    parts = (head, purpose.encode(), context.encode())
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
