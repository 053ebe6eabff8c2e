"""What a session is asked to collect, whoever asks: an offer or a multi-use link, in the same words."""

from dataclasses import dataclass, field

from paygate import tokens
from paygate.addresses import Address
from paygate.aliases.store import AliasWish
from paygate.links.models import Link
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
    delivery: Address = field(default_factory=Address)
    offer: Offer | None = None
    link: Link | None = None
    asks: tuple[str, ...] = ()  # without an offer: what must be known of the payer first, see asking.py
    confirm: bool = True
    initial: bool = False  # the first of a series
    force_challenge: bool = False
    keeps: AliasWish | None = None  # the card is stored with the payment, under such a name


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
        confirm=offer.confirm,
        offer=offer,
        keeps=AliasWish() if offer.save_means else None,
    )


def asked_by(link: Link) -> tuple[str, ...]:
    """What a link must know of its payer (SPG-MUF-16, 20, 21)."""
    needed = {
        "email": link.email_required,
        "billing": link.billing_required,
        "delivery": link.delivery_required,
    }
    return tuple(name for name, is_needed in needed.items() if is_needed)


def wish_of_link(link: Link, amount: Money, payer_email: str) -> Wish:
    """What a multi-use link asks of one payer, under a reference of its own (SPG-MUF-18, 19)."""
    return Wish(
        terminal=link.terminal,
        amount=amount,
        reference=link.reference_prefix + tokens.readable_reference(),
        description=link.description,
        booking=Booking(link.booking),
        condition=Condition(link.condition),
        language=link.language,
        payer_email=payer_email,
        notify_emails=tuple(link.notify_emails),
        address=Address(),
        address_editable=True,
        link=link,
        asks=asked_by(link),
        confirm=link.confirm,
    )
