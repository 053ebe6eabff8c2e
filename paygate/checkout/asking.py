"""What an offer asks of its payer before a means is chosen: e-mail, postal address (SPG-FRM-42, SPG-ADR-02 to 05)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from paygate.addresses import Address
from paygate.checkout.models import Session
from paygate.checkout.next_step import AskAddress
from paygate.offers.address_check import missing_in
from paygate.offers.models import AskEmail, Offer
from paygate.refusals import Problem


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
        address=Address.of_row(session.address if session else offer.address),
    )


def missing(offer: Offer, email: str, address: Address) -> Iterator[Problem]:
    """What the payer must enter and has not."""
    if asks_email(offer) and offer.ask_email == AskEmail.MANDATORY and not email:
        yield Problem("email", _("Enter your e-mail address."))
    if offer.address_editable:
        for name in missing_in(address):
            yield Problem(name, _("Please fill in this field."))
