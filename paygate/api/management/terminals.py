"""Terminals, their methods, the licence and page configurations (behaviour.md T)."""

from typing import Final

from paygate.acquiring.choose import contracts_for, currencies_of, with_contracts
from paygate.api.error_names import WireError
from paygate.api.logos import logo_url
from paygate.api.management.call import Asked
from paygate.api.wire.management import (
    Feature as WireFeature,
)
from paygate.api.wire.management import (
    LicensePackage,
    PaymentMethodInfo,
    PaymentPageConfigResult,
    TerminalResult,
)
from paygate.api.wire.management_calls import (
    CustomerLicenseResponse,
    GetConfigurationsResponse,
    GetTerminalResponse,
    GetTerminalsResponse,
    PaymentMethodsResponse,
)
from paygate.designs.models import Design
from paygate.merchants.licence import Feature
from paygate.merchants.models import Licence, Terminal
from paygate.methods import METHODS

_PACKAGE: Final = LicensePackage(id="SAFERPAY_FLEX", display_name="PayGate")  # the id that programs look for
_FEATURE_NAMES: Final = {
    Feature.SECURE_PAYGATE: "Secure PayGate",
    Feature.MANAGEMENT_API: "Management API",
    Feature.PAYMENT_API: "Payment API",
    Feature.SECURE_CARD_DATA: "Secure Card Data",
}


def terminals(asked: Asked) -> GetTerminalsResponse:
    """All terminals of the customer."""
    found = Terminal.objects.filter(merchant=asked.caller.merchant).order_by("number")
    return GetTerminalsResponse(terminals=[_terminal(one) for one in with_contracts(list(found))])


def terminal(asked: Asked) -> GetTerminalResponse:
    """One terminal."""
    told = _terminal(asked.caller.terminal(asked.places["terminal_id"]))
    return GetTerminalResponse(**{name: getattr(told, name) for name in TerminalResult.model_fields})


def payment_methods(asked: Asked) -> PaymentMethodsResponse:
    """The methods of one terminal: the address is old, but must answer (behaviour.md T-2)."""
    found = asked.caller.terminal(asked.places["terminal_id"])
    return PaymentMethodsResponse(payment_methods=_methods(found), wallets=[])


def licence(asked: Asked) -> CustomerLicenseResponse:
    """What the merchant's licence includes (behaviour.md T-5)."""
    bought = Licence.objects.filter(merchant=asked.caller.merchant).first()
    known = bought.features if bought else ()
    told = [WireFeature(id=feature.value, display_name=name) for feature, name in _FEATURE_NAMES.items()]
    return CustomerLicenseResponse(package=_PACKAGE, features=[one for one in told if one.id in known])


def page_configurations(asked: Asked) -> GetConfigurationsResponse:
    """The designs of payment pages, by name (behaviour.md T-3)."""
    designs = Design.objects.filter(merchant=asked.caller.merchant).defer("logo").order_by("name")
    return GetConfigurationsResponse(
        configurations=[
            PaymentPageConfigResult(name=design.name, is_default=design.is_default, description=design.name)
            for design in designs
        ]
    )


def _terminal(found: Terminal) -> TerminalResult:
    kind = found.kind
    if kind not in ("ECOM", "SPG"):
        raise WireError("INTERNAL_ERROR")
    return TerminalResult(
        terminal_id=found.number,
        type="ECOM" if kind == "ECOM" else "SPG",
        description=found.description,
        payment_methods=_methods(found),
        wallets=[],
    )


def _methods(found: Terminal) -> list[PaymentMethodInfo]:
    currencies: dict[str, list[str]] = {}
    for currency in currencies_of(found):
        for contract in contracts_for(found, currency):
            currencies.setdefault(METHODS[contract.method].wire_name, []).append(currency)
    return [
        PaymentMethodInfo(payment_method=name, currencies=codes, logo_url=logo_url(name))
        for name, codes in currencies.items()
    ]
