"""The table of path and function of the JSON API; each row is also a row of its description."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from paygate.api.payment import (
    alias,
    batch,
    direct,
    elsewhere,
    follow_up,
    in_app,
    initialize,
    multipart,
    order,
    payment_page,
    refund,
    transaction,
)
from paygate.api.payment.call import Call
from paygate.api.payment.envelope import answer
from paygate.api.wire import alias as stored
from paygate.api.wire import follow_up as after
from paygate.api.wire import payment_page as pages
from paygate.api.wire import transaction as transactions
from paygate.merchants.licence import Feature

CALLS: Final = (
    Call(
        "PaymentPage/Initialize",
        pages.PaymentPageInitializeRequest,
        pages.PaymentPageInitializeResponse,
        initialize.initialize,
    ),
    Call(
        "PaymentPage/Assert",
        pages.PaymentPageAssertRequest,
        pages.PaymentPageAssertResponse,
        payment_page.assert_page,
    ),
    Call(
        "Transaction/Inquire",
        transactions.TransactionInquireRequest,
        transactions.TransactionInquireResponse,
        transaction.inquire,
    ),
    Call(
        "Transaction/Initialize",
        transactions.TransactionInitializeRequest,
        transactions.TransactionInitializeResponse,
        order.initialize,
    ),
    Call(
        "Transaction/Authorize",
        transactions.TransactionAuthorizeRequest,
        transactions.TransactionAuthorizeResponse,
        order.authorize,
        moves=True,
    ),
    Call(
        "Transaction/AuthorizeDirect",
        transactions.TransactionAuthorizeDirectRequest,
        transactions.TransactionAuthorizeDirectResponse,
        direct.authorize_direct,
        moves=True,
    ),
    Call(
        "Transaction/AuthorizeReferenced",
        transactions.TransactionAuthorizeReferencedRequest,
        transactions.TransactionAuthorizeReferencedResponse,
        direct.authorize_referenced,
        moves=True,
    ),
    Call(
        "Transaction/AlternativePayment",
        transactions.TransactionAlternativePaymentRequest,
        transactions.TransactionAlternativePaymentResponse,
        in_app.begin,
        moves=True,
    ),
    Call(
        "Transaction/QueryAlternativePayment",
        transactions.TransactionQueryAlternativePaymentRequest,
        transactions.TransactionQueryAlternativePaymentResponse,
        in_app.query,
    ),
    Call(
        "Transaction/DccInquiry",
        transactions.TransactionDccInquiryRequest,
        transactions.TransactionDccInquiryResponse,
        elsewhere.dcc_inquiry,
    ),
    Call(
        "OmniChannel/InsertAlias",
        stored.OmniChannelInsertAliasRequest,
        stored.OmniChannelInsertAliasResponse,
        elsewhere.insert_alias,
        feature=Feature.SECURE_CARD_DATA,
    ),
    Call(
        "OmniChannel/AcquireTransaction",
        stored.OmniChannelAcquireTransactionRequest,
        stored.OmniChannelAcquireTransactionResponse,
        elsewhere.acquire_transaction,
    ),
    Call(
        "Transaction/Capture",
        after.TransactionCaptureRequest,
        after.TransactionCaptureResponse,
        follow_up.capture,
        moves=True,
    ),
    Call(
        "Transaction/MultipartCapture",
        after.TransactionMultipartCaptureRequest,
        after.TransactionMultipartCaptureResponse,
        multipart.capture,
        moves=True,
    ),
    Call(
        "Transaction/MultipartFinalize",
        after.TransactionMultipartFinalizeRequest,
        after.TransactionMultipartFinalizeResponse,
        multipart.finalize,
        moves=True,
    ),
    Call(
        "Transaction/AssertCapture",
        after.TransactionAssertCaptureRequest,
        after.TransactionAssertCaptureResponse,
        follow_up.assert_capture,
    ),
    Call(
        "Transaction/Refund",
        after.TransactionRefundRequest,
        after.TransactionRefundResponse,
        refund.refund,
        moves=True,
    ),
    Call(
        "Transaction/RefundDirect",
        after.TransactionRefundDirectRequest,
        after.TransactionRefundDirectResponse,
        refund.refund_direct,
        moves=True,
    ),
    Call(
        "Transaction/AssertRefund",
        after.TransactionAssertRefundRequest,
        after.TransactionAssertRefundResponse,
        refund.assert_refund,
    ),
    Call(
        "Transaction/Cancel",
        after.TransactionCancelRequest,
        after.TransactionCancelResponse,
        follow_up.cancel,
        moves=True,
    ),
    Call(
        "Alias/Insert",
        stored.AliasInsertRequest,
        stored.AliasInsertResponse,
        alias.insert,
        feature=Feature.SECURE_CARD_DATA,
    ),
    Call(
        "Alias/AssertInsert",
        stored.AliasAssertInsertRequest,
        stored.AliasAssertInsertResponse,
        alias.assert_insert,
        feature=Feature.SECURE_CARD_DATA,
    ),
    Call(
        "Alias/InsertDirect",
        stored.AliasInsertDirectRequest,
        stored.AliasInsertDirectResponse,
        alias.insert_direct,
        moves=True,
        feature=Feature.SECURE_CARD_DATA,
    ),
    Call(
        "Alias/Update",
        stored.AliasUpdateRequest,
        stored.AliasUpdateResponse,
        alias.update,
        moves=True,
        feature=Feature.SECURE_CARD_DATA,
    ),
    Call(
        "Alias/Delete",
        stored.AliasDeleteRequest,
        stored.AliasDeleteResponse,
        alias.delete,
        moves=True,
        feature=Feature.SECURE_CARD_DATA,
    ),
    Call(
        "Alias/Inquire",
        stored.AliasInquireRequest,
        stored.AliasInquireResponse,
        alias.inquire,
        feature=Feature.SECURE_CARD_DATA,
    ),
    Call("Batch/Close", after.BatchCloseRequest, after.BatchCloseResponse, batch.close, moves=True),
)


def _view(call: Call) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        return answer(request, call)

    return view


urlpatterns: list[URLPattern] = [path(call.path, _view(call)) for call in CALLS]
