"""What nearly every call holds: amounts and headers."""

from typing import Annotated, ClassVar

from pydantic import Field

from paygate.api.wire.base import Container
from paygate.api.wire.formats import (
    AlphaNumeric,
    CurrencyCode,
    Id,
    Iso885915,
    Numeric,
    SpecVersion,
    Text,
    Utf8,
)


class AmountWithZero(Container):
    """`Common_Models_Data_AmountWithZero`."""

    currency_code: Annotated[str, CurrencyCode]
    value: Annotated[str, Field(pattern=r"^[0-9]+$")]


class AmountWithoutZero(Container):
    """`Common_Models_Data_AmountWithoutZero`."""

    currency_code: Annotated[str, CurrencyCode]
    value: Annotated[str, Field(pattern=r"^[0-9]+$")]


class CaptureReference(Container):
    """`Payment_Models_CaptureReference`."""

    capture_id: Annotated[str, Id(1, 64)] | None = None
    order_id: Annotated[str, Id(1, 80)] | None = None
    order_part_id: Annotated[str, Id(1, 80)] | None = None
    transaction_id: Annotated[str, AlphaNumeric(1, 64)] | None = None


class ClientInfo(Container):
    """`Payment_Models_Data_ClientInfo`."""

    os_info: Annotated[str, Iso885915(1, 100)] | None = None
    shop_info: Annotated[str, Iso885915(1, 100)] | None = None


class CustomPlan(Container):
    """`Payment_Models_Data_CustomPlan`."""

    maximum_number_of_installments: Annotated[int, Field(ge=2, le=99)]
    minimum_number_of_installments: Annotated[int, Field(ge=2, le=99)]
    annual_percentage_rate: Text | None = None
    installment_fee: AmountWithZero | None = None
    interest_rate: Text | None = None
    total_amount_due: AmountWithZero | None = None


class InstallmentPlan(Container):
    """`Payment_Models_Data_InstallmentPlan`."""

    number_of_installments: Annotated[int, Field(ge=2, le=99)]
    annual_percentage_rate: Text | None = None
    first_installment_amount: AmountWithZero | None = None
    installment_fee: AmountWithZero | None = None
    interest_rate: Text | None = None
    subsequent_installment_amount: AmountWithZero | None = None
    total_amount_due: AmountWithZero | None = None


class IssuerReference(Container):
    """`Payment_Models_Data_IssuerReference`."""

    transaction_stamp: Annotated[str, Field(min_length=0, max_length=50)]
    mastercard_tlid: Annotated[str, Field(min_length=22, max_length=22)] | None = Field(
        None, alias="MastercardTLID"
    )
    settlement_date: Annotated[str, Field(min_length=4, max_length=4)] | None = None


class IssuerReferenceInfo(Container):
    """`Payment_Models_Data_IssuerReferenceInfo`."""

    mastercard_tlid: Text | None = None
    settlement_date: Text | None = None
    transaction_stamp: Text | None = None


class MastercardIssuerInstallmentsOptions(Container):
    """`Payment_Models_Data_MastercardIssuerInstallmentsOptions`."""

    NOT_TOGETHER: ClassVar = (("CustomPlan", "InstallmentPlans"),)

    custom_plan: CustomPlan | None = None
    installment_plans: Annotated[list[InstallmentPlan], Field(max_length=12)] | None = None
    receipt_free_text: Text | None = None


class PaymentOptions(Container):
    """`Common_Models_Data_PaymentOptions`."""

    allow_partial_authorization: bool | None = None
    pre_auth: bool | None = None


class Phone(Container):
    """`Payment_Models_Data_Phone`."""

    main: Annotated[str, Utf8(1, 100)] | None = None
    mobile: Annotated[str, Utf8(1, 100)] | None = None
    work: Annotated[str, Utf8(1, 100)] | None = None


class RequestHeader(Container):
    """`Common_RequestHeader`."""

    customer_id: Annotated[str, Numeric(1, 8)]
    request_id: Annotated[str, Id(1, 50)]
    retry_indicator: Annotated[int, Field(ge=0, le=9)]
    spec_version: Annotated[str, SpecVersion]
    client_info: ClientInfo | None = None


class ResponseHeader(Container):
    """`Common_ResponseHeader`."""

    request_id: Annotated[str, Id(1, 50)]
    spec_version: Annotated[str, SpecVersion]


class TransactionReference(Container):
    """`Payment_Models_Data_TransactionReference`."""

    EXACTLY_ONE_OF: ClassVar = ("TransactionId", "OrderId")

    order_id: Annotated[str, Id(1, 80)] | None = None
    transaction_id: Annotated[str, AlphaNumeric(1, 64)] | None = None
