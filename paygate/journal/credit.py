"""Send money to a card that paid nothing before (behaviour.md I-7): a refund that pays no payment back."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paygate import tokens
from paygate.acquiring.models import Contract
from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.cards.free_text import refuse_card_numbers
from paygate.cards.number import Card
from paygate.journal.models import Entry, EntryType, Kind, Movement, Origin
from paygate.journal.movements import ask
from paygate.journal.refund import NeedsSecondPerson, needs_second_person, put_refund
from paygate.journal.states import ENTRY_LIFE
from paygate.merchants.models import Booking
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.methods import METHODS
from paygate.money.amount import Money
from paygate.money.display import money_text
from paygate.money.model_fields import columns
from paygate.refusals import Kind as RefusalKind
from paygate.refusals import Refusal


class NotCreditable(Refusal):
    """The method gives money back for a payment only, or not at all (behaviour.md I-8)."""

    code = "NOT_CREDITABLE"
    kind = RefusalKind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("This means of payment takes money back for a payment only."))


class NothingToCredit(Refusal):
    """The amount is not positive."""

    code = "AMOUNT_INVALID"
    kind = RefusalKind.INVALID

    def __init__(self) -> None:
        super().__init__(_("Send more than nothing."), field="amount")


@dataclass(frozen=True, slots=True)
class Credit:
    """How much goes to which card."""

    contract: Contract
    card: Card = field(repr=False)
    amount: Money
    reference: str = ""  # the merchant's own
    description: str = ""
    transaction_id: str = ""  # its name outside, where that was drawn before (safety.md ID-3)


def credit(wish: Credit, *, by: Actor, now: datetime) -> Movement:
    """Ask the acquirer to pay the card; booked later, as a refund is (behaviour.md I-6).

    The card is in memory only. Raises `NotCreditable`, `NothingToCredit`, `NeedsSecondPerson`, `LooksLikeCardNumber`.
    The movement that comes back may be approved, declined or unanswered.
    """
    by.require(Permission.REFUND)
    contract = wish.contract
    if not METHODS[contract.method].creditable:
        raise NotCreditable
    if not wish.amount.is_positive:
        raise NothingToCredit
    for name, text in (("reference", wish.reference), ("description", wish.description)):
        refuse_card_numbers(text, name)
    if needs_second_person(wish.amount, contract.merchant_id):
        raise NeedsSecondPerson
    with transaction.atomic(durable=True):
        entry = _begun(wish, by=by, now=now)
        movement = ask(entry, Kind.REFUND, wish.amount, by=by.name, now=now)
        record(
            Action.REFUNDED,
            merchant_id=entry.merchant_id,
            by=by.name,
            subject=f"entry:{entry.transaction_id}",
            detail={
                "amount": money_text(wish.amount, "en"),
                "means": entry.means,
                "movement": movement.request_id,
            },
            now=now,
        )
    return put_refund(movement, card=wish.card, now=now)


def _begun(wish: Credit, *, by: Actor, now: datetime) -> Entry:
    number = wish.card.number
    entry = Entry.objects.create(
        merchant_id=wish.contract.merchant_id,
        transaction_id=wish.transaction_id or tokens.transaction_id(),
        type=EntryType.REFUND,
        terminal_id=wish.contract.terminal_id,
        contract=wish.contract,
        origin=Origin.PROGRAM,
        reference=wish.reference,
        description=wish.description,
        booking=Booking.FINAL,
        method=wish.contract.method,
        means=number.masked,
        api_digits=number.api_digits,
        means_expiry=str(wish.card.expiry),
        created_at=now,
        **columns(wish.amount),
    )
    ENTRY_LIFE.begin(entry, by=by.name, cause="refund begun", now=now)
    return entry
