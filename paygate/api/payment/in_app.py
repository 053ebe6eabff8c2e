"""Payments in an app of the payer's: AlternativePayment and its query (api.json, ChapterTransaction.md)."""

from functools import partial
from typing import Final

from django.conf import settings

from paygate.acquiring.choose import contract_for_brand
from paygate.addresses import Address
from paygate.api.authentication import Caller
from paygate.api.error_names import WireError
from paygate.api.payment.call import Task
from paygate.api.payment.containers import (
    liability_of,
    means_of,
    money_of,
    payer_of,
    payment_of,
    wire_time,
)
from paygate.api.payment.direct import answer_or_raise, begun_once, booking_of, is_initial
from paygate.api.payment.find import addresses_of
from paygate.api.payment.payment_page import STILL_RUNNING
from paygate.api.told import address_told, language_told, mailbox_known, mailbox_told, refuse_unserved
from paygate.api.validation import invalid
from paygate.api.wire.results import AlternativePaymentProcessingData, BancontactProcessingData
from paygate.api.wire.transaction import (
    TransactionAlternativePaymentRequest,
    TransactionAlternativePaymentResponse,
    TransactionQueryAlternativePaymentRequest,
    TransactionQueryAlternativePaymentResponse,
)
from paygate.checkout.direct import (
    Means,
    as_it_is,
    ask_for_money,
    begin_direct,
    is_undecided,
    look_after,
)
from paygate.checkout.models import PageKind, Session
from paygate.checkout.shop_pages import Shop, page_of
from paygate.checkout.wish import Wish
from paygate.languages import DEFAULT_LANGUAGE
from paygate.merchants.models import Terminal
from paygate.threeds.liability import Condition

_BEGUN: Final = "app:"  # what an errand notes
_SERVED: Final = "BANCONTACT"


def begin(
    caller: Caller, asked: TransactionAlternativePaymentRequest, task: Task
) -> TransactionAlternativePaymentResponse:
    """Ask for a payment that the payer confirms in an app. The answer has what the shop shows as a code or opens.

    BLIK has a contract with nobody here: no connector takes its code.
    """
    terminal = caller.terminal(asked.terminal_id)
    if asked.payment_method != _SERVED:
        raise WireError("NO_CONTRACT")
    refuse_unserved({"Payment.Recurring.Initial": is_initial(asked.payment)})
    wish = _wish(asked, terminal)
    contract = contract_for_brand(terminal, asked.payment_method, wish.amount.currency)
    note, means = asked.notification.state_notification_url, Means()
    attempt = begun_once(
        task,
        _BEGUN,
        partial(
            begin_direct,
            wish,
            contract,
            means,
            by=caller.actor.name,
            now=task.now,
            shop=Shop(success_url="", fail_url="", abort_url="", notify_success=note, notify_failure=note),
            kind=PageKind.IN_APP,
        ),
    )
    attempt = ask_for_money(attempt, means, return_url=_way_back(asked), now=task.now)
    if not attempt.onward_url:
        answer_or_raise(attempt)
    page = page_of(attempt.session)
    assert page is not None, "it was made with its session"
    shown = BancontactProcessingData(intent_url=attempt.onward_url, qr_code_data=attempt.onward_url)
    return TransactionAlternativePaymentResponse(
        response_header=task.header,
        token=attempt.session.token,
        expiration=wire_time(page.expires_at),
        processing_data=AlternativePaymentProcessingData(bancontact=shown),
    )


def query(
    caller: Caller, asked: TransactionQueryAlternativePaymentRequest, task: Task
) -> TransactionQueryAlternativePaymentResponse:
    """How it ended. While the payer is in the app: still in progress."""
    session = Session.objects.filter(token=asked.token).first()
    page = page_of(session) if session else None
    if session is None or page is None or page.kind != PageKind.IN_APP:
        raise WireError("TOKEN_INVALID")
    attempt = look_after(as_it_is(session.attempts.get().pk), now=task.now)
    if is_undecided(attempt):
        raise WireError("TRANSACTION_IN_WRONG_STATE", message=STILL_RUNNING, order_id=session.reference)
    entry = answer_or_raise(attempt).entry
    assert entry is not None, "what is paid stands in the journal"
    return TransactionQueryAlternativePaymentResponse(
        response_header=task.header,
        transaction=payment_of(entry),
        payment_means=means_of(entry),
        payer=payer_of(entry, *addresses_of(session)),
        liability=liability_of(entry),
    )


def _wish(asked: TransactionAlternativePaymentRequest, terminal: Terminal) -> Wish:
    wished, payer, note = asked.payment, asked.payer, asked.notification
    amount = money_of(wished.amount, "Payment.Amount")
    if amount.minor == 0:
        raise invalid("Payment.Amount.Value")
    return Wish(
        terminal=terminal,
        amount=amount,
        reference=wished.order_id or "",
        description=wished.description or "",
        booking=booking_of(wished.options),
        condition=Condition.NONE,
        language=language_told(payer.language_code if payer else None, DEFAULT_LANGUAGE),
        payer_email=mailbox_told(note.payer_email, "Notification.PayerEmail") or mailbox_known(payer),
        notify_emails=tuple(
            mailbox_told(one, "Notification.MerchantEmails") for one in note.merchant_emails or []
        ),
        address=address_told(payer.billing_address) if payer else Address(),
        delivery=address_told(payer.delivery_address) if payer else Address(),
        address_editable=False,
        confirm=bool(note.payer_email),
    )


def _way_back(asked: TransactionAlternativePaymentRequest) -> str:
    """Where the app sends the payer afterwards."""
    options = asked.payment_method_options
    told = options.bancontact if options else None
    wished = (told.app_completion_redirect_url or told.app_default_redirect_url) if told else None
    return wished or str(settings.PAYGATE_PUBLIC_URL)
