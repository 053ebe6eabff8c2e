"""A payment that a program asks for without the payer: no page, no browser, no 3-D Secure (behaviour.md G-12, R-1).

The same walk as on the pages from the moment on when money is asked for. What was begun is found by its attempt, so
that a repeat of an interrupted request goes on with it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import uuid4

from paygate.acquiring.models import Contract
from paygate.cards.number import Card
from paygate.cards.wallet import Wallet
from paygate.checkout import told_proof
from paygate.checkout.authorize import authorize
from paygate.checkout.card_tries import count_try, forgive_try
from paygate.checkout.ending import PAYER
from paygate.checkout.loose_ends import come_back
from paygate.checkout.models import Attempt, PageKind
from paygate.checkout.shop_pages import Shop, open_page
from paygate.checkout.states import ATTEMPT_LIFE, LIVE, MONEY_ASKED, AttemptState
from paygate.checkout.wish import Wish
from paygate.journal.models import Entry
from paygate.lifecycle.moves import together
from paygate.money.model_fields import columns
from paygate.threeds.liability import AuthenticationResult, Condition, decide

# What may be charged while its payer is away (behaviour.md K, MOTO; O-9): of the wallets only those that are stored.
WITHOUT_PAYER: Final = frozenset(
    {"VISA", "VPAY", "MASTERCARD", "AMEX", "DINERS", "JCB", "TWINT", "POSTFINANCEPAY"}
)
NOTHING_RESERVED: Final = (AttemptState.FAILED, AttemptState.ABANDONED)  # it may be begun anew
NO_PAGE: Final = Shop(success_url="", fail_url="", abort_url="")


@dataclass(frozen=True, slots=True)
class Means:
    """What is charged: a card at hand, a stored wallet, or that of the first payment of a series."""

    card: Card | None = field(default=None, repr=False)
    wallet: Wallet | None = None  # prints itself without its token
    again: Entry | None = None
    proof: AuthenticationResult | None = None  # of a 3-D Secure server of the program's own


def begin_direct(
    wish: Wish,
    contract: Contract,
    means: Means,
    *,
    note: Callable[[Attempt], None],
    by: str,
    now: datetime,
    shop: Shop = NO_PAGE,
    kind: PageKind = PageKind.DIRECT,
) -> Attempt:
    """A session and its one attempt. `note` remembers it in the transaction that makes it. Raises `TooManyTries`."""
    if means.card:
        count_try(means.card.number, wish.terminal.merchant_id, now=now)
    with together(durable=True):
        session, _page = open_page(wish, shop, by=by, now=now, kind=kind)
        attempt: Attempt = Attempt.objects.create(
            merchant_id=session.merchant_id,
            session=session,
            form_id=uuid4(),
            contract=contract,
            begun_at=now,
            told_proof=told_proof.as_row(means.proof),
            **columns(session.amount),
        )
        ATTEMPT_LIFE.begin(attempt, by=by, cause="begun", now=now)
        note(attempt)
    return attempt


def ask_for_money(
    attempt: Attempt, means: Means, *, return_url: str = "", by: str = PAYER, now: datetime
) -> Attempt:
    """Ask the acquirer, unless that was done before; the attempt as it is then. `by`: whose deed it is (ST-1)."""
    if attempt.state == AttemptState.STARTED:
        proof = means.proof or AuthenticationResult.unusable()
        decision = decide(proof, attempt.contract.method, Condition.NONE)
        authorize(
            attempt,
            card=means.card,
            result=means.proof,
            decision=decision,
            return_url=return_url,
            again=means.again,
            wallet=means.wallet,
            by=by,
            now=now,
        )
        attempt = as_it_is(attempt.pk)
        if means.card and attempt.state == AttemptState.PAID:
            forgive_try(means.card.number, attempt.merchant_id, now=now)
    return attempt


def as_it_is(attempt_id: int) -> Attempt:
    """The attempt with all that is told of it."""
    related = ("session__terminal", "contract__terminal", "entry__contract", "entry__authentication")
    return Attempt.objects.select_related("merchant", *related).get(pk=attempt_id)


def look_after(attempt: Attempt, *, now: datetime) -> Attempt:
    """The payer is in an app of theirs: ask the acquirer how far that got; the attempt as it is then."""
    if attempt.state in MONEY_ASKED and attempt.onward_url:
        come_back(attempt, now=now)
        return as_it_is(attempt.pk)
    return attempt


def is_undecided(attempt: Attempt) -> bool:
    """Has nobody said yes or no yet?"""
    return attempt.state in LIVE
