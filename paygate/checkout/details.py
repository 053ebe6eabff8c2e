"""Take the e-mail and postal address that a payer enters before paying (SPG-FRM-42, SPG-ADR-02 to 05).

What the payer enters is kept in the payer's own session; the offer never changes. An offer that asks for nothing takes
nothing, whatever is sent.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from paygate.checkout.asking import (
    UNSEEN,
    Details,
    asks,
    asks_email,
    completed,
    details_of,
    details_problems,
    missing,
    question_for,
)
from paygate.checkout.ending import lock_session
from paygate.checkout.open import open_session, session_in
from paygate.checkout.shop_pages import adopt, belongs_to
from paygate.checkout.states import SessionState
from paygate.checkout.wish import wish_of
from paygate.lifecycle.moves import together
from paygate.offers import payable
from paygate.offers.address_check import problems_of
from paygate.offers.models import Offer
from paygate.refusals import Problem, TermsRefused


def wrong_with(offer: Offer, entered: Details) -> list[Problem]:
    """What is missing and what is wrong, of that which the offer asks for."""
    found = problems_of(entered.address) if offer.address_editable else ()
    return [*missing(offer, entered.email, entered.address), *found]


def take_details(offer_id: UUID, given: Details, *, browser: str, now: datetime) -> None:
    """Keep what this browser's payer entered. A phone number that was left out stays as it was: it is not shown.

    Raises `TermsRefused` with every problem, or `NotPayable`.
    """
    with together(durable=True):
        offer = payable.lock(offer_id)
        why = payable.why_not_payable(offer, now=now)
        if why:
            raise payable.NotPayable(why)
        if not asks(offer):
            return
        known = question_for(offer, session_in(offer, browser))
        address = replace(given.address, phone=given.address.phone or known.address.phone)
        entered = Details(email=given.email or known.email, address=address)
        problems = wrong_with(offer, entered)
        if problems:
            raise TermsRefused(problems)
        session = open_session(wish_of(offer), browser=browser, now=now)
        if asks_email(offer):
            session.payer_email = entered.email
        if offer.address_editable:
            session.address = entered.address.as_row()
        session.save(update_fields=["payer_email", "address"])


def take_details_in(session_id: int, given: Details, *, browser: str) -> None:
    """Keep what the payer entered in a session without an offer. What is shown masked stays if it was left empty.

    Raises `TermsRefused` with every problem. In a session that is over or another browser's nothing is kept.
    """
    with together(durable=True):
        session = lock_session(session_id)
        if session.state != SessionState.OPEN or not belongs_to(session, browser):
            return
        adopt(session, browser)
        entered = completed(given, details_of(session), session.asks)
        problems = list(details_problems(entered, session.asks))
        if problems:
            raise TermsRefused(problems)
        session.payer_email = entered.email
        session.address = entered.address.as_row()
        session.delivery = entered.delivery.as_row()
        session.asks = [name for name in session.asks if name != UNSEEN]
        session.save(update_fields=["payer_email", "address", "delivery", "asks"])
