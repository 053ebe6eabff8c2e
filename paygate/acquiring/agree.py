"""Write down what was agreed with an acquirer: which method a terminal takes, in which currencies (SPG-REQ-02)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from paygate.acquiring.models import Contract
from paygate.acquiring.registry import KINDS
from paygate.merchants.models import Terminal
from paygate.methods import METHODS
from paygate.money.currencies import is_currency
from paygate.refusals import Refusal


class NotAgreeable(Refusal):
    """There is no such method, currency or acquirer, or the terminal's batch goes to another one."""

    code = "NOT_AGREEABLE"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the acquirer's letter says."""

    method: str  # a name of methods.py
    currencies: Sequence[str]  # at least one of ISO 4217, in the order in which they are offered
    connector: str  # a kind of registry.py
    acquirer_merchant_id: str  # the acquirer's number for the merchant
    acquirer_bin: str = ""  # told to 3-D Secure


def agree(terminal: Terminal, agreement: Agreement) -> Contract:
    """The terminal takes this method from now on; said again, the new words hold (SPG-FRM-03: one for each method).

    Raises `NotAgreeable`. All methods of a terminal that go through the batch are one acquirer's (docs/decisions/0009).
    """
    _check(agreement, live=terminal.merchant.live)
    with transaction.atomic():
        Terminal.objects.select_for_update().get(pk=terminal.pk)
        _one_acquirer_for_the_batch(terminal, agreement)
        contract, _ = Contract.objects.update_or_create(
            merchant_id=terminal.merchant_id,
            terminal=terminal,
            method=agreement.method,
            defaults={
                "currencies": list(agreement.currencies),
                "connector": agreement.connector,
                "acquirer_merchant_id": agreement.acquirer_merchant_id,
                "acquirer_bin": agreement.acquirer_bin,
                "active": True,
            },
        )
    return contract


def _check(agreement: Agreement, *, live: bool) -> None:
    if agreement.method not in METHODS:
        raise NotAgreeable(f"{agreement.method} is no method; there are {', '.join(METHODS)}.")
    if agreement.connector not in KINDS:
        raise NotAgreeable(f"{agreement.connector} is no connector; there are {', '.join(KINDS)}.")
    if KINDS[agreement.connector].live != live:
        raise NotAgreeable(
            "Test merchants have no contract with live acquirers, and live ones none with the simulator."
        )
    for code in agreement.currencies:
        if not (is_currency(code) and METHODS[agreement.method].takes(code)):
            raise NotAgreeable(f"{agreement.method} is not taken in {code}.")


def _one_acquirer_for_the_batch(terminal: Terminal, agreement: Agreement) -> None:
    if not METHODS[agreement.method].in_batch:
        return
    acquirer = (agreement.connector, agreement.acquirer_merchant_id)
    for other in Contract.objects.filter(terminal=terminal, active=True).exclude(method=agreement.method):
        if METHODS[other.method].in_batch and (other.connector, other.acquirer_merchant_id) != acquirer:
            raise NotAgreeable(
                f"The batch of terminal {terminal.number} goes to {other.acquirer_merchant_id} at {other.connector};"
                " another acquirer needs another terminal."
            )
