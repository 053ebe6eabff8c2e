"""Alias and OmniChannel."""

from typing import Annotated, Literal

from pydantic import Field

from paygate.api.wire.base import Container
from paygate.api.wire.common import IssuerReference, RequestHeader, ResponseHeader
from paygate.api.wire.formats import Id, Numeric, Text, WireDate
from paygate.api.wire.means import (
    AliasDirectInsertCheck,
    AliasInsertCheck,
    AliasInsertDirectPaymentMeans,
    AliasNotification,
    CardForm,
    ExternalThreeDsData,
    InsertAliasSupportingPaymentMeans,
    UpdatePaymentMeans,
)
from paygate.api.wire.options import HostedFormStyling, RegisterAlias, ReturnUrl, ReturnUrls, UpdateAlias
from paygate.api.wire.results import (
    AliasInfo,
    AliasInsertCheckResult,
    AliasPaymentMeansInfo,
    DccInfo,
    PaymentMeansInfo,
    PaymentTransaction,
    Redirect,
    TokenizationInfo,
)


class AliasInsertRequest(Container):
    """POST `/Payment/v1/Alias/Insert`."""

    register_alias: RegisterAlias
    request_header: RequestHeader
    return_url: ReturnUrl
    type: Literal["CARD", "BANK_ACCOUNT", "POSTFINANCEPAY", "TWINT", "PAYPAL"]
    card_form: CardForm | None = None
    check: AliasInsertCheck | None = None
    language_code: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] | None = None
    notification: AliasNotification | None = None
    payment_means: InsertAliasSupportingPaymentMeans | None = None
    payment_methods: list[Text] | None = None
    styling: HostedFormStyling | None = None
    return_urls: ReturnUrls | None = None  # of older programs


class AliasInsertResponse(Container):
    """POST `/Payment/v1/Alias/Insert`."""

    expiration: WireDate
    response_header: ResponseHeader
    token: Text
    redirect: Redirect | None = None
    redirect_required: bool | None = None


class AliasAssertInsertRequest(Container):
    """POST `/Payment/v1/Alias/AssertInsert`."""

    request_header: RequestHeader
    token: Annotated[str, Id(1, 50)]


class AliasAssertInsertResponse(Container):
    """POST `/Payment/v1/Alias/AssertInsert`."""

    alias: AliasInfo
    payment_means: AliasPaymentMeansInfo
    response_header: ResponseHeader
    check_result: AliasInsertCheckResult | None = None
    tokenization: TokenizationInfo | None = None


class AliasInsertDirectRequest(Container):
    """POST `/Payment/v1/Alias/InsertDirect`."""

    payment_means: AliasInsertDirectPaymentMeans
    register_alias: RegisterAlias
    request_header: RequestHeader
    check: AliasDirectInsertCheck | None = None
    external_three_ds: ExternalThreeDsData | None = None
    issuer_reference: IssuerReference | None = None


class AliasInsertDirectResponse(Container):
    """POST `/Payment/v1/Alias/InsertDirect`."""

    alias: AliasInfo
    payment_means: AliasPaymentMeansInfo
    response_header: ResponseHeader
    check_result: AliasInsertCheckResult | None = None
    tokenization: TokenizationInfo | None = None


class AliasUpdateRequest(Container):
    """POST `/Payment/v1/Alias/Update`."""

    request_header: RequestHeader
    update_alias: UpdateAlias
    update_payment_means: UpdatePaymentMeans


class AliasUpdateResponse(Container):
    """POST `/Payment/v1/Alias/Update`."""

    alias: AliasInfo
    payment_means: AliasPaymentMeansInfo
    response_header: ResponseHeader
    tokenization: TokenizationInfo | None = None


class AliasDeleteRequest(Container):
    """POST `/Payment/v1/Alias/Delete`."""

    alias_id: Annotated[str, Id(1, 40)]
    request_header: RequestHeader


class AliasDeleteResponse(Container):
    """POST `/Payment/v1/Alias/Delete`."""

    response_header: ResponseHeader


class AliasInquireRequest(Container):
    """POST `/Payment/v1/Alias/Inquire`."""

    alias_id: Annotated[str, Id(1, 40)]
    request_header: RequestHeader


class AliasInquireResponse(Container):
    """POST `/Payment/v1/Alias/Inquire`."""

    alias: AliasInfo
    payment_means: AliasPaymentMeansInfo
    response_header: ResponseHeader
    check_result: AliasInsertCheckResult | None = None
    tokenization: TokenizationInfo | None = None


class OmniChannelInsertAliasRequest(Container):
    """POST `/Payment/v1/OmniChannel/InsertAlias`."""

    register_alias: RegisterAlias
    request_header: RequestHeader
    six_transaction_reference: Text


class OmniChannelInsertAliasResponse(Container):
    """POST `/Payment/v1/OmniChannel/InsertAlias`."""

    alias: AliasInfo
    payment_means: AliasPaymentMeansInfo
    response_header: ResponseHeader


class OmniChannelAcquireTransactionRequest(Container):
    """POST `/Payment/v1/OmniChannel/AcquireTransaction`."""

    request_header: RequestHeader
    six_transaction_reference: Text
    terminal_id: Annotated[str, Numeric(8, 8)]
    order_id: Annotated[str, Id(1, 80)] | None = None


class OmniChannelAcquireTransactionResponse(Container):
    """POST `/Payment/v1/OmniChannel/AcquireTransaction`."""

    payment_means: PaymentMeansInfo
    response_header: ResponseHeader
    transaction: PaymentTransaction
    dcc: DccInfo | None = None
