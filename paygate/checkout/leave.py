"""The payer presses Cancel."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paygate.checkout import next_step as step
from paygate.checkout.ending import give_up, was_refused
from paygate.checkout.models import Session
from paygate.checkout.open import open_session
from paygate.checkout.outcome import step_of
from paygate.checkout.shop_pages import tell_failure
from paygate.checkout.states import LIVE, SESSION_LIFE, SessionState
from paygate.checkout.wish import wish_of
from paygate.journal.movements import BY_PAYER
from paygate.offers import payable


def leave(session: Session, *, now: datetime) -> step.NextStep:
    """End the visit while no money was asked for. After a refused try it ends as failed, else as aborted.

    The link itself stays open: the payer may come back.
    """
    live = session.attempts.filter(state__in=LIVE).first()
    if live and not give_up(live, cause=BY_PAYER, now=now):
        return step_of(session, now=now)
    with transaction.atomic(durable=True):
        # Under the offer's lock, because another window of this browser may begin anew in this moment.
        if session.offer_id:
            payable.lock(session.offer_id)
        session = Session.objects.select_for_update().get(pk=session.pk)
        if session.state == SessionState.OPEN and not session.attempts.filter(state__in=LIVE).exists():
            end = SessionState.FAILED if was_refused(session) else SessionState.ABORTED
            SESSION_LIFE.move(session, end, by="payer", cause="left", now=now, ended_at=now)
            tell_failure(session, now=now)
    return step_of(session, now=now)


def leave_unbegun(offer_id: UUID, *, browser: str, now: datetime) -> Session:
    """The payer presses Cancel before anything was begun: a visit that ends at once, so that its token can be told."""
    with transaction.atomic(durable=True):
        session = open_session(wish_of(payable.lock(offer_id)), browser=browser, now=now)
    leave(session, now=now)
    return session
