"""Open a session for a wish; what a link shows before anything is begun."""

from datetime import datetime
from typing import Final
from uuid import UUID

from paygate import tokens
from paygate.checkout.asking import asks, question_for, still_asked
from paygate.checkout.models import Attempt, Session
from paygate.checkout.next_step import AskMeans, Checking, Closed, NextStep
from paygate.checkout.states import SESSION_LIFE, AttemptState, SessionState
from paygate.checkout.wish import Wish
from paygate.money.model_fields import columns
from paygate.offers.models import Offer
from paygate.offers.payable import WhyNot, note_opened, why_not_payable
from paygate.refusals import NotFound
from paygate.tenants.kept import Given, Kept

_OFFER: Final = Kept(
    lambda: (
        Offer.objects.select_related("terminal", "merchant")
        .filter(pk=Given("offer_id", Offer._meta.pk))
        .order_by()
    )
)


def offer_behind(customer_id: str, terminal_number: str, offer_id: str) -> Offer:
    """The offer of a link, within the merchant in context. Raises `NotFound`, one answer for all (safety.md LN-2)."""
    try:
        key = UUID(offer_id)
    except ValueError as error:
        raise NotFound from error
    offer = _OFFER.first(offer_id=key)
    if offer is None or (offer.merchant.customer_id, offer.terminal.number) != (customer_id, terminal_number):
        raise NotFound
    return offer


def look_at(offer: Offer, *, browser: str, now: datetime) -> NextStep | Session:
    """What opening the link shows. Changes nothing but "first opened" (safety.md ST-9).

    A browser that is in the middle of paying this offer gets its session back.
    """
    note_opened(offer, now=now)
    why = why_not_payable(offer, now=now)
    if why is None:
        if asks(offer):
            entered = session_in(offer, browser)
            if still_asked(offer, entered):
                return question_for(offer, entered)
        return AskMeans()
    if why is WhyNot.IN_PROGRESS:
        own = session_in(offer, browser)
        if own and own.attempts.filter(locks_offer=True).exists():
            return own
        if Attempt.objects.filter(offer=offer, state=AttemptState.UNKNOWN).exists():
            return Checking()
    return Closed(why)


def session_in(offer: Offer | None, browser: str) -> Session | None:
    """The open session of this browser."""
    return Session.objects.filter(offer=offer, browser=browser, state=SessionState.OPEN).first()


def open_session(wish: Wish, *, browser: str, now: datetime, is_first: bool = False) -> Session:
    """The browser's open session for this wish, or a new one with a token of its own; `is_first`: there is none."""
    session = None if is_first else session_in(wish.offer, browser)
    if session:
        kept = {"payer_email": wish.payer_email or session.payer_email}  # a message was promised there
        if wish.address_editable and session.address:
            kept["address"] = session.address
        Session.objects.filter(pk=session.pk).update(**copied(wish) | kept)
        session.refresh_from_db()
        return session
    session = Session.objects.create(
        merchant_id=wish.terminal.merchant_id,
        token=tokens.public_token(),
        browser=browser,
        terminal=wish.terminal,
        offer=wish.offer,
        opened_at=now,
        **copied(wish),
    )
    SESSION_LIFE.begin(session, by="payer", cause="opened", now=now)
    return session


def copied(wish: Wish) -> dict[str, object]:
    """The columns of a session that its wish fills."""
    return {
        **columns(wish.amount),
        "reference": wish.reference,
        "description": wish.description,
        "booking": wish.booking.value,
        "condition": wish.condition.value,
        "language": wish.language,
        "payer_email": wish.payer_email,
        "notify_emails": list(wish.notify_emails),
        "address": wish.address.as_row(),
        "delivery": wish.delivery.as_row(),
        "asks": list(wish.asks),
        "confirm": wish.confirm,
        "initial": wish.initial,
        "force_challenge": wish.force_challenge,
        "keeps": wish.keeps.as_row() if wish.keeps else {},
    }
