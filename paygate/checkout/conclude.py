"""The acquirer's answer about a reservation, and all that follows from it."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from paygate.acquiring.connector import InquiryAnswer
from paygate.checkout import next_step as step
from paygate.checkout.ending import fail, refuse
from paygate.checkout.finish import finish
from paygate.checkout.letters import not_paid_after_all, queue_letters
from paygate.checkout.models import Attempt
from paygate.checkout.outcome import step_of
from paygate.checkout.states import ATTEMPT_LIFE, MONEY_ASKED, AttemptState
from paygate.journal.models import Movement
from paygate.journal.movements import settle
from paygate.journal.states import MovementState
from paygate.offers import payable


def conclude(
    attempt_id: int, answer: InquiryAnswer, *, unanswered: Callable[[Attempt, Movement], None], now: datetime
) -> step.NextStep:
    """Settle the reservation and do all that follows from it, in one transaction (safety.md ST-6).

    For the answer in the payer's own request and for one that was found out later; may be called again. `unanswered`
    is called, in the transaction, where a later question must find the answer.
    """
    with transaction.atomic(durable=True):
        attempt = Attempt.objects.select_related("session").get(pk=attempt_id)
        offer = payable.lock(attempt.offer_id) if attempt.offer_id else None
        attempt = Attempt.objects.select_for_update().get(pk=attempt_id)
        assert attempt.entry is not None, "an attempt is concluded after its entry was made"
        movement = settle(attempt.entry.movements.get(kind="AUTHORIZE"), answer, now=now)
        if attempt.state not in MONEY_ASKED:
            return step_of(attempt.session, now=now)
        match movement.state:
            case MovementState.APPROVED:
                finish(attempt, offer, shift_refused=getattr(answer, "shift_refused", False), now=now)
            case MovementState.DECLINED:
                was_promised = attempt.state == AttemptState.UNKNOWN
                refuse(attempt, offer, because="TRANSACTION_DECLINED", now=now,
                       do_not_retry=getattr(answer, "never_again", False))  # fmt: skip
                if was_promised:
                    queue_letters(not_paid_after_all, attempt, attempt.entry, now=now)
            case MovementState.NOT_SENT:
                fail(attempt, offer, because="NOT_SENT", now=now)
            case MovementState.UNKNOWN:
                if attempt.state == AttemptState.AUTHORIZING:
                    ATTEMPT_LIFE.move(
                        attempt, AttemptState.UNKNOWN, by="payer", cause="no usable answer", now=now
                    )
                unanswered(attempt, movement)
            case MovementState.ELSEWHERE:
                onward = getattr(answer, "url", "") or attempt.onward_url
                Attempt.objects.filter(pk=attempt.pk).update(onward_url=onward)
                unanswered(attempt, movement)
    return step_of(attempt.session, now=now)
