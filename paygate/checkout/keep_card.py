"""Store what a payment is made with, where that was wished (behaviour.md O-4, safety.md CD-13).

The card is in memory only while money is asked for, so it is sealed then, and kept once the payment succeeded: with it,
in its transaction. A wallet's token comes with the approval, and is sealed and kept at once. Whatever goes wrong here
stops no payment; the shop is told that nothing was stored.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from django.db import transaction

from paygate.acquiring.connector import InquiryAnswer
from paygate.aliases import store
from paygate.aliases.store import AliasTaken, AliasWish
from paygate.cards.number import Card
from paygate.cards.wallet import Wallet
from paygate.checkout.models import Attempt, Registration, Session
from paygate.checkout.wallets import wallet_in
from paygate.methods import METHODS

TAKEN: Final = AliasTaken.code
BROKEN: Final = "INTERNAL_ERROR"
NOT_STORABLE: Final = "PAYMENTMEANS_NOT_SUPPORTED"

log = structlog.get_logger("paygate.checkout")


def comes_with_approval(attempt: Attempt) -> bool:
    """Is the acquirer to be asked for a wallet's token along with the money?"""
    method = METHODS[attempt.contract.method]
    return bool(attempt.session.keeps) and method.storable and not method.is_card


def prepare_approved(attempt: Attempt, answer: InquiryAnswer, *, now: datetime) -> None:
    """Seal the token that came with an approval, in the caller's transaction. Without one there is nothing to keep."""
    wallet = wallet_in(answer, attempt.contract)
    if wallet and comes_with_approval(attempt):
        prepare(attempt.session, wallet, now=now)


def prepare(session: Session, means: Card | Wallet, *, now: datetime) -> None:
    """Seal what is at hand before money is asked for, in the caller's transaction. What an earlier try sealed goes."""
    wish = _wish_of(session)

    def seal() -> None:
        drop(session)
        alias = store.seal(means, wish, merchant_id=session.merchant_id, by="payer", now=now)
        Registration.objects.create(merchant_id=session.merchant_id, session=session, alias=alias)

    _without_harm(session, seal)


def keep(session: Session, *, now: datetime) -> None:
    """The payment succeeded: what was sealed gets its name, in the caller's transaction."""
    registration = Registration.objects.select_related("alias").filter(session=session).first()
    if registration is None or registration.alias is None:
        return
    sealed = registration.alias

    def name() -> None:
        alias = store.keep(sealed, _wish_of(session).name, now=now)
        Registration.objects.filter(pk=registration.pk).update(
            alias=alias, name=alias.name, lifetime=alias.lifetime
        )

    try:
        _without_harm(session, name)
    except AliasTaken:
        _note_failure(session, TAKEN)


def drop(session: Session) -> None:
    """No payment came of it: what was sealed is destroyed. What a payment has stored stays."""
    registration = Registration.objects.select_related("alias").filter(session=session, name="").first()
    if registration:
        registration.delete()
        if registration.alias:
            store.remove(registration.alias)


def registration_of(session: Session) -> Registration | None:
    """What became of the card or wallet of a payment that succeeded; None where none was to be stored."""
    if not session.keeps:
        return None
    known = Registration.objects.filter(session=session).first()
    return known or Registration(session=session, failed_because=NOT_STORABLE)


def _without_harm(session: Session, do: Callable[[], None]) -> None:
    """Do it in a savepoint. A defect is logged by its class, and told as the result. `AliasTaken` goes on."""
    try:
        with transaction.atomic():
            do()
    except AliasTaken:
        raise
    except Exception as defect:
        log.error("a card was not stored", session=session.pk, cause=type(defect).__name__)
        _note_failure(session, BROKEN)


def _note_failure(session: Session, because: str) -> None:
    with transaction.atomic():
        drop(session)
        Registration.objects.create(merchant_id=session.merchant_id, session=session, failed_because=because)


def _wish_of(session: Session) -> AliasWish:
    wish = AliasWish.of_row(session.keeps)
    assert wish is not None, "only asked of a session that keeps its card"
    return wish
