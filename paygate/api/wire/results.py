"""What answers tell."""

from typing import Annotated, Literal

from pydantic import Field

from paygate.api.wire.base import Container
from paygate.api.wire.common import AmountWithoutZero, IssuerReferenceInfo
from paygate.api.wire.formats import AlphaNumeric, Id, Iso885915, PayerId, Text, WireDate
from paygate.api.wire.payer import ResponseAddress, ResponseBillingAddress


class AliasAuthenticationResult(Container):
    """`Payment_Models_Data_AliasAuthenticationResult`."""

    authenticated: bool
    authentication_type: Literal[
        "STRONG_CUSTOMER_AUTHENTICATION", "FRICTIONLESS", "ATTEMPT", "UNSPECIFIED", "NONE"
    ]
    message: Text | None = None


class AliasAuthenticationResultBase(Container):
    """`Payment_Models_Data_AliasAuthenticationResultBase`."""

    authenticated: bool
    authentication_type: Literal[
        "STRONG_CUSTOMER_AUTHENTICATION", "FRICTIONLESS", "ATTEMPT", "UNSPECIFIED", "NONE"
    ]
    message: Text | None = None


class AliasInfo(Container):
    """`Payment_Models_Data_AliasInfo`."""

    id: Text
    lifetime: Annotated[int, Field(ge=1, le=1600)]


class AliasInsertCheckResult(Container):
    """`Payment_Models_Data_AliasInsertCheckResult`."""

    result: Literal["OK", "NOT_PERFORMED"]
    authentication: AliasAuthenticationResult | None = None
    issuer_reference: IssuerReferenceInfo | None = None
    message: Text | None = None


class BankAccountInfo(Container):
    """`Payment_Models_Data_BankAccountInfo`."""

    iban: Annotated[str, AlphaNumeric(1, 50)]
    bic: Annotated[str, AlphaNumeric(8, 11)] | None = None
    country_code: Text | None = None
    holder_name: Annotated[str, Iso885915(1, 50)] | None = None


class Brand(Container):
    """`Payment_Models_Data_Brand`."""

    name: Text
    payment_method: (
        Literal[
            "ACCOUNTTOACCOUNT",
            "ALIPAY",
            "AMEX",
            "BANCONTACT",
            "BLIK",
            "BONUS",
            "DINERS",
            "CARD",
            "DIRECTDEBIT",
            "EPRZELEWY",
            "EPS",
            "GIFTCARD",
            "GIROPAY",
            "IDEAL",
            "INVOICE",
            "JCB",
            "KLARNA",
            "MAESTRO",
            "MASTERCARD",
            "MYONE",
            "PAYCONIQ",
            "PAYDIREKT",
            "PAYPAL",
            "POSTCARD",
            "POSTFINANCE",
            "POSTFINANCEPAY",
            "REKA",
            "SOFORT",
            "TWINT",
            "UNIONPAY",
            "VISA",
            "WECHATPAY",
            "WERO",
            "WLCRYPTOPAYMENTS",
        ]
        | None
    ) = None


class TransactionTokenPan(Container):
    """`Payment_Models_Data_TransactionTokenPan`."""

    exp_month: int
    exp_year: int
    masked_number: Text


class CardInfo(Container):
    """`Payment_Models_Data_CardInfo`."""

    exp_month: int
    exp_year: int
    masked_number: Text
    country_code: Text | None = None
    funding_source: Literal["UNSPECIFIED", "CREDIT", "DEBIT", "PREPAID"] | None = None
    holder_name: Text | None = None
    holder_segment: Literal["UNSPECIFIED", "CONSUMER", "CORPORATE", "CORPORATE_AND_CONSUMER"] | None = None
    token_pan: TransactionTokenPan | None = None


class TwintInfo(Container):
    """`Payment_Models_Data_TwintInfo`."""

    certificate_expiration_date: WireDate


class AliasPaymentMeansInfo(Container):
    """`Payment_Models_Data_AliasPaymentMeansInfo`."""

    brand: Brand
    display_text: Text
    bank_account: BankAccountInfo | None = None
    card: CardInfo | None = None
    twint: TwintInfo | None = None
    wallet: Text | None = None


class BancontactProcessingData(Container):
    """`Payment_Models_Data_BancontactProcessingData`."""

    intent_url: Text | None = None
    qr_code_data: Text | None = None


class AlternativePaymentProcessingData(Container):
    """`Payment_Models_Data_AlternativePaymentProcessingData`."""

    bancontact: BancontactProcessingData | None = None


class DccInfo(Container):
    """`Payment_Models_Data_DccInfo`."""

    exchange_rate: Text
    markup: Text
    payer_amount: AmountWithoutZero


class DccInquiryInfo(Container):
    """`Payment_Models_Data_DccInquiryInfo`."""

    brand: Brand | None = None
    card_holder_amount: AmountWithoutZero | None = None
    exchange_rate: Text | None = None
    markup: Text | None = None
    merchant_amount: AmountWithoutZero | None = None
    source: Text | None = None


class DirectDebitInfo(Container):
    """`Payment_Models_Data_DirectDebitInfo`."""

    creditor_id: Text
    mandate_id: Text


class FraudPrevention(Container):
    """`Payment_Models_FraudPrevention`."""

    result: Literal["APPROVED", "CHALLENGED"] | None = None


class ThreeDsInfo(Container):
    """`Payment_Models_Data_ThreeDsInfo`."""

    authenticated: bool
    xid: Text
    authentication_type: (
        Literal["STRONG_CUSTOMER_AUTHENTICATION", "FRICTIONLESS", "ATTEMPT", "EXEMPTION", "NONE"] | None
    ) = None
    version: Text | None = None


class LiabilityInfo(Container):
    """`Payment_Models_Data_LiabilityInfo`."""

    liability_shift: bool
    liable_entity: Literal["MERCHANT", "THREEDS"]
    in_psd2_scope: Literal["YES", "NO", "UNKNOWN"] | None = None
    three_ds: ThreeDsInfo | None = None


class PayPalInfo(Container):
    """`Payment_Models_Data_PayPalInfo`."""

    email: Text | None = None
    payer_id: Text | None = None
    seller_protection_status: Literal["ELIGIBLE", "PARTIALLY_ELIGIBLE", "NOT_ELIGIBLE"] | None = None


class PaymentMeansInfo(Container):
    """`Payment_Models_Data_PaymentMeansInfo`."""

    brand: Brand
    display_text: Text
    bank_account: BankAccountInfo | None = None
    card: CardInfo | None = None
    pay_pal: PayPalInfo | None = None
    wallet: Text | None = None


class P2PEnabledPaymentMeansInfo(PaymentMeansInfo):
    """`Payment_Models_Data_P2PEnabledPaymentMeansInfo`."""


class PayerInfo(Container):
    """`Payment_Models_Data_PayerInfo`."""

    billing_address: ResponseBillingAddress | None = None
    delivery_address: ResponseAddress | None = None
    id: Annotated[str, PayerId(1, 256)] | None = None
    ip_address: Text | None = None
    ip_location: Text | None = None


class Transaction(Container):
    """`Payment_Models_Data_Transaction`."""

    amount: AmountWithoutZero
    date: WireDate
    id: Text
    six_transaction_reference: Text
    status: Literal["AUTHORIZED", "CANCELED", "CAPTURED", "PENDING"]
    type: Literal["PAYMENT", "REFUND"]
    acquirer_name: Text | None = None
    acquirer_reference: Text | None = None
    approval_code: Text | None = None
    capture_id: Annotated[str, Id(1, 64)] | None = None
    direct_debit: DirectDebitInfo | None = None
    issuer_reference: IssuerReferenceInfo | None = None
    order_id: Annotated[str, Id(1, 80)] | None = None


class PaymentTransaction(Transaction):
    """`Payment_Models_Data_PaymentTransaction`."""

    type: Literal["PAYMENT"]


class Redirect(Container):
    """`Payment_Models_Data_Redirect`."""

    payment_means_required: bool
    redirect_url: Text


class RefundTransaction(Transaction):
    """`Payment_Models_Data_RefundTransaction`."""

    type: Literal["REFUND"]


class RegistrationErrorInfo(Container):
    """`Payment_Models_Data_RegistrationErrorInfo`."""

    error_message: Text | None = None
    error_name: Text | None = None


class TokenPanInfo(Container):
    """`Payment_Models_SecureCardData_Tokenization_TokenPanInfo`."""

    card_image_url: Text | None = None
    exp_month: int | None = None
    exp_year: int | None = None
    status: Literal["ACTIVE", "SUSPENDED", "DELETED", "ACTIVATION_IN_PROGRESS"] | None = None


class TokenizationInfo(Container):
    """`Payment_Models_SecureCardData_Tokenization_TokenizationInfo`."""

    program: Text | None = None
    status: (
        Literal[
            "SUCCESSFUL",
            "FAILED",
            "SCHEME_NOT_SUPPORTED",
            "ACQUIRER_NOT_SUPPORTED",
            "NOT_PERFORMED",
            "DENIED_BY_SCHEME",
        ]
        | None
    ) = None
    token_pan: TokenPanInfo | None = None


class RegistrationResult(Container):
    """`Payment_Models_Data_RegistrationResult`."""

    success: bool
    alias: AliasInfo | None = None
    authentication_result: AliasAuthenticationResultBase | None = None
    error: RegistrationErrorInfo | None = None
    tokenization: TokenizationInfo | None = None
