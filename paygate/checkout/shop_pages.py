"""Payment pages that programs ask for: opened, looked at, and what the shop is told (behaviour.md D, E, F)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from paygate import tokens
from paygate.acquiring.choose import contracts_for
from paygate.acquiring.models import Contract
from paygate.checkout.models import PageKind, Session, ShopPage
from paygate.checkout.open import copied
from paygate.checkout.states import SESSION_LIFE
from paygate.checkout.wish import Wish
from paygate.lifecycle.moves import together
from paygate.tenants.models import Merchant
from paygate.webhooks.outbox import call

OPEN_FOR: Final = timedelta(hours=1)  # behaviour.md D-2
SUCCEEDED: Final = "payment"  # kinds of calls to the shop's server
FAILED: Final = "failure"
READY: Final = "ready"
NOBODYS: Final = ""  # no browser has begun yet
PROGRAM: Final = "program"  # instead of a browser: there is none


@dataclass(frozen=True, slots=True)
class Shop:
    """Where payer and shop are told of the end, and what the page offers."""

    success_url: str
    fail_url: str
    abort_url: str
    notify_success: str = ""
    notify_failure: str = ""
    methods: tuple[str, ...] = ()
    design_id: int | None = None


def open_page(
    wish: Wish, shop: Shop, *, by: str, now: datetime, kind: PageKind = PageKind.PAGE
) -> tuple[Session, ShopPage]:
    """A session of its own with its page. It belongs to the first browser that begins to pay, if there is any."""
    with transaction.atomic(), together():
        session = Session.objects.create(
            merchant_id=wish.terminal.merchant_id,
            token=tokens.public_token(),
            browser=PROGRAM if kind in (PageKind.DIRECT, PageKind.IN_APP) else NOBODYS,
            terminal=wish.terminal,
            opened_at=now,
            **copied(wish),
        )
        SESSION_LIFE.begin(session, by=by, cause="opened", now=now)
        page = ShopPage.objects.create(
            merchant_id=session.merchant_id,
            session=session,
            success_url=shop.success_url,
            fail_url=shop.fail_url,
            abort_url=shop.abort_url,
            notify_success=shop.notify_success,
            notify_failure=shop.notify_failure,
            methods=list(shop.methods),
            design_id=shop.design_id,
            expires_at=now + OPEN_FOR,
            kind=kind,
        )
    return session, page


def address_of(session: Session, merchant: Merchant, terminal_number: str) -> str:
    """Where the payer is sent (contract: /vt2/api/PaymentPage/...)."""
    place = f"{merchant.customer_id}/{terminal_number}/{session.token}"
    return f"{settings.PAYGATE_PUBLIC_URL}/vt2/api/PaymentPage/{place}"


def page_of(session: Session) -> ShopPage | None:
    """What a program wished for this session; None for those of offers and multi-use links."""
    if session.offer_id or session.link_id:
        return None
    try:
        page: ShopPage = session.shop_page  # asked for once, and kept with the session
    except ShopPage.DoesNotExist:
        return None
    return page


def is_asked_by_program(session: Session) -> bool:
    """Does a program ask for the money itself, and once (behaviour.md D-11, D-12)?"""
    page = page_of(session)
    return page is not None and page.kind != PageKind.PAGE


def is_told_by_answer(session: Session) -> bool:
    """Does the program hear of the success in the answer to its own call? Then nobody else is written to or called."""
    page = page_of(session)
    return page is not None and page.kind in (PageKind.TRANSACTION, PageKind.DIRECT)


def is_over(session: Session, *, now: datetime) -> bool:
    """Has the time of a program's page run out? A payment that began in time may end."""
    page = page_of(session)
    return page is not None and page.expires_at <= now


def offered(session: Session) -> list[Contract]:
    """What the payer of this session may choose from (behaviour.md F-1)."""
    page = page_of(session)
    return narrowed(contracts_for(session.terminal, session.currency), page.methods if page else ())


def narrowed(contracts: Sequence[Contract], methods: Sequence[str]) -> list[Contract]:
    """Those of the named methods; all of them if nothing valid is named."""
    named = [contract for contract in contracts if contract.method in methods]
    return named or list(contracts)


def belongs_to(session: Session, browser: str) -> bool:
    """Is this the browser that pays, or is nobody paying yet?"""
    return session.browser in (NOBODYS, browser)


def adopt(session: Session, browser: str) -> None:
    """The first browser that begins has the session from now on. The session is locked by the caller."""
    if session.browser == NOBODYS and browser:
        Session.objects.filter(pk=session.pk, browser=NOBODYS).update(browser=browser)
        session.browser = browser


def tell_success(session: Session, about: str, *, now: datetime) -> bool:
    """Have the shop's server called, in the transaction of the success. False: this session is no program's."""
    page = page_of(session)
    if page and page.notify_success:
        call(SUCCEEDED, page.notify_success, about=about, merchant_id=session.merchant_id, now=now)
    return page is not None


def tell_ready(session: Session, *, now: datetime) -> None:
    """Have the shop's server called: it may ask for the money now. None has moved yet (behaviour.md E-6)."""
    page = page_of(session)
    if page and page.notify_success:
        about = f"session:{session.pk}"
        call(READY, page.notify_success, about=about, merchant_id=session.merchant_id, now=now)


def tell_failure(session: Session, *, now: datetime) -> None:
    """The same of a session that ended without a payment (behaviour.md E-5)."""
    page = page_of(session)
    if page and page.kind == PageKind.TRANSACTION and session.attempts.exclude(ready_at=None).exists():
        return  # the shop was told that the payer is ready, and asks by itself (behaviour.md E-6)
    if page and page.notify_failure:
        about = f"session:{session.pk}"
        call(FAILED, page.notify_failure, about=about, merchant_id=session.merchant_id, now=now)
