"""Transaction: from initialize to inquire."""

from typing import Annotated, Literal

from paygate.api.wire.base import Container
from paygate.api.wire.common import (
    AmountWithoutZero,
    MastercardIssuerInstallmentsOptions,
    RequestHeader,
    ResponseHeader,
    TransactionReference,
)
from paygate.api.wire.formats import Id, Numeric, Text, WireDate
from paygate.api.wire.means import AuthorizeDirectPaymentMeans, CardFormInTransactionInitialize, PaymentMeans
from paygate.api.wire.options import (
    AlternativePaymentNotification,
    BasicPayment,
    DccReference,
    HostedFormStyling,
    P2PEnabledPayment,
    Payment,
    PaymentMethodOptions,
    RedirectNotifyUrls,
    RegisterAlias,
    ReturnUrl,
    ReturnUrls,
    StrongCustomerAuthenticationDirect,
    StrongCustomerAuthenticationInteractive,
    StrongCustomerAuthenticationReferenced,
    TransactionNotification,
)
from paygate.api.wire.payer import Order, Payer, RiskFactors
from paygate.api.wire.results import (
    AlternativePaymentProcessingData,
    DccInfo,
    DccInquiryInfo,
    FraudPrevention,
    LiabilityInfo,
    P2PEnabledPaymentMeansInfo,
    PayerInfo,
    PaymentMeansInfo,
    PaymentTransaction,
    Redirect,
    RegistrationResult,
    Transaction,
)


class TransactionInitializeRequest(Container):
    """POST `/Payment/v1/Transaction/Initialize`."""

    payment: Payment
    request_header: RequestHeader
    return_url: ReturnUrl
    terminal_id: Annotated[str, Numeric(8, 8)]
    authentication: StrongCustomerAuthenticationInteractive | None = None
    card_form: CardFormInTransactionInitialize | None = None
    config_set: Annotated[str, Id(1, 20)] | None = None
    notification: TransactionNotification | None = None
    order: Order | None = None
    payer: Payer | None = None
    payment_means: PaymentMeans | None = None
    payment_methods: list[Text] | None = None
    redirect_notify_urls: RedirectNotifyUrls | None = None
    risk_factors: RiskFactors | None = None
    styling: HostedFormStyling | None = None
    return_urls: ReturnUrls | None = None  # of older programs


class TransactionInitializeResponse(Container):
    """POST `/Payment/v1/Transaction/Initialize`."""

    expiration: WireDate
    redirect_required: bool
    response_header: ResponseHeader
    token: Text
    liability_shift: bool | None = None
    redirect: Redirect | None = None


class TransactionAuthorizeRequest(Container):
    """POST `/Payment/v1/Transaction/Authorize`."""

    request_header: RequestHeader
    token: Annotated[str, Id(1, 50)]
    condition: (
        Literal[
            "NONE", "THREE_DS_AUTHENTICATION_SUCCESSFUL_OR_ATTEMPTED", "WITH_SUCCESSFUL_THREE_DS_CHALLENGE"
        ]
        | None
    ) = None
    register_alias: RegisterAlias | None = None


class TransactionAuthorizeResponse(Container):
    """POST `/Payment/v1/Transaction/Authorize`."""

    payment_means: PaymentMeansInfo
    response_header: ResponseHeader
    transaction: PaymentTransaction
    dcc: DccInfo | None = None
    fraud_prevention: FraudPrevention | None = None
    liability: LiabilityInfo | None = None
    mastercard_issuer_installments: MastercardIssuerInstallmentsOptions | None = None
    payer: PayerInfo | None = None
    registration_result: RegistrationResult | None = None


class TransactionAuthorizeDirectRequest(Container):
    """POST `/Payment/v1/Transaction/AuthorizeDirect`."""

    payment: P2PEnabledPayment
    payment_means: AuthorizeDirectPaymentMeans
    request_header: RequestHeader
    terminal_id: Annotated[str, Numeric(8, 8)]
    authentication: StrongCustomerAuthenticationDirect | None = None
    dcc: DccReference | None = None
    initiator: Literal["MERCHANT", "PAYER"] | None = None
    order: Order | None = None
    payer: Payer | None = None
    register_alias: RegisterAlias | None = None
    risk_factors: RiskFactors | None = None


class TransactionAuthorizeDirectResponse(Container):
    """POST `/Payment/v1/Transaction/AuthorizeDirect`."""

    payment_means: P2PEnabledPaymentMeansInfo
    response_header: ResponseHeader
    transaction: PaymentTransaction
    dcc: DccInfo | None = None
    fraud_prevention: FraudPrevention | None = None
    liability: LiabilityInfo | None = None
    mastercard_issuer_installments: MastercardIssuerInstallmentsOptions | None = None
    payer: PayerInfo | None = None
    registration_result: RegistrationResult | None = None


class TransactionAuthorizeReferencedRequest(Container):
    """POST `/Payment/v1/Transaction/AuthorizeReferenced`."""

    payment: BasicPayment
    request_header: RequestHeader
    terminal_id: Annotated[str, Numeric(8, 8)]
    transaction_reference: TransactionReference
    authentication: StrongCustomerAuthenticationReferenced | None = None
    notification: TransactionNotification | None = None
    suppress_dcc: bool | None = None


class TransactionAuthorizeReferencedResponse(Container):
    """POST `/Payment/v1/Transaction/AuthorizeReferenced`."""

    payment_means: PaymentMeansInfo
    response_header: ResponseHeader
    transaction: PaymentTransaction
    dcc: DccInfo | None = None
    payer: PayerInfo | None = None


class TransactionInquireRequest(Container):
    """POST `/Payment/v1/Transaction/Inquire`."""

    request_header: RequestHeader
    transaction_reference: TransactionReference


class TransactionInquireResponse(Container):
    """POST `/Payment/v1/Transaction/Inquire`."""

    payment_means: P2PEnabledPaymentMeansInfo
    response_header: ResponseHeader
    transaction: Transaction
    dcc: DccInfo | None = None
    fraud_prevention: FraudPrevention | None = None
    liability: LiabilityInfo | None = None
    payer: PayerInfo | None = None


class TransactionAlternativePaymentRequest(Container):
    """POST `/Payment/v1/Transaction/AlternativePayment`."""

    notification: AlternativePaymentNotification
    payment: Payment
    payment_method: Literal["BANCONTACT", "BLIK"]
    request_header: RequestHeader
    terminal_id: Annotated[str, Numeric(8, 8)]
    order: Order | None = None
    payer: Payer | None = None
    payment_method_options: PaymentMethodOptions | None = None
    risk_factors: RiskFactors | None = None


class TransactionAlternativePaymentResponse(Container):
    """POST `/Payment/v1/Transaction/AlternativePayment`."""

    expiration: WireDate
    response_header: ResponseHeader
    token: Text
    processing_data: AlternativePaymentProcessingData | None = None


class TransactionQueryAlternativePaymentRequest(Container):
    """POST `/Payment/v1/Transaction/QueryAlternativePayment`."""

    request_header: RequestHeader
    token: Annotated[str, Id(1, 50)]


class TransactionQueryAlternativePaymentResponse(Container):
    """POST `/Payment/v1/Transaction/QueryAlternativePayment`."""

    payment_means: PaymentMeansInfo
    response_header: ResponseHeader
    transaction: PaymentTransaction
    fraud_prevention: FraudPrevention | None = None
    liability: LiabilityInfo | None = None
    payer: PayerInfo | None = None


class TransactionDccInquiryRequest(Container):
    """POST `/Payment/v1/Transaction/DccInquiry`."""

    amount: AmountWithoutZero
    card_number: Text
    request_header: RequestHeader
    terminal_id: Annotated[str, Numeric(8, 8)]


class TransactionDccInquiryResponse(Container):
    """POST `/Payment/v1/Transaction/DccInquiry`."""

    dcc_available: bool
    dcc_token: Text
    expiration: WireDate
    response_header: ResponseHeader
    dcc_info: DccInquiryInfo | None = None
