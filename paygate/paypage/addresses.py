"""The addresses of the payment pages."""

from django.urls import reverse

from paygate.checkout.models import CardPage, Session
from paygate.links.models import Link
from paygate.offers.models import Offer


def _of_offer(name: str, offer: Offer) -> str:
    return reverse(f"paypage:{name}", args=[offer.merchant.customer_id, offer.terminal.number, str(offer.pk)])


def _of_session(name: str, session: Session) -> str:
    return reverse(
        f"paypage:{name}", args=[session.merchant.customer_id, session.terminal.number, session.token]
    )


def link(offer: Offer) -> str:
    """The payment link's path."""
    return _of_offer("link", offer)


def details(offer: Offer) -> str:
    """The same link, at what it asks of the payer."""
    return f"{link(offer)}?details=1"


def tell(offer: Offer) -> str:
    """Where the payer's e-mail and address are sent."""
    return _of_offer("tell", offer)


def pay(offer: Offer) -> str:
    """Where the card form is sent."""
    return _of_offer("pay", offer)


def cancel(offer: Offer) -> str:
    """Where a payer gives up before a session exists."""
    return _of_offer("cancel", offer)


def link_status(offer: Offer) -> str:
    """Whether a link that is being paid shows something new."""
    return _of_offer("link_status", offer)


def _of_link(name: str, link: Link) -> str:
    return reverse(f"paypage:{name}", args=[link.merchant.customer_id, link.terminal.number, str(link.pk)])


def multi_use(link: Link) -> str:
    """The path of a multi-use link."""
    return _of_link("multi_use", link)


def begin(link: Link) -> str:
    """Where the payer's amount and e-mail are sent."""
    return _of_link("begin", link)


def cancel_link(link: Link) -> str:
    """Where a payer gives up before a session exists."""
    return _of_link("cancel_link", link)


def tell_in(of: Session) -> str:
    """Where the payer's e-mail and addresses are sent, in a session without an offer."""
    return _of_session("tell_in", of)


def pay_in(of: Session) -> str:
    """Where the card form is sent, in a session without an offer."""
    return _of_session("pay_in", of)


def details_in(of: Session) -> str:
    """The session's page, at what it asks of the payer."""
    return f"{session(of)}?details=1"


def session(of: Session) -> str:
    """The page of a session."""
    return _of_session("session", of)


def go_on(of: Session) -> str:
    """Where the browser brings its half of the card back."""
    return _of_session("continue", of)


def cancel_session(of: Session) -> str:
    """Where a payer gives up at the bank's door."""
    return _of_session("cancel_session", of)


def status(of: Session) -> str:
    """Whether there is something new to show."""
    return _of_session("status", of)


def come_back(of: Session) -> str:
    """Where a wallet sends the browser back to."""
    return _of_session("come_back", of)


def _of_card_page(name: str, of: CardPage) -> str:
    return reverse(f"paypage:{name}", args=[of.merchant.customer_id, of.token])


def card_page(of: CardPage) -> str:
    """The page on which a card is stored without a payment."""
    return _of_card_page("card_page", of)


def store_card(of: CardPage) -> str:
    """Where its form is sent."""
    return _of_card_page("store_card", of)


def cancel_card_page(of: CardPage) -> str:
    """Where the payer gives up there."""
    return _of_card_page("cancel_card_page", of)


def return_to_card_page(of: CardPage) -> str:
    """Where a wallet sends the browser back to."""
    return _of_card_page("return_to_card_page", of)


def continue_card_page(of: CardPage) -> str:
    """Where the browser brings its half of the card back, or its payer is back from a wallet."""
    return _of_card_page("continue_card_page", of)
