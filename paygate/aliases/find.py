"""The aliases a merchant may use, and the card or wallet behind one."""

from datetime import datetime

from paygate.aliases import vault
from paygate.aliases.models import Alias
from paygate.aliases.vault import Shown
from paygate.cards.number import Card
from paygate.cards.wallet import Wallet
from paygate.refusals import NotFound


class AliasUnknown(NotFound):
    """No such alias, forgotten, or another merchant's: the same answer."""

    code = "ALIAS_INVALID"


def usable(merchant_id: int, name: str, *, now: datetime) -> Alias:
    """By its name, in large or small letters. Raises `AliasUnknown`."""
    found = Alias.objects.filter(merchant_id=merchant_id, key=name.lower(), expires_at__gt=now)
    alias = found.exclude(key="").first()
    if alias is None:
        raise AliasUnknown
    return alias


def card_of(alias: Alias, *, now: datetime) -> Card:
    """The card, without its code, for a question to an acquirer and for nothing else (safety.md CD-7).

    Good until when the merchant said last. Raises `NotKept` if it is no longer there, `VaultClosed` without its key.
    """
    return vault.open_card(merchant_id=alias.merchant_id, place=alias.place, now=now)


def wallet_of(alias: Alias, *, now: datetime) -> Wallet:
    """The same of a wallet's token."""
    return vault.open_wallet(merchant_id=alias.merchant_id, place=alias.place, now=now)


def shown(alias: Alias, *, now: datetime) -> Shown:
    """Expiry, and the name on the card, which may be empty. Raises as `card_of`, also for a wallet."""
    return vault.shown(merchant_id=alias.merchant_id, place=alias.place, now=now)
