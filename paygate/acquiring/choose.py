"""Which methods a terminal offers for a currency, and which contract serves a card (SPG-REQ-02, SPG-FRM-20, 21)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from paygate.acquiring.connector import TerminalRef
from paygate.acquiring.models import Contract
from paygate.merchants.models import Terminal
from paygate.methods import METHODS
from paygate.refusals import Kind, Refusal
from paygate.tenants.kept import Given, Kept


class NoContract(Refusal):
    """No contract of this terminal serves this means of payment in this currency."""

    code = "NO_CONTRACT"
    kind = Kind.INVALID


def contracts_for(terminal: Terminal, currency: str) -> list[Contract]:
    """What a payer may choose from, in the order of the table of methods (SPG-FRM-21, SPG-PAY-03)."""
    order = list(METHODS)
    contracts = [contract for contract in _active(terminal) if contract.takes(currency)]
    return sorted(contracts, key=lambda contract: order.index(contract.method))


def currencies_of(terminal: Terminal) -> list[str]:
    """The currencies that at least one contract of the terminal takes, sorted (SPG-FRM-20)."""
    contracts = _active(terminal)
    return sorted({code for contract in contracts for code in contract.currencies if contract.takes(code)})


def contract_for_brand(terminal: Terminal, brand_method: str, currency: str) -> Contract:
    """The contract that serves a card of this brand. Raises `NoContract`, beside the card number."""
    for contract in contracts_for(terminal, currency):
        if contract.method == brand_method:
            return contract
    raise NoContract(
        _("This card is not accepted here. Please use another card or another way to pay."), field="number"
    )


def contract_for_wallet(merchant_id: int, method: str) -> Contract:
    """Under which a wallet may be charged later: that of the first terminal that has one. Raises `NoContract`."""
    found = Contract.objects.select_related("terminal", "merchant").filter(
        merchant_id=merchant_id, method=method, active=True
    )
    for contract in found.order_by("terminal__number"):
        if any(map(contract.takes, contract.currencies)):
            return contract
    raise NoContract


def terminal_ref(contract: Contract) -> TerminalRef:
    """The contract's terminal as its acquirer knows it; for the requests of connector.py."""
    return TerminalRef(
        number=contract.terminal.number,
        merchant_id=contract.acquirer_merchant_id,
        acquirer_bin=contract.acquirer_bin,
    )


def with_contracts(terminals: list[Terminal]) -> list[Terminal]:
    """Terminals of the merchant in context whose contracts are read with them, so that nothing here asks again."""
    found: dict[int, list[Contract]] = {terminal.pk: [] for terminal in terminals}
    for contract in _ALL_CONTRACTS.all() if terminals else ():
        if contract.terminal_id in found:
            found[contract.terminal_id].append(contract)
    for terminal in terminals:
        terminal.known_contracts = found[terminal.pk]  # type: ignore[attr-defined]  # as `_active` looks for them
    return terminals


_ALL_CONTRACTS: Final = Kept(lambda: Contract.objects.order_by("pk"))
_CONTRACTS: Final = Kept(
    lambda: Contract.objects.filter(terminal=Given("terminal_id", Terminal._meta.pk)).order_by("pk")
)


def _active(terminal: Terminal) -> list[Contract]:
    known: list[Contract] | None = getattr(terminal, "known_contracts", None)
    contracts = _CONTRACTS.all(terminal_id=terminal.pk) if known is None else known
    for contract in contracts:
        contract.terminal = terminal
    return [contract for contract in contracts if contract.active]
