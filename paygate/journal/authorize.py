"""Reserve an amount on a means of payment: the question, and how it is put to the connector."""

from dataclasses import dataclass
from datetime import datetime

from paygate import tokens
from paygate.acquiring.choose import terminal_ref
from paygate.acquiring.connector import Answer, AuthorizeRequest, ThreeDSData
from paygate.acquiring.models import Contract
from paygate.acquiring.registry import connector_for
from paygate.cards.number import Card
from paygate.cards.wallet import Wallet
from paygate.journal.models import Entry, Kind, Movement, Origin
from paygate.journal.movements import ask
from paygate.journal.states import ENTRY_LIFE
from paygate.merchants.models import Booking
from paygate.methods import METHODS
from paygate.money.amount import Money
from paygate.money.model_fields import columns
from paygate.threeds.liability import Decision
from paygate.threeds.models import Authentication


@dataclass(frozen=True, slots=True)
class Payment:
    """What the journal is told about a payment that is about to be asked for."""

    contract: Contract
    amount: Money
    origin: Origin
    reference: str
    description: str
    booking: Booking
    single_use_of: str = ""
    multi_use_of: str = ""
    payer_email: str = ""
    card: Card | None = None
    authentication: Authentication | None = None
    decision: Decision | None = None
    initial: bool = False  # the first of a series
    again: Entry | None = None  # the first of the series that this one belongs to: its means is charged again


def begin_payment(payment: Payment, *, by: str, now: datetime) -> Movement:
    """The entry and the question, inside the caller's transaction."""
    contract, decision, again = payment.contract, payment.decision, payment.again
    authenticated = decision.authenticated if decision else None
    kind = decision.authentication_type.value if decision and decision.authentication_type else ""
    entry = Entry.objects.create(
        merchant_id=contract.merchant_id,
        transaction_id=tokens.transaction_id(),
        terminal_id=contract.terminal_id,
        contract=contract,
        origin=payment.origin,
        single_use_of=payment.single_use_of,
        multi_use_of=payment.multi_use_of,
        reference=payment.reference,
        description=payment.description,
        booking=payment.booking,
        payer_email=payment.payer_email,
        method=contract.method,
        initial=payment.initial,
        means=payment.card.number.masked if payment.card else again.means if again else "",
        api_digits=payment.card.number.api_digits if payment.card else again.api_digits if again else "",
        means_expiry=str(payment.card.expiry) if payment.card else again.means_expiry if again else "",
        authentication=payment.authentication,
        authenticated=authenticated,
        authentication_type=kind,
        created_at=now,
        **columns(payment.amount),
    )
    ENTRY_LIFE.begin(entry, by=by, cause="payment begun", now=now)
    return ask(entry, Kind.AUTHORIZE, payment.amount, by=by, now=now)


def put_to_acquirer(
    movement: Movement,
    *,
    card: Card | None,
    three_ds: ThreeDSData | None = None,
    return_url: str = "",
    again: Entry | None = None,
    wallet: Wallet | None = None,
    keeps_wallet: bool = False,
) -> Answer:
    """Call the connector. No transaction is open; the card lives in memory only.

    `again` is the first payment of a series: the acquirer knows the means of payment by it. `wallet` is charged without
    its payer; of another one the acquirer may be asked for what it can be charged with later.
    """
    entry = movement.entry
    wants_longer = entry.booking == Booking.PRE_AUTHORIZATION and METHODS[entry.method].pre_authorization
    return connector_for(entry.contract).authorize(
        AuthorizeRequest(
            request_id=movement.request_id,
            terminal=terminal_ref(entry.contract),
            amount=movement.amount,
            method=entry.method,
            card=card,
            reference=entry.reference,
            pre_authorization=wants_longer,
            three_ds=three_ds,
            return_url=return_url,
            initial=entry.initial,
            original_request_id=again.movements.get(kind=Kind.AUTHORIZE).request_id if again else "",
            original_reference=again.acquirer_reference if again else "",
            wallet_token=wallet.token if wallet else "",
            keeps_wallet=keeps_wallet,
        )
    )
