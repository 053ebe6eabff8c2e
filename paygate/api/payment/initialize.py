"""PaymentPage/Initialize: a program asks for a payment page (behaviour.md D, F)."""

from typing import Final

from paygate.acquiring.choose import contracts_for, currencies_of
from paygate.addresses import Address
from paygate.api.authentication import Caller
from paygate.api.error_names import WireError
from paygate.api.payment.alias_containers import wish_told
from paygate.api.payment.call import Task
from paygate.api.payment.containers import money_of, wire_time
from paygate.api.payment.direct import is_initial
from paygate.api.told import address_told, design_told, language_told, mailbox_known, mailbox_told, ways_back
from paygate.api.validation import invalid
from paygate.api.wire.options import Notification
from paygate.api.wire.payer import BillingAddressForm, DeliveryAddressForm
from paygate.api.wire.payment_page import PaymentPageInitializeRequest, PaymentPageInitializeResponse
from paygate.checkout.asking import HOLDER, UNSEEN
from paygate.checkout.shop_pages import Shop, address_of, open_page
from paygate.checkout.wish import Wish
from paygate.languages import DEFAULT_LANGUAGE
from paygate.merchants.models import Booking, Terminal
from paygate.methods import METHODS
from paygate.threeds.liability import Condition

_ANY_CARD: Final = "CARD"
_EMAIL: Final = "EMAIL"
_FIELDS: Final = {  # what the wire calls the fields of our address forms
    "CITY": "city",
    "COMPANY": "company",
    "COUNTRY": "country",
    "FIRSTNAME": "first_name",
    "LASTNAME": "last_name",
    "PHONE": "phone",
    "SALUTATION": "salutation",
    "STATE": "state",
    "STREET": "street",
    "VATNUMBER": "vat_number",
    "ZIP": "zip",
}


def initialize(
    caller: Caller, asked: PaymentPageInitializeRequest, task: Task
) -> PaymentPageInitializeResponse:
    """A page of its own with a token; nothing is asked of anybody yet."""
    strong = asked.authentication
    terminal = caller.terminal(asked.terminal_id)
    amount = money_of(asked.payment.amount, "Payment.Amount")
    if amount.minor == 0:
        raise invalid("Payment.Amount.Value")
    if amount.currency not in currencies_of(terminal):
        raise WireError("NO_CONTRACT")
    options = asked.payment.options
    is_held = bool(options and options.pre_auth)
    payer, note = asked.payer, asked.notification
    wish = Wish(
        terminal=terminal,
        amount=amount,
        reference=asked.payment.order_id or "",
        description=asked.payment.description,
        booking=Booking.PRE_AUTHORIZATION if is_held else Booking.FINAL,
        condition=Condition(asked.condition or Condition.NONE.value),
        language=language_told(payer.language_code if payer else None, DEFAULT_LANGUAGE),
        payer_email=_mailbox(asked),
        notify_emails=_notified(note),
        address=address_told(payer.billing_address) if payer else Address(),
        delivery=address_told(payer.delivery_address) if payer else Address(),
        address_editable=True,
        asks=_asks(asked),
        confirm=bool(note and note.payer_email),
        initial=is_initial(asked.payment),
        force_challenge=bool(strong and strong.three_ds_challenge == "FORCE"),
        keeps=wish_told(caller, asked.register_alias),
    )
    session, page = open_page(wish, _shop(asked, terminal), by=caller.actor.name, now=task.now)
    return PaymentPageInitializeResponse(
        response_header=task.header,
        token=session.token,
        expiration=wire_time(page.expires_at),
        redirect_url=address_of(session, caller.merchant, terminal.number),
    )


def _shop(asked: PaymentPageInitializeRequest, terminal: Terminal) -> Shop:
    note = asked.notification
    success, fail, abort = ways_back(asked.return_url, asked.return_urls)
    return Shop(
        success_url=success,
        fail_url=fail,
        abort_url=abort,
        notify_success=(note.success_notify_url if note else None) or "",
        notify_failure=(note.fail_notify_url if note else None) or "",
        methods=_methods(asked, terminal),
        design_id=design_told(asked.config_set),
    )


def _methods(asked: PaymentPageInitializeRequest, terminal: Terminal) -> tuple[str, ...]:
    """What is unknown, or not on the terminal, or not in this currency, is ignored (behaviour.md F-1, F-3)."""
    wanted = asked.payment_methods or []
    contracts = contracts_for(terminal, asked.payment.amount.currency_code)
    return tuple(
        contract.method
        for contract in contracts
        if METHODS[contract.method].wire_name in wanted
        or (_ANY_CARD in wanted and METHODS[contract.method].is_card)
    )


def _asks(asked: PaymentPageInitializeRequest) -> tuple[str, ...]:
    """What the page asks of the payer (behaviour.md F-5, F-6). Its form is shown, whatever the shop knows already.

    No means of payment here tells an address, so that PREFER_PAYMENTMETHOD is the form too.
    """
    names: list[str] = []
    for name, form in (("billing", asked.billing_address_form), ("delivery", asked.delivery_address_form)):
        if form is not None and form.address_source != "NONE":
            names += [name, *_must_have(name, form)]
    if names:
        names.append(UNSEEN)
    if asked.card_form and asked.card_form.holder_name == "MANDATORY":
        names.append(HOLDER)
    return tuple(dict.fromkeys(names))


def _must_have(name: str, form: BillingAddressForm | DeliveryAddressForm) -> list[str]:
    """The fields that must be filled in; by default all but salutation, company and phone."""
    if form.mandatory_fields is None:
        return ["email"] if name == "billing" else []
    email = ["email"] if _EMAIL in form.mandatory_fields else []
    fields = [f"{name}:{_FIELDS[field]}" for field in form.mandatory_fields if field != _EMAIL]
    return [*email, *(fields or [f"{name}:"])]


def _mailbox(asked: PaymentPageInitializeRequest) -> str:
    """The payer's: where the confirmation goes, or else as the shop knows it, if that is one."""
    note = asked.notification
    told = mailbox_told(note.payer_email if note else None, "Notification.PayerEmail")
    return told or mailbox_known(asked.payer)


def _notified(note: Notification | None) -> tuple[str, ...]:
    emails = (note.merchant_emails if note else None) or []
    return tuple(mailbox_told(one, "Notification.MerchantEmails") for one in emails)
