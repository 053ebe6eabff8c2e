"""Everything a successful payment causes. Read this page and you know it all."""

from datetime import datetime
from typing import Final

from paygate.checkout import keep_card
from paygate.checkout.ending import PAYER
from paygate.checkout.letters import merchant_notices, payer_confirmations, queue_letters
from paygate.checkout.models import Attempt
from paygate.checkout.shop_pages import is_told_by_answer, tell_success
from paygate.checkout.states import ATTEMPT_LIFE, SESSION_LIFE, AttemptState, SessionState
from paygate.journal.models import Entry
from paygate.journal.states import EntryState
from paygate.journal.tasks import capture_now
from paygate.links import payable as links
from paygate.merchants.models import Booking, Preferences
from paygate.merchants.own_pages import filled
from paygate.merchants.preferences import preferences_of
from paygate.offers import payable
from paygate.offers.models import Offer
from paygate.webhooks.outbox import call

PAYMENT: Final = "payment"  # the kind of call that tells a merchant's server of a success


def finish(attempt: Attempt, offer: Offer | None, *, now: datetime, by: str = PAYER) -> None:
    """In the transaction that settled the reservation, with the offer and the attempt locked."""
    session, entry = attempt.session, attempt.entry
    assert entry is not None
    ATTEMPT_LIFE.move(
        attempt, AttemptState.PAID, by=by, cause="authorized", now=now, ended_at=now, locks_offer=False
    )
    SESSION_LIFE.move(session, SessionState.PAID, by=by, cause="authorized", now=now, ended_at=now)
    if offer:
        payable.mark_paid(offer, by=by, now=now)
    if session.keeps:
        keep_card.keep(session, now=now)
    if is_told_by_answer(session):
        return  # its answer tells the program, which tells everybody else
    preferences = preferences_of(attempt.merchant_id)
    queue_letters(
        payer_confirmations, merchant_notices, attempt=attempt, entry=entry, preferences=preferences, now=now
    )
    if not tell_success(session, f"entry:{entry.transaction_id}", now=now) and preferences.notify_url:
        tell_server(attempt, entry, preferences, now=now)
    if _is_to_be_booked(entry):
        capture_now.defer(merchant_id=attempt.merchant_id, entry_id=entry.pk, unique=f"entry {entry.pk}")
    if session.link_id:
        links.count_paid(
            session.link_id, attempt.amount
        )  # last, because all payers of a link wait for this row


def tell_server(attempt: Attempt, entry: Entry, preferences: Preferences, *, now: datetime) -> None:
    """Have the merchant's server called, of a success only (SPG-SET-22, 23). It learns the token and asks for the rest.

    An address that cannot be filled in stops no payment: it is shown with the payment as never called.
    """
    try:
        url = filled(preferences.notify_url, attempt.session.token)
    except ValueError:  # it was no address when it was saved, around the form
        url = preferences.notify_url
    call(PAYMENT, url, about=f"entry:{entry.transaction_id}", merchant_id=attempt.merchant_id, now=now)


def _is_to_be_booked(entry: Entry) -> bool:
    """Automatic booking is a second step (safety.md ST-3)."""
    return entry.booking == Booking.AUTOMATIC and entry.state == EntryState.AUTHORIZED
