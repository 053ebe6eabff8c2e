"""What only the Management API tells."""

from typing import Annotated, Literal

from pydantic import Field

from paygate.api.wire.base import Container
from paygate.api.wire.common import AmountWithoutZero, AmountWithZero, PaymentOptions
from paygate.api.wire.formats import AlphaNumeric, Id, IpV4, IpV6, PayerId, Text, Utf8, WireDate
from paygate.api.wire.payer import (
    BillingAddressForm,
    OrderItem,
    RequestBillingAddress,
    ResponseAddress,
    ResponseBillingAddress,
)


class AuthorizationDetails(Container):
    """`RestApi_Models_Transactions_AuthorizationDetails`."""

    authorization_date: WireDate
    authorized_by: Text
    captured_merchant_amount: AmountWithZero
    has_currency_conversion: bool
    has_cvc: bool
    has_liability_shift: bool
    has_partial_captures: bool
    is_cancelled: bool
    is_captured: bool
    is_omni_channel: bool
    is_refunded: bool
    last_action_date: WireDate
    payer_amount: AmountWithZero
    state: Literal["AUTHORIZED", "CAPTURED", "CANCELED"]
    type: Literal["PAYMENT", "REFUND"]
    bic: Annotated[str, AlphaNumeric(8, 11)] | None = None
    billing_address: ResponseBillingAddress | None = None
    cancellation_date: WireDate | None = None
    cancelled_by: Text | None = None
    capture_date: WireDate | None = None
    captured_by: Text | None = None
    card_origin: Text | None = None
    delivery_address: ResponseAddress | None = None
    expiry_month: Annotated[int, Field(ge=1, le=12)] | None = None
    expiry_year: int | None = None
    holder_name: Text | None = None
    iban: Annotated[str, AlphaNumeric(1, 50)] | None = None
    masked_card_number: Text | None = None
    processing_auth_code: Text | None = None
    wallet: Text | None = None


class FailedDetails(Container):
    """`RestApi_Models_Transactions_FailedDetails`."""

    declined_by: Literal[
        "SAFERPAY", "ACQUIRER", "RISK", "CONFIGURATION", "THREEDS", "FRAUDPREVENTION", "OTHER"
    ]
    failed_date: WireDate
    masked_payment_method: Text | None = None
    payment_method_origin: Text | None = None
    processor_error_code: Text | None = None
    processor_error_text: Text | None = None
    saferpay_error_code: Text | None = None
    saferpay_error_text: Text | None = None


class Feature(Container):
    """`RestApi_Models_Feature`."""

    display_name: Text
    id: Text


class LicensePackage(Container):
    """`RestApi_Models_LicensePackage`."""

    display_name: Text
    id: Text


class OfferOrderItem(OrderItem):
    """`RestApi_Models_Data_OrderItem`."""


class OfferOrder(Container):
    """`RestApi_Models_Data_Order`."""

    items: list[OfferOrderItem]


class OfferRegisterAlias(Container):
    """`RestApi_Models_Data_RegisterAlias`."""

    id_generator: Literal["RANDOM"]


class PaymentMethodInfo(Container):
    """`RestApi_Models_PaymentMethodInfo`."""

    currencies: list[Text] | None = None
    logo_url: Text | None = None
    payment_method: Text | None = None


class PaymentPageConfigResult(Container):
    """`RestApi_Models_PaymentPageConfigResult`."""

    description: Text | None = None
    is_default: bool | None = None
    name: Text | None = None


class PaymentWithOptions(Container):
    """`RestApi_Models_Data_PaymentWithOptions`."""

    amount: AmountWithoutZero
    description: Annotated[str, Utf8(1, 100)]
    order_id: Annotated[str, Id(1, 80)]
    options: PaymentOptions | None = None


class PaymentWithoutOptions(Container):
    """`RestApi_Models_Data_PaymentWithoutOptions`."""

    amount: AmountWithoutZero
    description: Annotated[str, Utf8(1, 100)]
    order_id: Annotated[str, Id(1, 80)]


class PendingDetails(Container):
    """`RestApi_Models_Transactions_PendingDetails`."""

    pending_since_date: WireDate


class ReportedTransaction(Container):
    """`RestApi_Models_Transactions_Transaction`."""

    application: Literal[
        "Json Api",
        "Saferpay Backoffice",
        "Saferpay Payment Page",
        "Saferpay Batch Processing",
        "Saferpay Authorization Interface",
        "Saferpay Https Interface",
    ]
    customer_id: int
    merchant_amount: AmountWithoutZero
    payment_method: Text
    provider: Text
    terminal_id: int
    transaction_id: Text
    authorization_details: AuthorizationDetails | None = None
    description: Text | None = None
    failed_details: FailedDetails | None = None
    ip_address: Text | None = None
    ip_origin: Text | None = None
    order_id: Text | None = None
    payer_id: Annotated[str, PayerId(1, 256)] | None = None
    pending_details: PendingDetails | None = None
    terminal_type: Literal["ECOM", "MPO", "SPG"] | None = None


class SpgBillingAddressForm(BillingAddressForm):
    """`Common_Models_Data_SpgBillingAddressForm`."""


class SpgPayer(Container):
    """`Common_Models_Data_SpgPayer`."""

    billing_address: RequestBillingAddress | None = None
    ip_address: Annotated[str, IpV4] | None = None
    ipv6_address: Annotated[str, IpV6] | None = None
    language_code: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] | None = None


class WalletInfo(Container):
    """`RestApi_Models_WalletInfo`."""

    logo_url: Text | None = None
    wallet_name: Text | None = None


class TerminalResult(Container):
    """`RestApi_Models_TerminalResult`."""

    description: Text | None = None
    payment_methods: list[PaymentMethodInfo] | None = None
    terminal_id: Text | None = None
    type: Literal["ECOM", "SPG", "MPO"] | None = None
    wallets: list[WalletInfo] | None = None
