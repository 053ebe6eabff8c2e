"""Store a card without a payment: a page for the payer, asked for by a program (behaviour.md O-5, O-6).

The page of a wallet is opened and ended here too; what lies between is in register_wallet.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from paygate import tokens
from paygate.acquiring.choose import NoContract
from paygate.acquiring.connector import ThreeDSData
from paygate.acquiring.models import Contract
from paygate.aliases import store
from paygate.aliases.store import AliasTaken, AliasWish
from paygate.cards.holding import destroy_key
from paygate.cards.number import Card
from paygate.cards.wallet import Wallet
from paygate.checkout import waiting_card
from paygate.checkout.card_check import CardCheckFailed, check_online
from paygate.checkout.models import CardPage, CheckKind
from paygate.journal.movements import INSTANCE
from paygate.merchants.models import Terminal
from paygate.tenants.models import Merchant
from paygate.threeds.spending import close_authentication
from paygate.webhooks.outbox import call

OPEN_FOR: Final = timedelta(hours=1)  # behaviour.md D-2
KEPT: Final = timedelta(days=2)  # what became of a page can be asked for a day (D-3), then it is removed
ENDED: Final = "card"  # the kind of call to the program's server
CANCELED: Final = "TRANSACTION_ABORTED"


@dataclass(frozen=True, slots=True)
class CardWish:
    """What a program wants of the page."""

    keeps: AliasWish
    language: str
    success_url: str
    fail_url: str
    abort_url: str
    notify_url: str = ""
    check: CheckKind = CheckKind.NONE
    terminal: Terminal | None = None  # of the check
    methods: tuple[str, ...] = ()
    asks_holder: bool = False
    contract: Contract | None = None  # of the wallet that is to be stored; None: a card is


def open_card_page(merchant: Merchant, wish: CardWish, *, by: str, now: datetime) -> CardPage:
    """A page with a token of its own."""
    page = CardPage.objects.create(
        merchant=merchant,
        token=tokens.public_token(),
        keeps=wish.keeps.as_row(),
        check_kind=wish.check,
        terminal=wish.terminal,
        methods=list(wish.methods),
        asks_holder=wish.asks_holder,
        contract=wish.contract,
        request_id=tokens.own_reference(INSTANCE) if wish.contract else "",
        currency=next(filter(wish.contract.takes, wish.contract.currencies)) if wish.contract else "",
        language=wish.language,
        success_url=wish.success_url,
        fail_url=wish.fail_url,
        abort_url=wish.abort_url,
        notify_url=wish.notify_url,
        opened_by=by,
        opened_at=now,
        expires_at=now + OPEN_FOR,
    )
    return page


def address_of(page: CardPage, merchant: Merchant) -> str:
    """Where the payer is sent."""
    return f"{settings.PAYGATE_PUBLIC_URL}/vt2/api/Alias/{merchant.customer_id}/{page.token}"


def page_behind(token: str) -> CardPage | None:
    """The page of a token, of the merchant in context."""
    related = (
        "merchant",
        "terminal__merchant",
        "alias__merchant",
        "authentication__terminal__merchant",
        "contract__terminal",
        "contract__merchant",
        "held_card",
    )
    return CardPage.objects.select_related(*related).filter(token=token).first()


def bring_card(page: CardPage, card: Card, *, now: datetime) -> bool:
    """The program's card, or that of a form of its own, waits for its payer (behaviour.md D-10). False: too late.

    Raises `NoContract`.
    """
    if not may_take(page, card, browser=page.browser, now=now):
        return False
    with open_page(page, now=now) as locked:
        if locked is None or locked.authentication_id is not None:
            return False
        waiting_card.let_wait_at(locked, card, now=now)
    return True


def is_over(page: CardPage, *, now: datetime) -> bool:
    """Is no card taken here any more, and nobody sent to a wallet?"""
    return page.ended_at is not None or now >= page.expires_at


def take(page: CardPage, card: Card, *, browser: str, now: datetime) -> None:
    """Look at the card as it was wished, without 3-D Secure, and store it. How it ended stands on the page then.

    A card that its bank refuses ends the page: nobody tries out cards here (safety.md CT-3). Raises `NoContract` for
    one that is not taken here, and `NotChecked` where the bank gave no answer; then the page stays open.
    """
    if may_take(page, card, browser=browser, now=now):
        finish(page, card, browser=browser, now=now)


def may_take(page: CardPage, card: Card, *, browser: str, now: datetime) -> bool:
    """Is the page open for a card of this browser? Raises `NoContract` for a brand that is not taken here."""
    if is_over(page, now=now) or page.contract_id or page.browser not in ("", browser):
        return False
    if page.methods and card.number.brand.name not in page.methods:
        raise NoContract(_("This card is not accepted here. Please use another card."), field="number")
    return True


def finish(
    page: CardPage,
    card: Card,
    *,
    browser: str,
    proof: ThreeDSData | None = None,
    type_told: str = "",
    now: datetime,
) -> None:
    """Ask the bank where that is wished, and store the card or write down why not. Raises `NotChecked`."""
    refused = ""
    if page.terminal is not None:
        try:
            check_online(card, page.terminal, proof=proof, now=now)
        except CardCheckFailed as no:
            refused = no.code
    with open_page(page, now=now) as locked:
        if locked:
            locked.authentication_type = type_told
            end(locked, None if refused else card, refused, browser=browser, now=now)


@contextmanager
def open_page(page: CardPage, *, now: datetime) -> Iterator[CardPage | None]:
    """The page as it is now, locked in a transaction of its own; None once it has ended."""
    with transaction.atomic(durable=True):
        locked = CardPage.objects.select_for_update(of=("self",)).get(pk=page.pk)
        yield None if is_over(locked, now=now) else locked


def leave(page: CardPage, *, now: datetime) -> None:
    """The payer cancels; who has gone to the wallet does so there."""
    with open_page(page, now=now) as locked:
        if locked and not locked.is_at_wallet:
            end(locked, None, CANCELED, browser=page.browser, now=now)


def forget_old(*, now: datetime) -> int:
    """Remove pages that nobody asks about any more, of the merchants in context; the cards stay. How many."""
    return CardPage.objects.filter(opened_at__lte=now - KEPT).delete()[0]


def end(page: CardPage, means: Card | Wallet | None, refused: str, *, browser: str, now: datetime) -> None:
    """Store the card or the wallet, if there is one, and write down how it ended, in the caller's transaction."""
    wish = AliasWish.of_row(page.keeps)
    assert wish is not None, "each page was opened for an alias"
    alias = None
    if means:
        try:
            alias = store.store(means, wish, merchant_id=page.merchant_id, by="payer", now=now)
        except AliasTaken as taken:  # since the page was opened
            refused = taken.code
    waiting_card.drop_at(page)
    page.alias, page.failed_because, page.ended_at, page.browser = alias, refused, now, browser
    page.save()
    if page.held_card:
        destroy_key(page.held_card)
    if page.authentication:
        close_authentication(page.authentication, now=now)
    if page.notify_url:
        call(ENDED, page.notify_url, about=f"card page:{page.pk}", merchant_id=page.merchant_id, now=now)
