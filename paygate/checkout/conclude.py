"""The acquirer's answer about a reservation, and all that follows from it."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from paygate.acquiring.connector import Approved, Declined, InquiryAnswer, Unknown
from paygate.acquiring.declines import DeclineReason
from paygate.cards.number import Card
from paygate.checkout import giving_back, keep_card
from paygate.checkout import next_step as step
from paygate.checkout.ending import PAYER, fail, locked, refuse, refuse_but_once_more, void
from paygate.checkout.finish import finish
from paygate.checkout.letters import not_paid_after_all, queue_letters
from paygate.checkout.models import Attempt
from paygate.checkout.never_again import block
from paygate.checkout.outcome import step_of
from paygate.checkout.states import ATTEMPT_LIFE, MONEY_ASKED, AttemptState, SessionState
from paygate.journal.models import Movement
from paygate.journal.settling import settle_payment
from paygate.journal.states import MovementState
from paygate.offers.models import Offer
from paygate.threeds.liability import Condition, Decision, after_authorisation

WANTS_PAYER: Final = "PAYER_AUTHENTICATION_REQUIRED"

Unanswered = Callable[[Attempt, Movement], None]


def conclude(
    attempt: Attempt,
    answer: InquiryAnswer,
    *,
    unanswered: Unanswered,
    now: datetime,
    by: str = PAYER,
    card: Card | None = None,
    may_try_again: bool = False,
) -> step.NextStep:
    """Settle the reservation and do all that follows from it, in one transaction (safety.md ST-6).

    For the answer in the payer's own request and for one that was found out later; may be called again. `unanswered`
    is called, in the transaction, where a later question must find the answer. In the payer's own request the card is
    at hand, and one more try with a challenge may be possible (OC-13).
    """
    with locked(attempt) as (attempt, offer):
        if may_try_again and isinstance(answer, Declined) and answer.soft:
            _once_more(attempt, offer, answer, now=now)
        else:
            follow(attempt, offer, answer, unanswered=unanswered, now=now, by=by)
        if card and isinstance(answer, Declined) and answer.never_again:
            block(card, attempt.session.terminal, now=now)
    paid = attempt.session.state == SessionState.PAID
    return step.Paid() if paid else step_of(attempt.session, now=now)


def follow(
    attempt: Attempt,
    offer: Offer | None,
    answer: InquiryAnswer,
    *,
    unanswered: Unanswered,
    now: datetime,
    by: str,
) -> Movement:
    """The same within the caller's transaction, who holds the locks."""
    assert attempt.entry is not None, "an attempt is concluded after its entry was made"
    must_not_keep = _why_not_kept(attempt, answer)
    liability = after_authorisation(
        Decision(authorize=True, shift=attempt.shift_offered), shift_refused=_shift_refused(answer)
    )
    movement = settle_payment(
        attempt.entry, answer, now=now, by=by, keep=not must_not_keep, liability=liability
    )
    attempt.entry = movement.entry
    if attempt.state not in MONEY_ASKED:
        return movement
    if must_not_keep:
        giving_back.soon(void(attempt, offer, movement, because=must_not_keep, now=now, by=by))
        return movement
    match movement.state:
        case MovementState.APPROVED:
            keep_card.prepare_approved(attempt, answer, now=now)
            finish(attempt, offer, now=now, by=by)
        case MovementState.DECLINED:
            was_promised = attempt.state == AttemptState.UNKNOWN
            refuse(attempt, offer, because=_why_refused(answer), now=now, by=by,
                   do_not_retry=getattr(answer, "never_again", False))  # fmt: skip
            if was_promised:
                queue_letters(not_paid_after_all, attempt=attempt, entry=attempt.entry, now=now)
        case MovementState.NOT_SENT:
            fail(attempt, offer, because="NOT_SENT", now=now, by=by)
        case MovementState.UNKNOWN:
            if attempt.state == AttemptState.AUTHORIZING:
                ATTEMPT_LIFE.move(attempt, AttemptState.UNKNOWN, by=by, cause="no usable answer", now=now)
            unanswered(attempt, movement)
        case MovementState.ELSEWHERE:
            onward = getattr(answer, "url", "") or attempt.onward_url
            Attempt.objects.filter(pk=attempt.pk).update(onward_url=onward)
            unanswered(attempt, movement)
    return movement


def _why_refused(answer: InquiryAnswer) -> str:
    """The word for it on the attempt; an answer that came a second time no longer says more."""
    match answer:
        case Declined(soft=True):
            return WANTS_PAYER
        case Declined(reason=DeclineReason.PAYER_CANCELED):
            return DeclineReason.PAYER_CANCELED.value
        case _:
            return "TRANSACTION_DECLINED"


def _once_more(attempt: Attempt, offer: Offer | None, answer: Declined, *, now: datetime) -> None:
    """The issuer wants to see the payer: this try is refused, and the next one begins in the same transaction."""
    assert attempt.entry is not None, "an attempt is concluded after its entry was made"
    movement = settle_payment(attempt.entry, answer, now=now)
    if attempt.state in MONEY_ASKED and movement.state == MovementState.DECLINED:
        refuse_but_once_more(attempt, offer, because=WANTS_PAYER, now=now)


def _shift_refused(answer: InquiryAnswer) -> bool:
    """Did the acquirer take the liability shift back (safety.md 3D-9)?"""
    return isinstance(answer, Approved) and answer.shift_refused


def _why_not_kept(attempt: Attempt, answer: InquiryAnswer) -> str:
    """Money is reserved that nobody wants: given back at once (safety.md OC-2, 3D-9). Empty: it may be kept."""
    match answer:
        case Unknown(to_be_given_back=True):
            return "approved for less than asked"
        case Approved(shift_refused=True) if _must_have_shift(attempt):
            return "liability shift lost"
        case _:
            return ""


def _must_have_shift(attempt: Attempt) -> bool:
    """Does the terminal give back what lost its shift, though the condition was met before (safety.md 3D-9)?"""
    session = attempt.session
    return (
        attempt.shift_offered
        and session.condition != Condition.NONE
        and session.terminal.cancel_without_shift
    )
