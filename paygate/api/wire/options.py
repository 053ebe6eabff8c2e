"""What a shop may ask for besides."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from paygate.api.wire.base import Container
from paygate.api.wire.common import (
    AmountWithoutZero,
    InstallmentPlan,
    IssuerReference,
    PaymentOptions,
    ResponseHeader,
)
from paygate.api.wire.formats import Alphabetic, HttpsUrl, HttpUrl, Id, Text, Uri, Utf8
from paygate.api.wire.means import ExternalThreeDsData
from paygate.api.wire.payer import RequestAddress, RiskDetails


class AlternativePaymentNotification(Container):
    """`Payment_Models_Data_AlternativePaymentNotification`."""

    state_notification_url: Annotated[str, Uri, HttpUrl]
    merchant_emails: Annotated[list[Text], Field(max_length=10)] | None = None
    payer_email: Text | None = None


class BancontactPaymentMethodOptions(Container):
    """`Payment_Models_AlternativePayment_BancontactPaymentMethodOptions`."""

    app_completion_redirect_url: Annotated[str, Uri, Field(max_length=256)] | None = None
    app_default_redirect_url: Annotated[str, Uri, Field(max_length=256)] | None = None


class BasicPayment(Container):
    """`Payment_Models_Data_BasicPayment`."""

    amount: AmountWithoutZero
    description: Annotated[str, Utf8(1, 1000)] | None = None
    order_id: Annotated[str, Id(1, 80)] | None = None
    payer_note: Annotated[str, Utf8(1, 50)] | None = None


class BlikPaymentMethodOptions(Container):
    """`Payment_Models_AlternativePayment_BlikPaymentMethodOptions`."""

    code: int | None = None


class DccReference(Container):
    """`Payment_Models_Data_DccReference`."""

    selected_currency_code: Text
    token: Text


class ErrorResponse(Container):
    """`ErrorResponse`."""

    behavior: Literal["DO_NOT_RETRY", "OTHER_MEANS", "RETRY", "RETRY_LATER"]
    error_message: Text
    error_name: Text
    response_header: ResponseHeader
    error_detail: list[Text] | None = None
    order_id: Text | None = None
    payer_message: Text | None = None
    processor_message: Text | None = None
    processor_name: Text | None = None
    processor_result: Text | None = None
    risk: RiskDetails | None = None
    transaction_id: Text | None = None


class ForeignRetailerMerchantInformation(Container):
    """`Payment_Models_Data_ForeignRetailerMerchantInformation`."""

    country_code: Annotated[str, Alphabetic(2, 2)]
    city: Annotated[str, Utf8(1, 13)] | None = None
    name: Annotated[str, Utf8(1, 14)] | None = None
    street: Annotated[str, Utf8(1, 48)] | None = None
    zip: Annotated[str, Utf8(1, 10)] | None = None


class HostedFormStyling(Container):
    """`Payment_Models_Data_HostedFormStyling`."""

    content_security_enabled: bool | None = None
    css_url: Annotated[str, Field(min_length=0, max_length=2000), HttpsUrl] | None = None
    theme: Literal["DEFAULT", "SIX", "NONE"] | None = None


class IdealRefund(Container):
    """`Payment_Models_IdealRefund`."""

    account_holder_name: Annotated[str, Utf8(1, 140)]


class InstallmentOptions(Container):
    """`Payment_Models_Data_InstallmentOptions`."""

    initial: bool


class KlarnaAttachment(Container):
    """`Payment_Models_Data_KlarnaAttachment`."""

    body: Annotated[str, Utf8(1, 100000)]
    content_type: Annotated[str, Utf8(1, 1000)]


class KlarnaOptions(Container):
    """`Payment_Models_Data_KlarnaOptions`."""

    attachment: KlarnaAttachment


class MarketplaceCapture(Container):
    """`Payment_Models_Data_MarketplaceCapture`."""

    NOT_TOGETHER: ClassVar = (("Fee", "FeeRefund"),)

    submerchant_id: Annotated[str, Id(1, 15)]
    fee: AmountWithoutZero | None = None
    fee_refund: AmountWithoutZero | None = None


class MastercardIssuerInstallmentsSelection(Container):
    """`Payment_Models_Data_MastercardIssuerInstallmentsSelection`."""

    chosen_plan: InstallmentPlan | None = None


class MerchantFundDistributorCapture(Container):
    """`Payment_Models_Data_MerchantFundDistributorCapture`."""

    foreign_retailer: ForeignRetailerMerchantInformation | None = None


class Notification(Container):
    """`Payment_Models_Data_Notification`."""

    NOT_TOGETHER: ClassVar = (("PayerDccReceiptEmail", "PayerEmail"),)

    fail_notify_url: Annotated[str, Field(min_length=0, max_length=2000), HttpUrl] | None = None
    merchant_emails: Annotated[list[Text], Field(max_length=10)] | None = None
    payer_dcc_receipt_email: Text | None = None
    payer_email: Text | None = None
    success_notify_url: Annotated[str, Field(min_length=0, max_length=2000), HttpUrl] | None = None


class OriginalCreditTransfer(Container):
    """`Payment_Models_Data_OriginalCreditTransfer`."""

    recipient: RequestAddress | None = None


class RecurringOptions(Container):
    """`Payment_Models_Data_RecurringOptions`."""

    initial: bool


class P2PEnabledPayment(Container):
    """`Payment_Models_Data_P2PEnabledPayment`."""

    NOT_TOGETHER: ClassVar = (("Installment", "Recurring"),)

    amount: AmountWithoutZero
    description: Annotated[str, Utf8(1, 1000)] | None = None
    installment: InstallmentOptions | None = None
    mandate_id: Annotated[str, Id(1, 35)] | None = None
    options: PaymentOptions | None = None
    order_id: Annotated[str, Id(1, 80)] | None = None
    payer_note: Annotated[str, Utf8(1, 50)] | None = None
    recurring: RecurringOptions | None = None


class Payment(Container):
    """`Payment_Models_Data_Payment`."""

    NOT_TOGETHER: ClassVar = (("Installment", "Recurring"),)

    amount: AmountWithoutZero
    description: Annotated[str, Utf8(1, 1000)] | None = None
    installment: InstallmentOptions | None = None
    mandate_id: Annotated[str, Id(1, 35)] | None = None
    options: PaymentOptions | None = None
    order_id: Annotated[str, Id(1, 80)] | None = None
    payer_note: Annotated[str, Utf8(1, 50)] | None = None
    recurring: RecurringOptions | None = None


class PaymentMethodOptions(Container):
    """`Payment_Models_AlternativePayment_PaymentMethodOptions`."""

    bancontact: BancontactPaymentMethodOptions | None = None
    blik: BlikPaymentMethodOptions | None = None


class PaymentMethodsOptions(Container):
    """`Payment_Models_PaymentMethodsOptions`."""

    klarna: KlarnaOptions | None = None


class PaymentPagePayment(Container):
    """`Payment_Models_Data_PaymentPagePayment`."""

    NOT_TOGETHER: ClassVar = (("Installment", "Recurring"),)

    amount: AmountWithoutZero
    description: Annotated[str, Utf8(1, 1000)]
    installment: InstallmentOptions | None = None
    mandate_id: Annotated[str, Id(1, 35)] | None = None
    options: PaymentOptions | None = None
    order_id: Annotated[str, Id(1, 80)] | None = None
    payer_note: Annotated[str, Utf8(1, 50)] | None = None
    recurring: RecurringOptions | None = None


class PendingNotification(Container):
    """`Payment_Models_Data_PendingNotification`."""

    merchant_emails: Annotated[list[Text], Field(max_length=10)] | None = None
    notify_url: Text | None = None


class RedirectNotifyUrls(Container):
    """`Payment_Models_Data_RedirectNotifyUrls`."""

    fail: Annotated[str, Field(min_length=0, max_length=2000), HttpUrl]
    success: Annotated[str, Field(min_length=0, max_length=2000), HttpUrl]


class Refund(Container):
    """`Payment_Models_Data_Refund`."""

    amount: AmountWithoutZero
    description: Annotated[str, Utf8(1, 1000)] | None = None
    order_id: Annotated[str, Id(1, 80)] | None = None
    payer_note: Annotated[str, Utf8(1, 50)] | None = None
    restrict_refund_amount_to_captured_amount: bool | None = None


class RefundDirect(Container):
    """`Payment_Models_Data_RefundDirect`."""

    amount: AmountWithoutZero
    description: Annotated[str, Utf8(1, 1000)] | None = None
    order_id: Annotated[str, Id(1, 80)] | None = None
    payer_note: Annotated[str, Utf8(1, 50)] | None = None


class RefundPaymentMethodsOptions(Container):
    """`Payment_Models_RefundPaymentMethodsOptions`."""

    ideal: IdealRefund | None = None


class RegisterAlias(Container):
    """`Payment_Models_Data_RegisterAlias`."""

    id_generator: Literal["MANUAL", "RANDOM", "RANDOM_UNIQUE"]
    id: Annotated[str, Id(1, 40)] | None = None
    lifetime: Annotated[int, Field(ge=1, le=1600)] | None = None


class ReturnUrl(Container):
    """`Payment_Models_Data_ReturnUrl`."""

    url: Annotated[str, Field(min_length=0, max_length=2000)]


class StrongCustomerAuthenticationDirect(Container):
    """`Payment_Models_Data_StrongCustomerAuthenticationDirect`."""

    exemption: Literal["LOW_VALUE", "TRANSACTION_RISK_ANALYSIS", "RECURRING"] | None = None
    external_three_ds: ExternalThreeDsData | None = None
    issuer_reference: IssuerReference | None = None


class StrongCustomerAuthenticationInteractive(Container):
    """`Payment_Models_Data_StrongCustomerAuthenticationInteractive`."""

    exemption: Literal["LOW_VALUE", "TRANSACTION_RISK_ANALYSIS"] | None = None
    three_ds_challenge: Literal["FORCE"] | None = None


class StrongCustomerAuthenticationReferenced(Container):
    """`Payment_Models_Data_StrongCustomerAuthenticationReferenced`."""

    exemption: Literal["RECURRING"] | None = None


class TransactionNotification(Container):
    """`Payment_Models_Data_TransactionNotification`."""

    payer_dcc_receipt_email: Text | None = None


class UpdateAlias(Container):
    """`Payment_Models_Data_UpdateAlias`."""

    id: Annotated[str, Id(1, 40)]
    lifetime: Annotated[int, Field(ge=1, le=1600)] | None = None
