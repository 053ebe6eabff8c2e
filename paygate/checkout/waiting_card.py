"""A card that waits for a program: given on the page or by the program, used when the program asks for the money.

Between the two there is no browser that could carry it, so it waits sealed in the vault, without its code, bound to the
session, for 20 minutes at most (docs/decisions/0020). The question to the acquirer, and every other end, destroys it.
"""

from datetime import datetime

from paygate.aliases import vault
from paygate.cards.number import Card
from paygate.checkout.models import Session, ShopPage
from paygate.checkout.states import READY_FOR


def let_wait(session: Session, card: Card, *, now: datetime) -> None:
    """Seal it, in the caller's transaction. What waited before is replaced."""
    until = now + READY_FOR
    vault.keep(card, merchant_id=session.merchant_id, place=_place(session), expires_at=until, now=now)
    ShopPage.objects.filter(session=session).update(card_until=until)


def waiting(session: Session, *, now: datetime) -> Card:
    """The card, without its code; it goes on waiting. Raises `NotKept`."""
    return vault.open_card(merchant_id=session.merchant_id, place=_place(session), now=now)


def drop(session: Session) -> None:
    """Destroy it, in the caller's transaction. May be called again."""
    vault.destroy(merchant_id=session.merchant_id, place=_place(session))
    ShopPage.objects.filter(session=session).update(card_until=None)


def _place(session: Session) -> str:
    return vault.place_of_session(session.token)
