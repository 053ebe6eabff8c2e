"""A payer lets a wallet be charged later, without a payment: asked at the wallet, known when it answers (O-5).

The question has its name before it is put, so that it is put again as the same one after a lost answer. No answer is
neither yes nor no (safety.md OC-1): the acquirer is asked about it until it tells, or the page is forgotten.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from paygate.acquiring.choose import terminal_ref
from paygate.acquiring.connector import (
    Approved,
    Declined,
    Elsewhere,
    InquireRequest,
    InquiryAnswer,
    Operation,
    RegisterRequest,
)
from paygate.acquiring.declines import DeclineReason
from paygate.acquiring.models import Contract
from paygate.acquiring.registry import connector_for
from paygate.checkout.models import CardPage
from paygate.checkout.register import CANCELED, end, is_over, open_page
from paygate.checkout.wallets import wallet_in
from paygate.journal.schedules import SHORTEST
from paygate.money.amount import Money
from paygate.refusals import Kind, Refusal

ASKED_EACH: Final = timedelta(minutes=1)  # about as long as wallets wait for their payers, and then
LATER_EACH: Final = timedelta(hours=1)
AT_FIRST: Final = timedelta(hours=2)

# What the program is told of a no; everything else is a plain one.
_NAMED: Final = {
    DeclineReason.PAYER_CANCELED: CANCELED,
    DeclineReason.PAYER_TOO_LATE: CANCELED,
    DeclineReason.TRY_LATER: "COMMUNICATION_FAILED",
}


class WalletSilent(Refusal):
    """The wallet gave no usable answer: nobody knows whether the question arrived, and it may be put again."""

    code = "COMMUNICATION_FAILED"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("The wallet could not be reached. Nothing was stored. Please try again."))


def send_to_wallet(page: CardPage, *, browser: str, return_url: str, now: datetime) -> None:
    """Ask the acquirer where the payer agrees; that stands on the page then, or how it ended. Raises `WalletSilent`.

    Sent twice it is one question.
    """
    if is_over(page, now=now) or page.is_at_wallet:
        return
    with open_page(page, now=now) as locked:
        if locked is None or locked.browser not in ("", browser):
            return
        CardPage.objects.filter(pk=page.pk).update(browser=browser)
    contract = _contract_of(page)
    answer = connector_for(contract).register(
        RegisterRequest(
            request_id=page.request_id,
            terminal=terminal_ref(contract),
            currency=page.currency,
            method=contract.method,
            return_url=return_url,
        )
    )
    if not _write_down(page, answer, now=now):
        raise WalletSilent


def find_out(page: CardPage, *, now: datetime) -> None:
    """The payer is back, or it is time: ask how it ended, unless that was done a moment ago.

    What a browser brought along is not believed.
    """
    waiting = CardPage.objects.filter(pk=page.pk, ended_at=None).exclude(browser="")
    mine = waiting.filter(Q(asked_at=None) | Q(asked_at__lte=now - SHORTEST))
    if not mine.update(asked_at=now):
        return
    contract = _contract_of(page)
    answer = connector_for(contract).inquire(
        InquireRequest(
            request_id=page.request_id,
            operation=Operation.REGISTER,
            amount=Money(0, page.currency),
            terminal=terminal_ref(contract),
        )
    )
    _write_down(page, answer, now=now)


def due(*, now: datetime) -> QuerySet[CardPage]:
    """Pages whose wallet has not answered, and should be asked about."""
    sent = CardPage.objects.filter(ended_at=None, contract__isnull=False).exclude(browser="")
    lately = Q(opened_at__gt=now - AT_FIRST, opened_at__lte=now - ASKED_EACH)
    return sent.filter(
        lately & (Q(asked_at=None) | Q(asked_at__lte=now - ASKED_EACH))
        | Q(opened_at__lte=now - AT_FIRST) & (Q(asked_at=None) | Q(asked_at__lte=now - LATER_EACH))
    )


def _write_down(page: CardPage, answer: InquiryAnswer, *, now: datetime) -> bool:
    """What it means, in a transaction of its own; False: nothing is known. The first end counts."""
    with transaction.atomic(durable=True):
        locked = CardPage.objects.select_for_update(of=("self",)).get(pk=page.pk)
        if locked.ended_at is not None:
            return True
        match answer:
            case Approved():
                end(locked, wallet_in(answer, _contract_of(page)), "", browser=locked.browser, now=now)
            case Declined():
                because = _NAMED.get(answer.reason, "TRANSACTION_DECLINED")
                end(locked, None, because, browser=locked.browser, now=now)
            case Elsewhere():
                CardPage.objects.filter(pk=page.pk).update(onward_url=answer.url)
            case _:
                return False
    return True


def _contract_of(page: CardPage) -> Contract:
    assert page.contract is not None, "only asked of the page of a wallet"
    return page.contract
