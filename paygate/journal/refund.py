"""Pay back what was booked, whole or in parts (safety.md ST-5, MO-6; behaviour.md I)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from paygate import tokens
from paygate.acquiring.choose import terminal_ref
from paygate.acquiring.connector import RefundRequest
from paygate.acquiring.registry import connector_for
from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.cards.number import Card
from paygate.checkpoints import reached
from paygate.journal.capture import HeldBack
from paygate.journal.models import Entry, EntryType, Kind, Movement, Origin, RefundProposal
from paygate.journal.movements import ask, lock, mark_sent, original_of, step_on_its_way
from paygate.journal.parts import booked_parts
from paygate.journal.settling import settle
from paygate.journal.states import ENTRY_LIFE, EntryState
from paygate.merchants.models import Booking
from paygate.merchants.preferences import preferences_of
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.methods import METHODS
from paygate.money.amount import Money
from paygate.money.currencies import exponent
from paygate.money.display import money_text
from paygate.money.model_fields import columns
from paygate.refusals import Kind as RefusalKind
from paygate.refusals import Refusal


class NotWithinBooking(Refusal):
    """The amount is not positive, is of another currency, or is more than is left of the booking (safety.md MO-6)."""

    code = "AMOUNT_INVALID"
    kind = RefusalKind.INVALID

    def __init__(self, left: Money) -> None:
        super().__init__(
            _("Refund more than nothing and at most what is left of the booking: %(left)s.")
            % {"left": money_text(left, get_language() or "en")},
            field="amount",
        )
        self.left = left


class NotRefundable(Refusal):
    """Nothing is booked, a question about it is on its way, or the method cannot pay back (behaviour.md I-4)."""

    code = "TRANSACTION_IN_WRONG_STATE"
    kind = RefusalKind.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _("Only what is booked can be refunded, and only where the payment method can pay back.")
        )


class WhichPart(Refusal):
    """The payment was booked in parts, and none of them is named (behaviour.md H-14)."""

    code = "PART_NOT_NAMED"
    kind = RefusalKind.INVALID

    def __init__(self) -> None:
        super().__init__(_("This payment was booked in parts. Say which of them is refunded."), field="part")


class NeedsSecondPerson(Refusal):
    """The refund is above the merchant's limit: one person proposes it and another confirms (safety.md AU-5)."""

    code = "PERMISSION_DENIED"
    kind = RefusalKind.CONFLICT

    def __init__(self, words: str | Promise = "") -> None:
        super().__init__(words or _("A refund of this amount has to be confirmed by a second person."))


@dataclass(frozen=True, slots=True)
class RefundWish:
    """How a payment is to be paid back."""

    amount: Money | None = None  # None: all that is left
    part: int | None = None  # the booking that is paid back, where there are several
    beyond: bool = False  # may the sum of all refunds pass what was booked (behaviour.md I-5)?
    booked_at_once: bool = (
        True  # else it waits to be captured, where the method has batches (behaviour.md I-4)
    )
    reference: str | None = None  # the merchant's own; None: that of the payment
    description: str | None = None  # the same
    transaction_id: str = (
        ""  # its name outside, where it was drawn before (safety.md ID-3); empty: drawn here
    )
    proposal: int | None = None  # what one person has proposed and this one confirms
    origin: Origin = Origin.SECURE_PAYGATE  # through which door it is asked for


def refund(entry_id: int, wish: RefundWish, *, by: Actor, now: datetime) -> Movement:
    """Pay back a booked payment. The refund is the `entry` of what comes back: approved, declined or unanswered.

    The payment is locked while its refunds are added up, so that of two at once the second sees the first. Raises
    `NotRefundable`, `WhichPart`, `NotWithinBooking`, `HeldBack`, `NeedsSecondPerson`.
    """
    by.require(Permission.REFUND)
    with transaction.atomic(durable=True):
        payment = lock(entry_id)
        if not may_refund(payment):
            raise NotRefundable
        if payment.held_back_since is not None:
            raise HeldBack
        part = part_meant(payment, wish.part)
        amount = _checked(payment, part, wish)
        if wish.proposal is None and needs_second_person(amount, payment.merchant_id):
            raise NeedsSecondPerson
        _count(payment, part, amount)
        begun = _begun(payment, part, amount, wish, by=by, now=now)
        if wish.proposal is not None:
            _agree(wish.proposal, begun, by=by, now=now)
        movement = ask(begun, Kind.REFUND, amount, by=by.name, now=now)
        record(
            Action.REFUNDED,
            merchant_id=payment.merchant_id,
            by=by.name,
            subject=f"entry:{movement.entry.transaction_id}",
            detail={
                "amount": money_text(amount, "en"),
                "payment": payment.transaction_id,
                "movement": movement.request_id,
            },
            now=now,
        )
    return put_refund(movement, now=now)


def may_refund(payment: Entry) -> bool:
    """Is it booked, may the method pay back, and is nothing about it on its way?

    Of a payment in parts each booking stands by itself: another may be on its way.
    """
    if payment.is_refund or not METHODS[payment.method].refundable:
        return False
    return payment.is_in_parts or (payment.state == EntryState.CAPTURED and step_on_its_way(payment) is None)


def part_meant(payment: Entry, part_id: int | None) -> Movement | None:
    """The booking that is paid back; None where the payment was not booked in parts. Raises `WhichPart`.

    Where there is only one, it need not be named.
    """
    parts = booked_parts(payment)
    if part_id is None and len(parts) <= 1:
        return parts[0] if parts else None
    for part in parts:
        if part.pk == part_id:
            return part
    raise WhichPart


def left_to_refund(payment: Entry, part: Movement | None = None) -> Money:
    """What is booked, of the payment or of one part, and not paid back, nor on its way to be."""
    booked, refunded = payment.booked.minor, payment.refunded_minor
    if part:
        booked, refunded = part.amount_minor, part.refunded_minor
    return Money(max(booked - refunded, 0), payment.currency)


def needs_second_person(amount: Money, merchant_id: int) -> bool:
    """Is it above the merchant's limit (safety.md AU-5)?"""
    limit = preferences_of(merchant_id).refund_limit
    return limit is not None and amount.minor > limit * 10 ** exponent(amount.currency)


def _agree(proposal_id: int, begun: Entry, *, by: Actor, now: datetime) -> None:
    """Confirmed by somebody else, once. Raises `NeedsSecondPerson`."""
    open_ones = RefundProposal.objects.filter(
        pk=proposal_id,
        payment=begun.pays_back,
        part=begun.pays_back_part,
        ended_at=None,
        **columns(begun.amount),
    )
    if not open_ones.exclude(proposed_by=by.name).update(ended_by=by.name, ended_at=now, refund=begun):
        raise NeedsSecondPerson(
            _("This proposal is settled, or it is your own: somebody else has to confirm it.")
        )


def _checked(payment: Entry, part: Movement | None, wish: RefundWish) -> Money:
    """How much is paid back."""
    left = left_to_refund(payment, part)
    amount = left if wish.amount is None else wish.amount
    if amount.currency != payment.currency or amount.minor <= 0:
        raise NotWithinBooking(left)
    if amount.minor > left.minor and not wish.beyond:
        raise NotWithinBooking(left)
    return amount


def _count(payment: Entry, part: Movement | None, amount: Money) -> None:
    """Add it to what is refunded, and note when the sum has passed what was booked. The payment is locked."""
    for row, booked in ((payment, payment.booked.minor), (part, part.amount_minor if part else 0)):
        if row is not None:
            refunded = row.refunded_minor + amount.minor
            beyond = row.refunded_beyond or refunded > booked
            type(row).objects.filter(pk=row.pk).update(refunded_minor=refunded, refunded_beyond=beyond)


def _begun(
    payment: Entry, part: Movement | None, amount: Money, wish: RefundWish, *, by: Actor, now: datetime
) -> Entry:
    """The refund's own line in the journal, of the same means as the payment."""
    refund = Entry.objects.create(
        merchant_id=payment.merchant_id,
        transaction_id=wish.transaction_id or tokens.transaction_id(),
        type=EntryType.REFUND,
        pays_back=payment,
        pays_back_part=part,
        terminal_id=payment.terminal_id,
        contract=payment.contract,
        origin=wish.origin,
        reference=payment.reference if wish.reference is None else wish.reference,
        description=payment.description if wish.description is None else wish.description,
        booking=Booking.AUTOMATIC if wish.booked_at_once else Booking.FINAL,
        payer_email=payment.payer_email,
        method=payment.method,
        means=payment.means,
        api_digits=payment.api_digits,
        means_expiry=payment.means_expiry,
        created_at=now,
        **columns(amount),
    )
    ENTRY_LIFE.begin(refund, by=by.name, cause="refund begun", now=now)
    return refund


def put_refund(movement: Movement, *, card: Card | None = None, now: datetime) -> Movement:
    """Ask the acquirer, outside any transaction, and write the answer down. `card`: where no payment is paid back."""
    reached("refund.prepared")
    entry, original = movement.entry, original_of(movement)
    assert (original is None) == (card is not None), "a refund pays something back, or goes to a card"
    mark_sent(movement, now=now)
    reached("refund.marked_sent")
    answer = connector_for(entry.contract).refund(
        RefundRequest(
            request_id=movement.request_id,
            original_request_id=original.request_id if original else "",
            original_reference=original.acquirer_reference if original else "",
            amount=movement.amount,
            terminal=terminal_ref(entry.contract),
            method=entry.method if card else "",
            card=card,
        )
    )
    reached("refund.reply_read")
    with transaction.atomic(durable=True):
        settled = settle(movement, answer, now=now)
    reached("refund.committed")
    return settled
