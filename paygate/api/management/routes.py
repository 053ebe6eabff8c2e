"""Addresses and verbs of the Management API; each row of the table is also a row of its description."""

from collections.abc import Callable, Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from paygate.api.management import fields_tokens, offers, reports, terminals
from paygate.api.management.call import Rest, answer
from paygate.api.wire import management_calls as wire
from paygate.merchants.licence import Feature

_TERMINAL: Final = "terminals/{terminalId}"

RESTS: Final = (
    Rest("GET", "license", terminals.licence, wire.CustomerLicenseResponse),
    Rest("GET", "license-configuration", terminals.licence, wire.CustomerLicenseResponse, deprecated=True),
    Rest("GET", "payment-page/configurations", terminals.page_configurations, wire.GetConfigurationsResponse),
    Rest("GET", "terminals", terminals.terminals, wire.GetTerminalsResponse),
    Rest("GET", _TERMINAL, terminals.terminal, wire.GetTerminalResponse),
    Rest(
        "GET",
        f"{_TERMINAL}/payment-methods",
        terminals.payment_methods,
        wire.PaymentMethodsResponse,
        deprecated=True,
    ),
    Rest(
        "POST",
        f"{_TERMINAL}/fields-access-tokens",
        fields_tokens.create,
        wire.CreateAccessTokenResponse,
        body=wire.CreateAccessTokenRequest,
        moves=True,
    ),
    Rest("DELETE", f"{_TERMINAL}/fields-access-tokens", fields_tokens.delete),
    Rest("DELETE", f"{_TERMINAL}/fields-access-tokens/{{accessToken}}", fields_tokens.delete),
    Rest(
        "POST",
        f"{_TERMINAL}/spg-offers",
        offers.create,
        wire.CreateSingleUsePaymentLinkResponse,
        body=wire.CreateSingleUsePaymentLinkRequest,
        moves=True,
        feature=Feature.SECURE_PAYGATE,
    ),
    Rest(
        "GET",
        f"{_TERMINAL}/spg-offers/{{offerId}}",
        offers.fetch,
        wire.SingleUsePaymentLinkResponse,
        feature=Feature.SECURE_PAYGATE,
    ),
    Rest("DELETE", f"{_TERMINAL}/spg-offers/{{offerId}}", offers.delete, feature=Feature.SECURE_PAYGATE),
    Rest(
        "GET",
        "transactions",
        reports.transactions,
        wire.GetTransactionsResponse,
        query=wire.GetTransactionsQuery,
    ),
)

_ARGUMENTS: Final = {"terminalId": "terminal_id", "offerId": "offer_id", "accessToken": "access_token"}


def _view(rests: Mapping[str, Rest]) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, customer_id: str, **places: str) -> HttpResponse:
        return answer(request, rests, customer_id, places)

    return view


def _urls() -> list[URLPattern]:
    by_path: dict[str, dict[str, Rest]] = {}
    for rest in RESTS:
        by_path.setdefault(rest.path, {})[rest.verb] = rest
    return [
        path(f"customers/<str:customer_id>/{_route(one)}", _view(rests)) for one, rests in by_path.items()
    ]


def _route(spelled: str) -> str:
    for wire_name, argument in _ARGUMENTS.items():
        spelled = spelled.replace(f"{{{wire_name}}}", f"<str:{argument}>")
    return spelled


urlpatterns = _urls()
