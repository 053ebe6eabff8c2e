"""What is asked of a payer before a means is chosen: e-mail, postal addresses (SPG-FRM-42, SPG-ADR, SPG-MUP-04).

An offer asks what its merchant wished. A session without an offer carries what it must have in `asks`: "email",
"billing", "delivery", and "holder", the name on the card. "billing:city" names a field that must be filled in; without
any such name the usual ones must, and with "billing:" alone none. "unseen": the form must be seen first, even with
nothing missing in it, because what it shows is the shop's word and not the payer's.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from django.utils.translation import gettext_lazy as _

from paygate.addresses import Address
from paygate.checkout.models import Session
from paygate.checkout.next_step import AskAddress
from paygate.offers.address_check import NEEDED, missing_in, problems_of
from paygate.offers.models import AskEmail, Offer
from paygate.refusals import Problem

DELIVERY: Final = "delivery_"  # begins the names of the fields of a delivery address
HOLDER: Final = "holder"
UNSEEN: Final = "unseen"


@dataclass(frozen=True, slots=True)
class Details:
    """What the payer entered. The mailbox was parsed by the entrance."""

    email: str = ""
    address: Address = field(default_factory=Address)
    delivery: Address = field(default_factory=Address)


def asks_email(offer: Offer) -> bool:
    """Does the page ask for the buyer's e-mail address? Not where the merchant entered one."""
    return offer.ask_email != AskEmail.NO and not offer.payer_email


def asks(offer: Offer) -> bool:
    """Does the page ask for anything?"""
    return offer.address_editable or asks_email(offer)


def still_asked(offer: Offer, session: Session | None) -> bool:
    """Must this browser's payer be asked before paying? Not after an answer, as long as it is enough."""
    if not asks(offer):
        return False
    return session is None or any(missing(offer, session.payer_email, Address.of_row(session.address)))


def question_for(offer: Offer, session: Session | None) -> AskAddress:
    """What the page asks for, with what is known: entered by this browser's payer before, else by the merchant."""
    return AskAddress(
        asks_email=asks_email(offer),
        email_needed=offer.ask_email == AskEmail.MANDATORY,
        email=session.payer_email if session else "",
        asks_address=offer.address_editable,
        address_needed=NEEDED,
        address=Address.of_row(session.address if session else offer.address),
    )


def missing(offer: Offer, email: str, address: Address) -> Iterator[Problem]:
    """What the payer must enter and has not."""
    if asks_email(offer) and offer.ask_email == AskEmail.MANDATORY and not email:
        yield _no_email()
    if offer.address_editable:
        yield from _not_filled_in(address, NEEDED)


def needed_of(form: str, names: Collection[str]) -> tuple[str, ...]:
    """The fields of an address form, "billing" or "delivery", that must be filled in."""
    named = [name.partition(":")[2] for name in names if name.startswith(f"{form}:")]
    return tuple(filter(None, named)) if named else NEEDED


def question_of(session: Session) -> AskAddress:
    """What a session without an offer asks its payer for, with what was entered before."""
    return AskAddress(
        asks_email=True,
        email_needed="email" in session.asks,
        confirms=session.confirm,
        email=session.payer_email,
        asks_address="billing" in session.asks,
        address=Address.of_row(session.address),
        asks_delivery="delivery" in session.asks,
        delivery=Address.of_row(session.delivery),
        address_needed=needed_of("billing", session.asks),
        delivery_needed=needed_of("delivery", session.asks),
    )


def is_complete(session: Session) -> bool:
    """Is everything known that a session without an offer must have?"""
    return UNSEEN not in session.asks and not any(_missing(details_of(session), session.asks))


def details_of(session: Session) -> Details:
    """What was entered so far."""
    return Details(session.payer_email, Address.of_row(session.address), Address.of_row(session.delivery))


def completed(given: Details, known: Details, names: Collection[str]) -> Details:
    """What was entered, with what is known already where it is not asked for, or was shown masked and left empty.

    A delivery address that was left empty is the same as the billing address, where that is asked for.
    """
    address, delivery = known.address, known.delivery
    if "billing" in names:
        address = replace(given.address, phone=given.address.phone or address.phone)
    if "delivery" in names and given.delivery.is_empty:
        delivery = address if "billing" in names else given.delivery
    elif "delivery" in names:
        delivery = replace(given.delivery, phone=given.delivery.phone or delivery.phone)
    return Details(given.email or known.email, address, delivery)


def details_problems(details: Details, names: Collection[str]) -> Iterator[Problem]:
    """What is missing and what is wrong, of that which is asked for."""
    yield from _missing(details, names)
    if "billing" in names:
        yield from problems_of(details.address)
    if "delivery" in names and details.delivery != details.address:
        yield from problems_of(details.delivery, prefix=DELIVERY)


def _missing(details: Details, names: Collection[str]) -> Iterator[Problem]:
    if "email" in names and not details.email:
        yield _no_email()
    billing, delivery = needed_of("billing", names), needed_of("delivery", names)
    if "billing" in names:
        yield from _not_filled_in(details.address, billing)
    if "delivery" in names:
        if "billing" in names and details.delivery == details.address:
            delivery = tuple(name for name in delivery if name not in billing)  # else it is said above
        yield from _not_filled_in(details.delivery, delivery, prefix=DELIVERY)


def _no_email() -> Problem:
    return Problem("email", _("Enter your e-mail address."))


def _not_filled_in(address: Address, needed: Collection[str], *, prefix: str = "") -> Iterator[Problem]:
    for name in missing_in(address, needed):
        yield Problem(prefix + name, _("Please fill in this field."))
