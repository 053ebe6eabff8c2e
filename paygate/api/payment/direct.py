"""Payments without the payer: AuthorizeDirect and AuthorizeReferenced (behaviour.md G-12, O-9, R)."""

from collections.abc import Callable
from functools import partial
from typing import Final

from paygate.acquiring.choose import contract_for_brand
from paygate.acquiring.models import Contract
from paygate.addresses import Address
from paygate.api.authentication import Caller
from paygate.api.error_names import RETRY, RETRY_LATER, WireError
from paygate.api.payment.alias_containers import registration_result, result_told, wish_told
from paygate.api.payment.call import Task
from paygate.api.payment.containers import liability_of, means_of, money_of, payer_of, payment_of
from paygate.api.payment.find import entry_meant
from paygate.api.payment.means_told import means_told
from paygate.api.payment.payment_page import why_failed
from paygate.api.told import address_told, mailbox_known, refuse_unserved
from paygate.api.validation import invalid
from paygate.api.wire.common import PaymentOptions
from paygate.api.wire.options import BasicPayment, P2PEnabledPayment, Payment, PaymentPagePayment
from paygate.api.wire.results import P2PEnabledPaymentMeansInfo
from paygate.api.wire.transaction import (
    TransactionAuthorizeDirectRequest,
    TransactionAuthorizeDirectResponse,
    TransactionAuthorizeReferencedRequest,
    TransactionAuthorizeReferencedResponse,
)
from paygate.cards.wallet import Wallet
from paygate.checkout.direct import (
    NOTHING_RESERVED,
    WITHOUT_PAYER,
    Means,
    as_it_is,
    ask_for_money,
    begin_direct,
    is_undecided,
)
from paygate.checkout.models import Attempt
from paygate.checkout.states import AttemptState
from paygate.checkout.wallets import acquirer_of
from paygate.checkout.wish import Wish
from paygate.languages import DEFAULT_LANGUAGE
from paygate.merchants.models import Booking, Terminal
from paygate.methods import METHODS
from paygate.threeds.liability import Condition

_BEGUN: Final = "attempt:"  # what an errand notes


def authorize_direct(
    caller: Caller, asked: TransactionAuthorizeDirectRequest, task: Task
) -> TransactionAuthorizeDirectResponse:
    """Reserve on a card or an alias while its holder is away. The merchant bears the risk, unless the program brings a
    proof of its card's holder.
    """
    wished, strong = asked.payment, asked.authentication
    external = strong.external_three_ds if strong else None
    refuse_unserved({"Dcc": asked.dcc})
    terminal = caller.terminal(asked.terminal_id)
    told = means_told(caller, asked.payment_means, now=task.now)
    if isinstance(told, Wallet):
        if external:
            raise invalid("Authentication.ExternalThreeDS")
        method, means = told.method, Means(wallet=told)
    else:
        proof = result_told(external, told) if external else None
        method, means = told.number.brand.name, Means(card=told, proof=proof)
    wish = Wish(
        terminal=terminal,
        amount=money_of(wished.amount, "Payment.Amount"),
        reference=wished.order_id or "",
        description=wished.description or "",
        booking=booking_of(wished.options),
        condition=Condition.NONE,
        language=DEFAULT_LANGUAGE,
        payer_email=mailbox_known(asked.payer),
        notify_emails=(),
        address=address_told(asked.payer.billing_address) if asked.payer else Address(),
        delivery=address_told(asked.payer.delivery_address) if asked.payer else Address(),
        address_editable=False,
        confirm=False,
        initial=is_initial(wished),
        keeps=wish_told(caller, asked.register_alias),
    )
    if method not in WITHOUT_PAYER:
        raise WireError(
            "PAYMENTMEANS_NOT_SUPPORTED", "This means of payment is only for payers who are present."
        )
    contract = contract_for_brand(terminal, method, wish.amount.currency)
    if means.wallet and means.wallet.acquirer != acquirer_of(contract):  # which alone knows the token
        raise WireError("NO_CONTRACT")
    attempt = _asked(caller, wish, contract, means, task)
    entry = attempt.entry
    assert entry is not None, "what is paid stands in the journal"
    return TransactionAuthorizeDirectResponse(
        response_header=task.header,
        transaction=payment_of(entry),
        payment_means=P2PEnabledPaymentMeansInfo.model_validate(means_of(entry).as_wire()),
        payer=payer_of(entry, wish.address, wish.delivery),
        liability=liability_of(entry),
        registration_result=registration_result(attempt.session),
    )


def authorize_referenced(
    caller: Caller, asked: TransactionAuthorizeReferencedRequest, task: Task
) -> TransactionAuthorizeReferencedResponse:
    """Charge the means of payment of a series' first payment again, for any amount (behaviour.md R-1, R-2)."""
    terminal = caller.terminal(asked.terminal_id)
    first = entry_meant(asked.transaction_reference)
    if not first.succeeded:
        raise WireError("TRANSACTION_NOT_FOUND")
    if not (first.initial and METHODS[first.method].recurring):
        raise WireError(
            "ACTION_NOT_SUPPORTED",
            "The transaction is not the first of a series.",
            transaction_id=first.transaction_id,
        )
    wish = _wish_again(asked.payment, terminal)
    contract = contract_for_brand(terminal, first.method, wish.amount.currency)
    if contract.pk != first.contract_id:  # its acquirer alone knows the means of payment
        raise WireError("NO_CONTRACT", transaction_id=first.transaction_id)
    attempt = _asked(caller, wish, contract, Means(again=first), task)
    entry = attempt.entry
    assert entry is not None, "what is paid stands in the journal"
    return TransactionAuthorizeReferencedResponse(
        response_header=task.header,
        transaction=payment_of(entry),
        payment_means=means_of(entry),
        payer=payer_of(entry, Address(), Address()),
    )


def is_initial(wished: P2PEnabledPayment | Payment | PaymentPagePayment) -> bool:
    """Is this the first payment of a series? Instalments are one too."""
    recurring, installment = wished.recurring, wished.installment
    return bool(recurring and recurring.initial) or bool(installment and installment.initial)


def begins_anew(attempt: Attempt) -> bool:
    """Is nothing reserved, and was the program told to send the same again? Then it is asked again."""
    if attempt.state == AttemptState.DECLINED:  # it never arrived, or the acquirer was not there
        return why_failed(attempt.session, attempt).behavior == RETRY
    return attempt.state in NOTHING_RESERVED


def begun_once(task: Task, mark: str, begin: Callable[..., Attempt]) -> Attempt:
    """What an interrupted run of this request has begun, as its errand notes behind the mark; else it begins now."""
    about = task.errand.about
    if about.startswith(mark):
        before = as_it_is(int(about.removeprefix(mark)))
        if not begins_anew(before):
            return before
    return begin(note=lambda begun: task.errand.note(f"{mark}{begun.pk}"))


def answer_or_raise(attempt: Attempt) -> Attempt:
    """A payment that succeeded; else raises what the wire calls its end, or that there is none yet."""
    named = attempt.entry.transaction_id if attempt.entry else ""
    order = attempt.session.reference
    if attempt.state == AttemptState.PAID:
        return attempt
    if is_undecided(attempt):  # we ask on by ourselves; the same request finds out how it ended
        raise WireError("COMMUNICATION_TIMEOUT", behavior=RETRY, transaction_id=named, order_id=order)
    if attempt.state == AttemptState.DECLINED:
        raise why_failed(attempt.session, attempt)
    # Never sent; or never answered, and given back.
    behavior = RETRY if attempt.state in NOTHING_RESERVED else RETRY_LATER
    raise WireError("COMMUNICATION_FAILED", behavior=behavior, transaction_id=named, order_id=order)


def _wish_again(wished: BasicPayment, terminal: Terminal) -> Wish:
    return Wish(
        terminal=terminal,
        amount=money_of(wished.amount, "Payment.Amount"),
        reference=wished.order_id or "",
        description=wished.description or "",
        booking=Booking.FINAL,
        condition=Condition.NONE,
        language=DEFAULT_LANGUAGE,
        payer_email="",
        notify_emails=(),
        address=Address(),
        address_editable=False,
        confirm=False,
    )


def booking_of(options: PaymentOptions | None) -> Booking:
    """A longer reservation where it is wished; what the method can is decided later (behaviour.md J-1)."""
    is_held = bool(options and options.pre_auth)
    return Booking.PRE_AUTHORIZATION if is_held else Booking.FINAL


def _asked(caller: Caller, wish: Wish, contract: Contract, means: Means, task: Task) -> Attempt:
    """Begin it, or go on with what an interrupted run of this request has begun (safety.md ID-4)."""
    if wish.amount.minor == 0:
        raise invalid("Payment.Amount.Value")
    attempt = begun_once(
        task, _BEGUN, partial(begin_direct, wish, contract, means, by=caller.actor.name, now=task.now)
    )
    return answer_or_raise(ask_for_money(attempt, means, by=caller.actor.name, now=task.now))
