"""Means of payment, as shops tell them."""

from typing import Annotated, Literal

from pydantic import Field

from paygate.api.wire.base import Container
from paygate.api.wire.formats import AlphaNumeric, Base64, HttpUrl, Id, Iso885915, Numeric, Text, Utf8


class Alias(Container):
    """`Payment_Models_Data_Alias`."""

    id: Annotated[str, Id(1, 40)]
    verification_code: Annotated[str, Numeric(3, 4)] | None = None


class AliasDirectInsertCheck(Container):
    """`Payment_Models_Data_AliasDirectInsertCheck`."""

    terminal_id: Annotated[str, Numeric(8, 8)]
    type: Literal["ONLINE", "ONLINE_STRONG"]


class AliasInsertCheck(Container):
    """`Payment_Models_Data_AliasInsertCheck`."""

    terminal_id: Annotated[str, Numeric(8, 8)]
    type: Literal["ONLINE", "ONLINE_STRONG", "ONLINE_CHALLENGED"]


class ApplePay(Container):
    """`Payment_Models_Data_ApplePay`."""

    payment_token: Annotated[str, Base64]


class BankAccount(Container):
    """`Payment_Models_Data_BankAccount`."""

    iban: Annotated[str, AlphaNumeric(1, 50)]
    bic: Annotated[str, AlphaNumeric(8, 11)] | None = None
    holder_name: Annotated[str, Iso885915(1, 50)] | None = None


class Card(Container):
    """`Payment_Models_Data_Card`."""

    exp_month: Annotated[int, Field(ge=1, le=12)]
    exp_year: Annotated[int, Field(ge=2000, le=9999)]
    number: Text
    holder_name: Annotated[str, Utf8(1, 50)] | None = None
    verification_code: Annotated[str, Numeric(3, 4)] | None = None


class GooglePay(Container):
    """`Payment_Models_Data_GooglePay`."""

    payment_token: Text


class AliasInsertDirectPaymentMeans(Container):
    """`Payment_Models_Data_AliasInsertDirectPaymentMeans`."""

    apple_pay: ApplePay | None = None
    bank_account: BankAccount | None = None
    card: Card | None = None
    google_pay: GooglePay | None = None


class AliasNotification(Container):
    """`Payment_Models_Data_AliasNotification`."""

    notify_url: Annotated[str, HttpUrl] | None = None


class SaferpayFields(Container):
    """`Payment_Models_Data_SaferpayFields`."""

    token: Annotated[str, Id(1, 40)]


class SchemeToken(Container):
    """`Payment_Models_Data_SchemeToken`."""

    exp_month: Annotated[int, Field(ge=1, le=12)]
    exp_year: int
    number: Text
    token_type: Literal["APPLEPAY", "GOOGLEPAY", "SAMSUNGPAY", "CLICKTOPAY", "OTHER", "MDES", "VTS"]
    auth_value: Annotated[str, Field(min_length=28, max_length=28)] | None = None
    eci: Text | None = None


class AuthorizeDirectPaymentMeans(Container):
    """`Payment_Models_Data_AuthorizeDirectPaymentMeans`."""

    alias: Alias | None = None
    apple_pay: ApplePay | None = None
    bank_account: BankAccount | None = None
    card: Card | None = None
    google_pay: GooglePay | None = None
    saferpay_fields: SaferpayFields | None = None
    scheme_token: SchemeToken | None = None


class BankAccountBase(Container):
    """`Payment_Models_Data_BankAccountBase`."""

    iban: Annotated[str, AlphaNumeric(1, 50)]
    holder_name: Annotated[str, Iso885915(1, 50)] | None = None


class CardForm(Container):
    """`Payment_Models_Data_CardForm`."""

    holder_name: Literal["NONE", "MANDATORY"] | None = None


class CardFormInTransactionInitialize(Container):
    """`Payment_Models_Data_CardFormInTransactionInitialize`."""

    holder_name: Literal["NONE", "MANDATORY"] | None = None
    verification_code: Literal["NONE", "MANDATORY"] | None = None


class ExternalThreeDsData(Container):
    """`Payment_Models_Data_ExternalThreeDsData`."""

    acs_trans_id: Text
    authentication_time: Annotated[str, AlphaNumeric(1)]
    authentication_value: Annotated[str, Base64, Field(min_length=28, max_length=28)]
    ds_trans_id: Text
    eci: Annotated[str, AlphaNumeric(1, 2)]
    scheme: Literal["MASTERCARD", "VISA", "JCB", "DINERS", "AMEX"]
    three_ds_full_version: Text
    three_ds_server_trans_id: Text
    trans_status: Literal["Y", "A", "U", "I"]
    authentication_mode: Literal["CHALLENGE", "FRICTIONLESS"] | None = None


class InsertAliasSupportingPaymentMeans(Container):
    """`Payment_Models_Data_InsertAliasSupportingPaymentMeans`."""

    card: Card | None = None
    saferpay_fields: SaferpayFields | None = None


class PaymentMeans(Container):
    """`Payment_Models_Data_PaymentMeans`."""

    alias: Alias | None = None
    apple_pay: ApplePay | None = None
    bank_account: BankAccount | None = None
    card: Card | None = None
    google_pay: GooglePay | None = None
    saferpay_fields: SaferpayFields | None = None
    scheme_token: SchemeToken | None = None


class RefundDirectSupportingPaymentMeans(Container):
    """`Payment_Models_Data_RefundDirectSupportingPaymentMeans`."""

    alias: Alias | None = None
    bank_account: BankAccountBase | None = None
    card: Card | None = None


class UpdateCreditCard(Container):
    """`Payment_Models_Data_UpdateCreditCard`."""

    exp_month: Annotated[int, Field(ge=1, le=12)]
    exp_year: Annotated[int, Field(ge=2000, le=9999)]


class UpdatePaymentMeans(Container):
    """`Payment_Models_Data_UpdatePaymentMeans`."""

    card: UpdateCreditCard
