"""The name of a card number: a keyed hash of the merchant's own (safety.md CD-1).

The same number has the same name for one merchant, always; for another merchant it has another one. So has a wallet's
token.
"""

import hashlib
import hmac
import secrets
from typing import Final

from django.db import IntegrityError, transaction

from paygate.aliases.models import HashKey
from paygate.cards.number import CardNumber
from paygate.cards.wallet import Wallet
from paygate.sealing import KEY_BYTES, Keyring, key_id_of, open_sealed, seal

_PURPOSE: Final = "card hash key"
_LENGTH: Final = 40  # signs of the wire


def hash_value(of: CardNumber | Wallet, *, merchant_id: int) -> str:
    """The name of this number or token for this merchant: 40 hexadecimal signs."""
    text = of.digits if isinstance(of, CardNumber) else f"{of.acquirer} {of.method} {of.token}"
    row = HashKey.objects.filter(merchant_id=merchant_id).first() or _made(merchant_id)
    return hmac.digest(_key(row), text.encode(), hashlib.sha256).hex()[:_LENGTH].upper()


def wrap_anew() -> int:
    """Wrap the hash keys of all merchants with the newest master key; the keys themselves stay. How many were not."""
    newest, wrapped = Keyring.of_settings().active, 0
    for row in HashKey.objects.iterator():
        if key_id_of(bytes(row.sealed_key)) != newest:
            again = seal(_key(row), purpose=_PURPOSE, context=str(row.merchant_id))
            wrapped += HashKey.objects.filter(pk=row.pk).update(sealed_key=again)
    return wrapped


def _key(row: HashKey) -> bytes:
    return open_sealed(bytes(row.sealed_key), purpose=_PURPOSE, context=str(row.merchant_id))


def _made(merchant_id: int) -> HashKey:
    key = seal(secrets.token_bytes(KEY_BYTES), purpose=_PURPOSE, context=str(merchant_id))
    try:
        with transaction.atomic():
            return HashKey.objects.create(merchant_id=merchant_id, sealed_key=key)
    except IntegrityError:  # somebody else's is as good
        return HashKey.objects.get(merchant_id=merchant_id)
