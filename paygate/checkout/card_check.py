"""Is a card good, before it is stored without a payment (behaviour.md O-6)? Its bank is asked; nothing is reserved."""

from datetime import datetime

from django.utils.translation import gettext as _

from paygate import tokens
from paygate.acquiring.choose import NoContract, contracts_for, currencies_of, terminal_ref
from paygate.acquiring.connector import Approved, CheckRequest, Declined
from paygate.acquiring.models import Contract
from paygate.acquiring.registry import connector_for
from paygate.cards.number import Card
from paygate.checkout.never_again import block, is_blocked
from paygate.journal.movements import INSTANCE
from paygate.merchants.models import Terminal
from paygate.refusals import Kind, Refusal


class CardCheckFailed(Refusal):
    """The bank says no, or the card must not be tried here: the words are the same (safety.md PP-7)."""

    code = "CARD_CHECK_FAILED"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("The card could not be confirmed. Please use another card."))


class NotChecked(Refusal):
    """The bank gave no usable answer. Nothing is known of the card, and nothing is stored."""

    code = "COMMUNICATION_FAILED"
    kind = Kind.CONFLICT

    def __init__(self) -> None:
        super().__init__(_("The bank could not be reached. Nothing was stored. Please try again."))


def check_online(card: Card, terminal: Terminal, *, now: datetime) -> None:
    """Ask the acquirer of this terminal, outside any transaction.

    Raises `NoContract`, `CardCheckFailed`, `NotChecked`.
    """
    contract, currency = _contract(card, terminal)
    if is_blocked(card, terminal, now=now):
        raise CardCheckFailed
    answer = connector_for(contract).check_card(
        CheckRequest(
            request_id=tokens.own_reference(INSTANCE),
            terminal=terminal_ref(contract),
            currency=currency,
            method=contract.method,
            card=card,
        )
    )
    match answer:
        case Approved():
            return
        case Declined():
            if answer.never_again:
                block(card, terminal, now=now)
            raise CardCheckFailed
        case _:
            raise NotChecked


def _contract(card: Card, terminal: Terminal) -> tuple[Contract, str]:
    """One that serves this brand, in whichever currency."""
    for currency in currencies_of(terminal):
        for contract in contracts_for(terminal, currency):
            if contract.method == card.number.brand.name:
                return contract, currency
    raise NoContract(
        _("This card is not accepted here. Please use another card or another way to pay."), field="number"
    )
