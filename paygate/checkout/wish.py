"""What a session is asked to collect, whoever asks: an offer today, a link or an API call in the same words."""

from dataclasses import dataclass

from paygate.addresses import Address
from paygate.merchants.models import Booking, Terminal
from paygate.money.amount import Money
from paygate.offers.models import Offer
from paygate.threeds.liability import Condition


@dataclass(frozen=True, slots=True)
class Wish:
    """Amount, reference and conditions as they were when the payer pressed the button (safety.md MO-7)."""

    terminal: Terminal
    amount: Money
    reference: str
    description: str
    booking: Booking
    condition: Condition
    language: str
    payer_email: str
    notify_emails: tuple[str, ...]
    address: Address
    address_editable: bool  # the payer's own words for it stay
    offer: Offer | None = None


def wish_of(offer: Offer) -> Wish:
    """What an offer asks for. The offer is locked by the caller."""
    return Wish(
        terminal=offer.terminal,
        amount=offer.amount,
        reference=offer.reference,
        description=offer.description,
        booking=Booking(offer.booking),
        condition=Condition(offer.condition),
        language=offer.language,
        payer_email=offer.payer_email,
        notify_emails=tuple(offer.notify_emails),
        address=Address.of_row(offer.address),
        address_editable=offer.address_editable,
        offer=offer,
    )
