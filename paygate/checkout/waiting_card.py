"""A card that waits for a program: given on the page or by the program, used when the program asks for the money.

Between the two there is no browser that could carry it, so it waits sealed in the vault, without its code, bound to the
session, for 20 minutes at most (docs/decisions/0020). The question to the acquirer, and every other end, destroys it.
So waits a card that a program tells for a page on which its payer's bank is asked before it is stored.
"""

from datetime import datetime

from paygate.aliases import vault
from paygate.cards.number import Card
from paygate.checkout.models import CardPage, Session, ShopPage
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


def let_wait_at(page: CardPage, card: Card, *, now: datetime) -> None:
    """The same for a page on which it is to be stored."""
    page.card_until = now + READY_FOR
    place = vault.place_of_session(page.token)
    vault.keep(card, merchant_id=page.merchant_id, place=place, expires_at=page.card_until, now=now)
    CardPage.objects.filter(pk=page.pk).update(card_until=page.card_until)


def waiting_at(page: CardPage, *, now: datetime) -> Card:
    """The card, without its code. Raises `NotKept`."""
    place = vault.place_of_session(page.token)
    return vault.open_card(merchant_id=page.merchant_id, place=place, now=now)


def drop_at(page: CardPage) -> None:
    """Destroy it, in the caller's transaction. May be called again."""
    if page.card_until is not None:
        vault.destroy(merchant_id=page.merchant_id, place=vault.place_of_session(page.token))
        CardPage.objects.filter(pk=page.pk).update(card_until=None)
        page.card_until = None


def _place(session: Session) -> str:
    return vault.place_of_session(session.token)
