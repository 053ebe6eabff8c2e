"""Cards that the scheme forbids to try again: blocked on that terminal for 30 days (safety.md OC-13)."""

from datetime import datetime, timedelta
from typing import Final

from paygate.cards.number import Card
from paygate.checkout.models import BlockedCard
from paygate.merchants.models import Terminal
from paygate.sealing import mac, macs
from paygate.tenants.kept import Given, Kept

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


_BLOCK: Final = Kept(
    lambda: BlockedCard.objects.filter(
        terminal=Given("terminal_id", Terminal._meta.pk),
        fingerprint=Given("fingerprint", BlockedCard._meta.get_field("fingerprint")),
        until__gt=Given("now", BlockedCard._meta.get_field("until")),
    ).order_by()
)


def is_blocked(card: Card, terminal: Terminal, *, now: datetime) -> bool:
    """Must this card not be tried here now?"""
    names = [one.hex() for one in macs(PURPOSE, card.number.digits.encode())]
    return any(_BLOCK.first(terminal_id=terminal.pk, fingerprint=name, now=now) for name in names)


def forget(*, now: datetime) -> int:
    """Remove blocks that are over; how many there were."""
    return BlockedCard.objects.filter(until__lte=now).delete()[0]
