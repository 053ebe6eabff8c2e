"""The payer presses Cancel."""

from datetime import datetime

from django.db import transaction

from paygate.checkout import next_step as step
from paygate.checkout.ending import give_up, was_refused
from paygate.checkout.models import Session
from paygate.checkout.outcome import step_of
from paygate.checkout.states import LIVE, SESSION_LIFE, SessionState
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
    return step_of(session, now=now)
