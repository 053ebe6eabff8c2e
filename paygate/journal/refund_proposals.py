"""Refunds above the merchant's limit: one person proposes, another confirms (safety.md AU-5)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.journal.models import Entry, Movement, RefundProposal
from paygate.journal.movements import lock
from paygate.journal.refund import (
    NotRefundable,
    NotWithinBooking,
    RefundWish,
    left_to_refund,
    may_refund,
    part_meant,
    refund,
)
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.money.amount import Money
from paygate.money.display import money_text
from paygate.money.model_fields import columns
from paygate.refusals import Kind as RefusalKind
from paygate.refusals import NotFound, Refusal


class ProposedAlready(Refusal):
    """Another refund of this payment waits for its second person."""

    code = "TRANSACTION_IN_WRONG_STATE"
    kind = RefusalKind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("A refund of this payment is proposed already. Confirm it or turn it down first."))


def propose(
    entry_id: int, amount: Money, *, part: int | None = None, by: Actor, now: datetime
) -> RefundProposal:
    """The first person's word; nothing is asked of the acquirer yet. `part` is as in `RefundWish`.

    Raises `NotRefundable`, `WhichPart`, `NotWithinBooking`, `ProposedAlready`.
    """
    by.require(Permission.REFUND)
    with transaction.atomic():
        payment = lock(entry_id)
        if not may_refund(payment):
            raise NotRefundable
        meant = part_meant(payment, part)
        left = left_to_refund(payment, meant)
        if amount.currency != left.currency or not 0 < amount.minor <= left.minor:
            raise NotWithinBooking(left)
        if open_proposal(payment):
            raise ProposedAlready
        proposal = RefundProposal.objects.create(
            merchant_id=payment.merchant_id,
            payment=payment,
            part=meant,
            proposed_by=by.name,
            proposed_at=now,
            **columns(amount),
        )
        _put_down(Action.REFUND_PROPOSED, proposal, by=by, now=now)
    return proposal


def confirm(proposal: RefundProposal, *, by: Actor, now: datetime) -> Movement:
    """The second person's word: it is paid back. Raises what `refund` raises."""
    wish = RefundWish(proposal.amount, part=proposal.part_id, proposal=proposal.pk)
    return refund(proposal.payment_id, wish, by=by, now=now)


def turn_down(proposal: RefundProposal, *, by: Actor, now: datetime) -> bool:
    """The second person does not agree, or the first one takes it back. False: it is settled already."""
    by.require(Permission.REFUND)
    with transaction.atomic():
        open_ones = RefundProposal.objects.filter(pk=proposal.pk, ended_at=None)
        if not open_ones.update(ended_by=by.name, ended_at=now):
            return False
        _put_down(Action.REFUND_TURNED_DOWN, proposal, by=by, now=now)
    return True


def open_proposal(payment: Entry) -> RefundProposal | None:
    """What waits for a second person."""
    return RefundProposal.objects.select_related("payment").filter(payment=payment, ended_at=None).first()


def proposal_of(by: Actor, transaction_id: str, proposal_id: int) -> RefundProposal:
    """The actor's proposal about this payment. Raises `NotFound` for unknown and foreign ones alike (TN-4)."""
    by.require(Permission.SEE_JOURNAL)
    of_merchant = RefundProposal.objects.select_related("payment").filter(merchant_id=by.merchant_id)
    found = of_merchant.filter(pk=proposal_id, payment__transaction_id=transaction_id).first()
    if found is None:
        raise NotFound
    return found


def _put_down(action: Action, proposal: RefundProposal, *, by: Actor, now: datetime) -> None:
    record(
        action,
        merchant_id=proposal.merchant_id,
        by=by.name,
        subject=f"entry:{proposal.payment.transaction_id}",
        detail={"amount": money_text(proposal.amount, "en"), "proposed by": proposal.proposed_by},
        now=now,
    )
