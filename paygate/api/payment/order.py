"""The Transaction interface with the payer: Initialize and Authorize (behaviour.md D-10 to D-12, G-2, G-3)."""

from typing import Final

from paygate.acquiring.choose import contracts_for
from paygate.addresses import Address
from paygate.api.authentication import Caller
from paygate.api.error_names import RETRY_LATER, WireError
from paygate.api.payment.alias_containers import registration_result, wish_told
from paygate.api.payment.call import Task
from paygate.api.payment.containers import (
    liability_of,
    means_of,
    money_of,
    payer_of,
    payment_of,
    wire_time,
)
from paygate.api.payment.direct import answer_or_raise, begins_anew, booking_of, is_initial
from paygate.api.payment.find import addresses_of
from paygate.api.payment.means_told import card_told
from paygate.api.payment.payment_page import why_failed
from paygate.api.told import address_told, design_told, language_told, mailbox_known, ways_back
from paygate.api.validation import invalid
from paygate.api.wire.results import Redirect
from paygate.api.wire.transaction import (
    TransactionAuthorizeRequest,
    TransactionAuthorizeResponse,
    TransactionInitializeRequest,
    TransactionInitializeResponse,
)
from paygate.checkout.asking import HOLDER
from paygate.checkout.direct import as_it_is
from paygate.checkout.models import Attempt, PageKind, Session
from paygate.checkout.order import NotReady, open_order, take_money
from paygate.checkout.shop_pages import Shop, address_of, page_of
from paygate.checkout.states import LIVE, AttemptState, SessionState
from paygate.checkout.wish import Wish
from paygate.languages import DEFAULT_LANGUAGE
from paygate.merchants.models import Terminal
from paygate.methods import METHODS
from paygate.threeds.liability import Condition

_ANY_CARD: Final = "CARD"


def initialize(
    caller: Caller, asked: TransactionInitializeRequest, task: Task
) -> TransactionInitializeResponse:
    """An order with a token. Where the payer is needed, the answer says where to send the payer."""
    wished, strong, notify = asked.payment, asked.authentication, asked.redirect_notify_urls
    terminal = caller.terminal(asked.terminal_id)
    amount = money_of(wished.amount, "Payment.Amount")
    if amount.minor == 0:
        raise invalid("Payment.Amount.Value")
    cards = _cards(terminal, asked)
    if not cards:
        raise WireError("NO_CONTRACT")
    payer = asked.payer
    wish = Wish(
        terminal=terminal,
        amount=amount,
        reference=wished.order_id or "",
        description=wished.description or "",
        booking=booking_of(wished.options),
        condition=Condition.NONE,
        language=language_told(payer.language_code if payer else None, DEFAULT_LANGUAGE),
        payer_email=mailbox_known(payer),
        notify_emails=(),
        address=address_told(payer.billing_address) if payer else Address(),
        delivery=address_told(payer.delivery_address) if payer else Address(),
        address_editable=False,
        confirm=False,
        asks=(HOLDER,) if asked.card_form and asked.card_form.holder_name == "MANDATORY" else (),
        initial=is_initial(wished),
        force_challenge=bool(strong and strong.three_ds_challenge == "FORCE"),
    )
    success, fail, abort = ways_back(asked.return_url, asked.return_urls)
    shop = Shop(
        success_url=success,
        fail_url=fail,
        abort_url=abort,
        notify_success=notify.success if notify else "",
        notify_failure=notify.fail if notify else "",
        methods=cards,
        design_id=design_told(asked.config_set),
    )
    card = card_told(caller, asked.payment_means, now=task.now) if asked.payment_means else None
    session, page, is_needed = open_order(wish, shop, card=card, by=caller.actor.name, now=task.now)
    redirect = Redirect(
        payment_means_required=card is None,
        redirect_url=address_of(session, caller.merchant, terminal.number),
    )
    return TransactionInitializeResponse(
        response_header=task.header,
        token=session.token,
        expiration=wire_time(page.expires_at),
        redirect_required=is_needed,
        redirect=redirect if is_needed else None,
    )


def authorize(caller: Caller, asked: TransactionAuthorizeRequest, task: Task) -> TransactionAuthorizeResponse:
    """Take the money of an order, once; after a failed redirect it tells the failure (behaviour.md D-12)."""
    session = Session.objects.filter(token=asked.token).first()
    page = page_of(session) if session else None
    if session is None or page is None or page.kind != PageKind.TRANSACTION:
        raise WireError("TOKEN_INVALID")
    named = session.attempts.order_by("pk").values_list("pk", flat=True).last()
    attempt = as_it_is(named) if named else None
    is_repeat = bool(attempt and task.errand.about == _about(attempt))
    if attempt is None or not (is_repeat or attempt.is_ready):
        raise _not_ready(session, attempt, is_over=page.expires_at <= task.now)
    if attempt.is_ready:
        if page.expires_at <= task.now:
            raise WireError("TOKEN_EXPIRED", order_id=session.reference)
        keeps = wish_told(caller, asked.register_alias)
        begun = attempt
        try:
            take_money(
                attempt,
                Condition(asked.condition or Condition.NONE.value),
                keeps=keeps,
                note=lambda: task.errand.note(_about(begun)),
                now=task.now,
            )
        except NotReady as refused:  # another request was faster
            raise WireError(
                "TRANSACTION_IN_WRONG_STATE",
                order_id=session.reference,
                transaction_id=_named(as_it_is(attempt.pk)),
            ) from refused
        attempt = as_it_is(attempt.pk)
    if attempt.state == AttemptState.ABANDONED:  # the card waited too long
        raise WireError("TOKEN_EXPIRED", order_id=session.reference)
    if begins_anew(
        attempt
    ):  # nothing was reserved; but the card is gone, and only a new order brings another
        raise WireError(
            "COMMUNICATION_FAILED",
            behavior=RETRY_LATER,
            transaction_id=_named(attempt),
            order_id=session.reference,
        )
    attempt = answer_or_raise(attempt)
    entry = attempt.entry
    assert entry is not None, "what is paid stands in the journal"
    return TransactionAuthorizeResponse(
        response_header=task.header,
        transaction=payment_of(entry),
        payment_means=means_of(entry),
        payer=payer_of(entry, *addresses_of(session)),
        liability=liability_of(entry),
        registration_result=registration_result(attempt.session),
    )


def _about(attempt: Attempt) -> str:
    return f"order:{attempt.pk}"


def _not_ready(session: Session, attempt: Attempt | None, *, is_over: bool) -> WireError:
    """Why there is nothing to take: not begun, under way, over, or done before."""
    order = session.reference
    if attempt is not None and attempt.state == AttemptState.DECLINED:
        return why_failed(session, attempt)
    if session.state == SessionState.ABORTED:
        return WireError("TRANSACTION_ABORTED", order_id=order)
    if session.state != SessionState.PAID and (is_over or (attempt is not None and attempt.ready_at)):
        live = attempt is not None and attempt.state in LIVE
        return WireError("TRANSACTION_IN_WRONG_STATE" if live else "TOKEN_EXPIRED", order_id=order)
    name = "TRANSACTION_NOT_STARTED" if attempt is None else "TRANSACTION_IN_WRONG_STATE"
    return WireError(name, order_id=order, transaction_id=_named(attempt))


def _named(attempt: Attempt | None) -> str:
    return attempt.entry.transaction_id if attempt and attempt.entry else ""


def _cards(terminal: Terminal, asked: TransactionInitializeRequest) -> tuple[str, ...]:
    """The cards that the terminal takes; only those that are asked for, as far as it knows them (behaviour.md F-1)."""
    found = [
        contract.method
        for contract in contracts_for(terminal, asked.payment.amount.currency_code)
        if METHODS[contract.method].is_card
    ]
    wanted = asked.payment_methods or []
    named = [method for method in found if METHODS[method].wire_name in wanted or _ANY_CARD in wanted]
    return tuple(named or found)
