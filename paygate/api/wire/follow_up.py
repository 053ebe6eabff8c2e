"""What becomes of a transaction: capture, refund, cancel; and the batch."""

from typing import Annotated, Literal

from paygate.api.wire.base import Container
from paygate.api.wire.common import (
    AmountWithoutZero,
    CaptureReference,
    RequestHeader,
    ResponseHeader,
    TransactionReference,
)
from paygate.api.wire.formats import AlphaNumeric, Id, Numeric, Text, WireDate
from paygate.api.wire.means import RefundDirectSupportingPaymentMeans
from paygate.api.wire.options import (
    MarketplaceCapture,
    MastercardIssuerInstallmentsSelection,
    MerchantFundDistributorCapture,
    OriginalCreditTransfer,
    PendingNotification,
    Refund,
    RefundDirect,
    RefundPaymentMethodsOptions,
)
from paygate.api.wire.results import DccInfo, P2PEnabledPaymentMeansInfo, PaymentMeansInfo, RefundTransaction


class TransactionCaptureRequest(Container):
    """POST `/Payment/v1/Transaction/Capture`."""

    request_header: RequestHeader
    transaction_reference: TransactionReference
    amount: AmountWithoutZero | None = None
    marketplace: MarketplaceCapture | None = None
    mastercard_issuer_installments: MastercardIssuerInstallmentsSelection | None = None
    merchant_fund_distributor: MerchantFundDistributorCapture | None = None
    pending_notification: PendingNotification | None = None


class TransactionCaptureResponse(Container):
    """POST `/Payment/v1/Transaction/Capture`."""

    date: WireDate
    response_header: ResponseHeader
    status: Literal["PENDING", "CAPTURED"]
    capture_id: Annotated[str, Id(1, 64)] | None = None


class TransactionMultipartCaptureRequest(Container):
    """POST `/Payment/v1/Transaction/MultipartCapture`."""

    amount: AmountWithoutZero
    order_part_id: Annotated[str, Id(1, 80)]
    request_header: RequestHeader
    transaction_reference: TransactionReference
    type: Literal["PARTIAL", "FINAL"]
    marketplace: MarketplaceCapture | None = None
    merchant_fund_distributor: MerchantFundDistributorCapture | None = None


class TransactionMultipartCaptureResponse(Container):
    """POST `/Payment/v1/Transaction/MultipartCapture`."""

    date: WireDate
    response_header: ResponseHeader
    status: Literal["PENDING", "CAPTURED"]
    capture_id: Annotated[str, Id(1, 64)] | None = None


class TransactionAssertCaptureRequest(Container):
    """POST `/Payment/v1/Transaction/AssertCapture`."""

    capture_reference: CaptureReference
    request_header: RequestHeader


class TransactionAssertCaptureResponse(Container):
    """POST `/Payment/v1/Transaction/AssertCapture`."""

    response_header: ResponseHeader
    status: Literal["PENDING", "CAPTURED"]
    transaction_id: Annotated[str, AlphaNumeric(1, 64)]
    date: WireDate | None = None  # absent while pending
    order_id: Annotated[str, Id(1, 80)] | None = None


class TransactionMultipartFinalizeRequest(Container):
    """POST `/Payment/v1/Transaction/MultipartFinalize`."""

    request_header: RequestHeader
    transaction_reference: TransactionReference


class TransactionMultipartFinalizeResponse(Container):
    """POST `/Payment/v1/Transaction/MultipartFinalize`."""

    response_header: ResponseHeader


class TransactionRefundRequest(Container):
    """POST `/Payment/v1/Transaction/Refund`."""

    capture_reference: CaptureReference
    refund: Refund
    request_header: RequestHeader
    payment_methods_options: RefundPaymentMethodsOptions | None = None
    pending_notification: PendingNotification | None = None


class TransactionRefundResponse(Container):
    """POST `/Payment/v1/Transaction/Refund`."""

    payment_means: PaymentMeansInfo
    response_header: ResponseHeader
    transaction: RefundTransaction
    dcc: DccInfo | None = None


class TransactionAssertRefundRequest(Container):
    """POST `/Payment/v1/Transaction/AssertRefund`."""

    request_header: RequestHeader
    transaction_reference: TransactionReference


class TransactionAssertRefundResponse(Container):
    """POST `/Payment/v1/Transaction/AssertRefund`."""

    response_header: ResponseHeader
    status: Literal["PENDING", "CAPTURED"]
    transaction_id: Annotated[str, AlphaNumeric(1, 64)]
    date: WireDate | None = None  # absent while pending
    order_id: Annotated[str, Id(1, 80)] | None = None


class TransactionRefundDirectRequest(Container):
    """POST `/Payment/v1/Transaction/RefundDirect`."""

    payment_means: RefundDirectSupportingPaymentMeans
    refund: RefundDirect
    request_header: RequestHeader
    terminal_id: Annotated[str, Numeric(8, 8)]
    original_credit_transfer: OriginalCreditTransfer | None = None


class TransactionRefundDirectResponse(Container):
    """POST `/Payment/v1/Transaction/RefundDirect`."""

    payment_means: P2PEnabledPaymentMeansInfo
    response_header: ResponseHeader
    transaction: RefundTransaction


class TransactionCancelRequest(Container):
    """POST `/Payment/v1/Transaction/Cancel`."""

    request_header: RequestHeader
    transaction_reference: TransactionReference


class TransactionCancelResponse(Container):
    """POST `/Payment/v1/Transaction/Cancel`."""

    date: WireDate
    response_header: ResponseHeader
    transaction_id: Text
    order_id: Text | None = None


class BatchCloseRequest(Container):
    """POST `/Payment/v1/Batch/Close`."""

    request_header: RequestHeader
    terminal_id: Annotated[str, Numeric(8, 8)]


class BatchCloseResponse(Container):
    """POST `/Payment/v1/Batch/Close`."""

    response_header: ResponseHeader
