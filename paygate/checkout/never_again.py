"""Cards that the scheme forbids to try again: blocked on that terminal for 30 days (safety.md OC-13)."""

from datetime import datetime, timedelta
from typing import Final

from paygate.cards.number import Card
from paygate.checkout.models import BlockedCard
from paygate.merchants.models import Terminal
from paygate.sealing import mac, macs

BLOCKED_FOR: Final = timedelta(days=30)
PURPOSE: Final = "blocked card"  # of the keyed hash that names a card; it never leaves the house (CD-1)
CARD_BLOCKED: Final = "CARD_BLOCKED"


def block(card: Card, terminal: Terminal, *, now: datetime) -> None:
    """In the caller's transaction. A card that is blocked already is blocked from now on for as long."""
    BlockedCard.objects.update_or_create(
        merchant_id=terminal.merchant_id,
        terminal=terminal,
        fingerprint=mac(PURPOSE, card.number.digits.encode()).hex(),
        defaults={"until": now + BLOCKED_FOR},
    )


def is_blocked(card: Card, terminal: Terminal, *, now: datetime) -> bool:
    """Must this card not be tried here now?"""
    names = [one.hex() for one in macs(PURPOSE, card.number.digits.encode())]
    return BlockedCard.objects.filter(terminal=terminal, fingerprint__in=names, until__gt=now).exists()


def forget(*, now: datetime) -> int:
    """Remove blocks that are over; how many there were."""
    return BlockedCard.objects.filter(until__lte=now).delete()[0]
