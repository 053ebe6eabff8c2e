"""Everything a successful payment causes. Read this page and you know it all."""

from datetime import datetime

import structlog

from paygate.checkout.ending import PAYER
from paygate.checkout.letters import merchant_notices, payer_confirmations, queue_letters
from paygate.checkout.models import Attempt
from paygate.checkout.states import ATTEMPT_LIFE, SESSION_LIFE, AttemptState, SessionState
from paygate.journal.models import Entry
from paygate.journal.states import EntryState
from paygate.journal.tasks import capture_now
from paygate.merchants.models import Booking
from paygate.offers import payable
from paygate.offers.models import Offer

log = structlog.get_logger("paygate.checkout")


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
    queue_letters(payer_confirmations, merchant_notices, attempt=attempt, entry=entry, now=now)
    if _is_to_be_booked(entry):
        capture_now.defer(merchant_id=attempt.merchant_id, entry_id=entry.pk, unique=f"entry {entry.pk}")


def _is_to_be_booked(entry: Entry) -> bool:
    """Automatic booking is a second step (safety.md ST-3)."""
    return entry.booking == Booking.AUTOMATIC and entry.state == EntryState.AUTHORIZED
