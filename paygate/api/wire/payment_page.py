"""PaymentPage: initialize and assert."""

from typing import Annotated, Literal

from paygate.api.wire.base import Container
from paygate.api.wire.common import MastercardIssuerInstallmentsOptions, RequestHeader, ResponseHeader
from paygate.api.wire.formats import Id, Numeric, Text, WireDate
from paygate.api.wire.means import CardForm
from paygate.api.wire.options import (
    Notification,
    PaymentMethodsOptions,
    PaymentPagePayment,
    RegisterAlias,
    ReturnUrl,
    StrongCustomerAuthenticationInteractive,
)
from paygate.api.wire.payer import BillingAddressForm, DeliveryAddressForm, Order, Payer, RiskFactors
from paygate.api.wire.results import (
    DccInfo,
    FraudPrevention,
    LiabilityInfo,
    PayerInfo,
    PaymentMeansInfo,
    PaymentTransaction,
    RegistrationResult,
)


class PaymentPageInitializeRequest(Container):
    """POST `/Payment/v1/PaymentPage/Initialize`."""

    payment: PaymentPagePayment
    request_header: RequestHeader
    return_url: ReturnUrl
    terminal_id: Annotated[str, Numeric(8, 8)]
    authentication: StrongCustomerAuthenticationInteractive | None = None
    billing_address_form: BillingAddressForm | None = None
    card_form: CardForm | None = None
    condition: (
        Literal[
            "NONE", "THREE_DS_AUTHENTICATION_SUCCESSFUL_OR_ATTEMPTED", "WITH_SUCCESSFUL_THREE_DS_CHALLENGE"
        ]
        | None
    ) = None
    config_set: Annotated[str, Id(1, 20)] | None = None
    delivery_address_form: DeliveryAddressForm | None = None
    notification: Notification | None = None
    order: Order | None = None
    payer: Payer | None = None
    payment_methods: list[Text] | None = None
    payment_methods_options: PaymentMethodsOptions | None = None
    register_alias: RegisterAlias | None = None
    risk_factors: RiskFactors | None = None
    wallets: list[Text] | None = None


class PaymentPageInitializeResponse(Container):
    """POST `/Payment/v1/PaymentPage/Initialize`."""

    expiration: WireDate
    redirect_url: Text
    response_header: ResponseHeader
    token: Text


class PaymentPageAssertRequest(Container):
    """POST `/Payment/v1/PaymentPage/Assert`."""

    request_header: RequestHeader
    token: Annotated[str, Id(1, 50)]


class PaymentPageAssertResponse(Container):
    """POST `/Payment/v1/PaymentPage/Assert`."""

    payment_means: PaymentMeansInfo
    response_header: ResponseHeader
    transaction: PaymentTransaction
    dcc: DccInfo | None = None
    fraud_prevention: FraudPrevention | None = None
    liability: LiabilityInfo | None = None
    mastercard_issuer_installments: MastercardIssuerInstallmentsOptions | None = None
    payer: PayerInfo | None = None
    registration_result: RegistrationResult | None = None
