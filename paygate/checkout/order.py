"""An order of the Transaction interface: the payer proves who pays, then the program takes the money (D-10 to D-12).

The page, if one is needed, takes the card and does 3-D Secure as a payment page does, and stops before money is asked
for.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from paygate.acquiring.choose import contract_for_brand
from paygate.aliases.store import AliasWish
from paygate.aliases.vault import NotKept
from paygate.cards.holding import destroy_key
from paygate.cards.number import Card
from paygate.checkout import next_step as step
from paygate.checkout import waiting_card
from paygate.checkout.authorize import authorize
from paygate.checkout.ending import PAYER, abandon, locked, refuse
from paygate.checkout.models import Attempt, PageKind, Session, ShopPage
from paygate.checkout.outcome import step_of
from paygate.checkout.shop_pages import Shop, open_page, page_of, tell_ready
from paygate.checkout.states import ATTEMPT_LIFE, BEFORE_MONEY, SessionState
from paygate.checkout.wish import Wish
from paygate.lifecycle.moves import together
from paygate.methods import METHODS
from paygate.money.model_fields import columns
from paygate.refusals import Kind, Refusal
from paygate.threeds.asking import final_result
from paygate.threeds.liability import AuthenticationResult, Condition, decide


class NotReady(Refusal):
    """The payer has not been on the page to its end."""

    code = "NOT_READY"
    kind = Kind.CONFLICT


def open_order(
    wish: Wish, shop: Shop, *, card: Card | None, by: str, now: datetime
) -> tuple[Session, ShopPage, bool]:
    """The session, its page, and whether the payer must be sent there. A card that came along waits for the page.

    Raises `NoContract` for a card that the terminal does not take.
    """
    contract = (
        contract_for_brand(wish.terminal, card.number.brand.name, wish.amount.currency) if card else None
    )
    with together(durable=True):
        session, page = open_page(wish, shop, by=by, now=now, kind=PageKind.TRANSACTION)
        if card:
            waiting_card.let_wait(session, card, now=now)
        if contract is None or METHODS[contract.method].three_ds:
            return session, page, True
        attempt: Attempt = Attempt.objects.create(
            merchant_id=session.merchant_id,
            session=session,
            form_id=uuid4(),
            contract=contract,
            begun_at=now,
            ready_at=now,
            **columns(session.amount),
        )
        ATTEMPT_LIFE.begin(attempt, by=by, cause="begun", now=now)
    return session, page, False


def bring_card(session: Session, card: Card, *, now: datetime) -> None:
    """The shop's own form posted a card to the page: it waits there (D-10). Raises `NoContract`, `NotReady`."""
    contract_for_brand(session.terminal, card.number.brand.name, session.currency)
    with together(durable=True):
        session = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
        page = page_of(session)
        is_open = page is not None and page.kind == PageKind.TRANSACTION and page.expires_at > now
        if (
            not is_open
            or session.state != SessionState.OPEN
            or session.attempts.filter(locks_offer=True).exists()
        ):
            raise NotReady
        waiting_card.let_wait(session, card, now=now)


def make_ready(attempt: Attempt, card: Card, *, now: datetime) -> step.NextStep:
    """The payer has done everything: the card waits for the program, which is told. Its code is gone from here on."""
    with locked(attempt) as (attempt, _offer):
        if attempt.state in BEFORE_MONEY and not attempt.is_ready:
            waiting_card.let_wait(attempt.session, card, now=now)
            if attempt.held_card:
                destroy_key(attempt.held_card)
            Attempt.objects.filter(pk=attempt.pk).update(ready_at=now)
            tell_ready(attempt.session, now=now)
    return step_of(attempt.session, now=now)


def take_money(
    attempt: Attempt,
    condition: Condition,
    *,
    keeps: AliasWish | None,
    note: Callable[[], None],
    now: datetime,
) -> None:
    """Ask the acquirer for what a ready attempt is about, if the condition allows it (behaviour.md G-2).

    `note` remembers the attempt before anything of it changes. Raises `NotReady`.
    """
    if not attempt.is_ready:
        raise NotReady
    session, auth = attempt.session, attempt.authentication
    try:
        card = waiting_card.waiting(session, now=now)
    except NotKept:
        note()
        return _lapse(attempt, now=now)
    result = final_result(auth, now=now) if auth else AuthenticationResult.unusable()
    decision = decide(result, attempt.contract.method, condition)
    with together(durable=True):
        note()
        Session.objects.filter(pk=session.pk).update(
            condition=condition.value, keeps=keeps.as_row() if keeps else {}
        )
    if decision.authorize:
        authorize(attempt, card=card, result=result, decision=decision, now=now)
        return None
    with locked(attempt) as (attempt, offer):
        if attempt.state in BEFORE_MONEY:
            because = decision.refusal.value if decision.refusal else ""
            refuse(attempt, offer, because=because, now=now, do_not_retry=decision.do_not_retry, by=PAYER)
    return None


def _lapse(attempt: Attempt, *, now: datetime) -> None:
    """The card waited too long."""
    with locked(attempt) as (attempt, offer):
        if attempt.state in BEFORE_MONEY:
            abandon(attempt, offer, cause="card waited too long", now=now)
