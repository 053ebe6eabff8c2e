"""The calls of the Management API."""

from typing import Annotated, Final, Literal

from pydantic import Field

from paygate.api.wire.base import Container
from paygate.api.wire.formats import AlphaNumeric, Guid, Id, Text, Utf8, WireDate
from paygate.api.wire.management import (
    Feature,
    LicensePackage,
    OfferOrder,
    OfferRegisterAlias,
    PaymentMethodInfo,
    PaymentPageConfigResult,
    PaymentWithOptions,
    PaymentWithoutOptions,
    ReportedTransaction,
    SpgBillingAddressForm,
    SpgPayer,
    TerminalResult,
    WalletInfo,
)


class CustomerLicenseResponse(Container):
    """GET `/rest/customers/{customerId}/license`."""

    features: list[Feature]
    package: LicensePackage


class CustomerLicenseConfigurationResponse(Container):
    """GET `/rest/customers/{customerId}/license-configuration`."""

    features: list[Feature]
    package: LicensePackage


class GetConfigurationsResponse(Container):
    """GET `/rest/customers/{customerId}/payment-page/configurations`."""

    configurations: list[PaymentPageConfigResult] | None = None


class CreateAccessTokenRequest(Container):
    """POST `/rest/customers/{customerId}/terminals/{terminalId}/fields-access-tokens`."""

    description: Annotated[str, Utf8(1, 128)]
    source_urls: list[Text]


class CreateAccessTokenResponse(Container):
    """POST `/rest/customers/{customerId}/terminals/{terminalId}/fields-access-tokens`."""

    access_token: Text


class CreateSingleUsePaymentLinkRequest(Container):
    """POST `/rest/customers/{customerId}/terminals/{terminalId}/spg-offers`."""

    expiration_date: Annotated[str, AlphaNumeric(10, 25)]
    payer: SpgPayer
    payment: PaymentWithOptions
    billing_address_form: SpgBillingAddressForm | None = None
    condition: (
        Literal[
            "NONE", "THREE_DS_AUTHENTICATION_SUCCESSFUL_OR_ATTEMPTED", "WITH_SUCCESSFUL_THREE_DS_CHALLENGE"
        ]
        | None
    ) = None
    config_set: Annotated[str, Id(1, 20)] | None = None
    max_payment_attempts: int | None = None
    order: OfferOrder | None = None
    register_alias: OfferRegisterAlias | None = None


class CreateSingleUsePaymentLinkResponse(Container):
    """POST `/rest/customers/{customerId}/terminals/{terminalId}/spg-offers`."""

    offer_id: Annotated[str, Guid]
    payment_link: Text


class SingleUsePaymentLinkResponse(Container):
    """GET `/rest/customers/{customerId}/terminals/{terminalId}/spg-offers/{offerId}`."""

    creation_date: WireDate | None = None
    expiration_date: WireDate | None = None
    offer_id: Annotated[str, Guid] | None = None
    payment: PaymentWithoutOptions | None = None
    payment_link: Text | None = None
    status: Literal["OPEN", "PAID", "EXPIRED", "DISABLED"] | None = None
    transaction_id: Text | None = None


class GetTerminalResponse(Container):
    """GET `/rest/customers/{customerId}/terminals/{terminalId}`."""

    description: Text | None = None
    payment_methods: list[PaymentMethodInfo] | None = None
    terminal_id: Text | None = None
    type: Literal["ECOM", "SPG", "MPO"] | None = None
    wallets: list[WalletInfo] | None = None


class PaymentMethodsResponse(Container):
    """GET `/rest/customers/{customerId}/terminals/{terminalId}/payment-methods`."""

    wallets: list[WalletInfo] | None = None
    payment_methods: list[PaymentMethodInfo] | None = None


class GetTerminalsResponse(Container):
    """GET `/rest/customers/{customerId}/terminals`."""

    terminals: list[TerminalResult] | None = None


class GetTransactionsResponse(Container):
    """GET `/rest/customers/{customerId}/transactions`."""

    page_number: int
    page_size: int
    total_transactions: int
    transactions: list[ReportedTransaction]


_MOMENT: Final = "2026-11-26 or 2026-11-26T14:30, where the merchant is"


class GetTransactionsQuery(Container):
    """GET `/rest/customers/{customerId}/transactions`, behind the question mark."""

    start_date: Annotated[str, AlphaNumeric(1), Field(description=f"Later than this: {_MOMENT}")]
    end_date: Annotated[str, AlphaNumeric(1), Field(description=f"Before this, and before today: {_MOMENT}")]
    transaction_state: Annotated[
        Literal["SUCCESSFUL", "FAILED", "PENDING"] | None, Field(description="SUCCESSFUL unless told")
    ] = None
    terminal_id: Annotated[int | None, Field(description="All terminals unless told")] = None
    page_size: Annotated[int | None, Field(description="1000 unless told, 2000 at most")] = None
    page_number: Annotated[int | None, Field(description="Asked for from 1 on, told from 0 on")] = None
