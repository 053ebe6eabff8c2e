"""Begin 3-D Secure, take the issuer's answer, decide whether to go on (house walk, steps 5 and 6).

The card is in memory while it is worked with, and in its sealed packet while the payer is away (safety.md CD-3).
"""

import time
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from paygate.cards.holding import PacketRefused, open_held
from paygate.cards.number import Card
from paygate.checkout import next_step as step
from paygate.checkout.authorize import authorize
from paygate.checkout.conclude import WANTS_PAYER
from paygate.checkout.ending import TOOK_TOO_LONG, abandon, fail, give_up, locked, refuse
from paygate.checkout.loose_ends import come_back
from paygate.checkout.models import Attempt
from paygate.checkout.order import make_ready
from paygate.checkout.outcome import METHOD_PATH, step_of
from paygate.checkout.shop_pages import is_asked_by_program
from paygate.checkout.states import BEFORE_MONEY, MONEY_ASKED, AttemptState
from paygate.checkout.take_means import bound_to, seal
from paygate.checkout.three_ds import look_up, open_three_ds, told_of
from paygate.checkpoints import reached
from paygate.merchants.reach import SYSTEM
from paygate.methods import METHODS
from paygate.threeds.asking import Frictionless, ask_issuer, final_result
from paygate.threeds.browser import is_too_late, method_data
from paygate.threeds.liability import AuthenticationResult, Condition, WhyNot, decide
from paygate.threeds.opening import AlreadyAsked, Question, write_question
from paygate.threeds.registry import NoServer
from paygate.threeds.spending import AuthenticationMismatch

# Range and answer of the issuer (12 s each), this, and both once more: a payer's request ends within 60 s (OC-4).
SECOND_TRY_WITHIN_SECONDS: Final = 10


def begin(
    attempt: Attempt,
    card: Card,
    packet: str,
    *,
    question: Question | None = None,
    now: datetime,
) -> step.NextStep:
    """The card is known: look its range up if that was not done yet, and go as far as possible without the payer.

    A question to the issuer that was written down with the attempt is put to it now.
    """
    if question is not None:
        return _put_to_issuer(attempt, card, packet, question, now=now)
    if attempt.state == AttemptState.STARTED:
        if not METHODS[attempt.contract.method].three_ds:
            return _decide(attempt, card, AuthenticationResult.unusable(), now=now)
        looked = look_up(card, merchant=attempt.merchant)
        if looked is None:
            return _stop(attempt, because=NoServer.code, now=now)
        with locked(attempt) as (attempt, _offer):
            if attempt.state != AttemptState.STARTED:
                return step_of(attempt.session, now=now)
            open_three_ds(attempt, card, looked, now=now)
    auth = attempt.authentication
    if attempt.state != AttemptState.AUTHENTICATING or auth is None or auth.asked_at is not None:
        return step_of(attempt.session, now=now)
    if auth.method_url:
        return _look_at_browser(attempt, packet)
    return _ask_issuer(attempt, card, packet, now=now)


def go_on(attempt: Attempt, packet: str, *, now: datetime) -> step.NextStep:
    """The payer's browser came back from the bank's look at it, or from the bank's page.

    Safe to repeat: the packet opens once, and who comes second is shown how far the first one got.
    """
    attempt = Attempt.objects.select_related("session", "authentication", "held_card", "contract").get(
        pk=attempt.pk
    )
    if attempt.state in MONEY_ASKED and attempt.onward_url:
        come_back(attempt, now=now)
        return step_of(attempt.session, now=now)
    auth = attempt.authentication
    if (
        attempt.is_ready
        or attempt.state != AttemptState.AUTHENTICATING
        or auth is None
        or attempt.held_card is None
    ):
        return step_of(attempt.session, now=now)
    if auth.asked_at is not None and not auth.was_challenged:
        return step_of(attempt.session, now=now)  # another request asks the issuer, and decides
    if is_too_late(auth, now=now):
        give_up(attempt, cause=TOOK_TOO_LONG, now=now, by=SYSTEM)
        return step_of(attempt.session, now=now)
    if auth.was_challenged and auth.browser_returned_at is None and auth.result_at is None:
        return step_of(attempt.session, now=now)  # still at the bank
    begun = time.monotonic()
    try:
        card = open_held(packet, attempt.held_card, bound_to=bound_to(attempt), now=now)
    except PacketRefused:
        return _without_card(attempt, now=now)
    if auth.asked_at is None:
        return _ask_issuer(attempt, card, "", now=now)
    result = final_result(auth, now=now)
    return _decide(attempt, card, result, now=_later(now, begun))


def _look_at_browser(attempt: Attempt, packet: str) -> step.LookAtBrowser:
    auth = attempt.authentication
    assert auth is not None
    data = method_data(auth, notification_url=settings.PAYGATE_PUBLIC_URL + METHOD_PATH)
    return step.LookAtBrowser(auth.method_url, data, packet=packet)


def _ask_issuer(attempt: Attempt, card: Card, packet: str, *, now: datetime) -> step.NextStep:
    """Write the question down, and put it to the issuer."""
    auth = attempt.authentication
    assert auth is not None
    try:
        question = write_question(auth, card=card, told=told_of(attempt), now=now)
    except AlreadyAsked:
        return step_of(attempt.session, now=now)
    except (AuthenticationMismatch, NoServer) as refusal:
        return _stop(attempt, because=refusal.code, now=now)
    return _put_to_issuer(attempt, card, packet, question, now=now)


def _put_to_issuer(
    attempt: Attempt, card: Card, packet: str, question: Question, *, now: datetime
) -> step.NextStep:
    begun = time.monotonic()
    outcome = ask_issuer(question, now=now)
    now = _later(now, begun)
    if isinstance(outcome, Frictionless):
        return _decide(attempt, card, outcome.result, now=now)
    fields = {"creq": outcome.creq, "threeDSSessionData": outcome.session_data}
    return step.Challenge(outcome.acs_url, fields, packet or _hold_again(attempt, card, now=now))


def _later(now: datetime, begun: float) -> datetime:
    """What time it is after a call that took a while: a claim may have lapsed meanwhile."""
    return now + timedelta(seconds=time.monotonic() - begun)


def _decide(attempt: Attempt, card: Card, result: AuthenticationResult, *, now: datetime) -> step.NextStep:
    """The one place where the walk asks the decision table (safety.md 7.4)."""
    if attempt.second_try_of_id is not None and not result.challenged:
        # The acquirer wants the payer asked, and the issuer did not: it would say no again. So one request of a payer
        # asks the acquirer once, and ends within a minute (OC-4, OC-13).
        return _refuse(attempt, because=WANTS_PAYER, now=now)
    decision = decide(result, attempt.contract.method, Condition(attempt.session.condition))
    reached("3ds.decided")
    if decision.authorize and is_asked_by_program(attempt.session):
        return make_ready(attempt, card, now=now)
    if decision.authorize:
        begun = time.monotonic()
        seen = authorize(
            attempt, card=card, result=result, decision=decision, now=now, quickly=SECOND_TRY_WITHIN_SECONDS
        )
        return _once_more(attempt, card, seen, now=_later(now, begun))
    with locked(attempt) as (attempt, offer):
        if attempt.state in BEFORE_MONEY:
            if decision.refusal is WhyNot.ABORTED:
                abandon(attempt, offer, cause=WhyNot.ABORTED.value, now=now)
            else:
                because = decision.refusal.value if decision.refusal else ""
                refuse(attempt, offer, because=because, now=now, do_not_retry=decision.do_not_retry)
    return step_of(attempt.session, now=now)


def _once_more(attempt: Attempt, card: Card, seen: step.NextStep, *, now: datetime) -> step.NextStep:
    """The issuer wants to see the payer first: the second try begins with the card at hand (safety.md OC-13)."""
    if not isinstance(seen, step.Wait):
        return seen
    second = Attempt.objects.filter(second_try_of=attempt.pk, state=AttemptState.STARTED).first()
    if second is None:
        return seen
    return begin(second, card, _hold_again(second, card, now=now), now=now)


def _refuse(attempt: Attempt, *, because: str, now: datetime) -> step.NextStep:
    with locked(attempt) as (attempt, offer):
        if attempt.state in BEFORE_MONEY:
            refuse(attempt, offer, because=because, now=now)
    return step_of(attempt.session, now=now)


def _stop(attempt: Attempt, *, because: str, now: datetime) -> step.NextStep:
    with locked(attempt) as (attempt, offer):
        if attempt.state in BEFORE_MONEY:
            fail(attempt, offer, because=because, now=now)
    return step_of(attempt.session, now=now)


def _hold_again(attempt: Attempt, card: Card, *, now: datetime) -> str:
    """A packet opens once. The payer goes to the bank's page now, so the card is sealed anew."""
    with locked(attempt) as (attempt, _offer):
        if attempt.state not in BEFORE_MONEY:
            return ""
        if attempt.held_card and attempt.held_card.opened_at is None:
            return ""  # the same form was sent again meanwhile, and its answer brings the browser its half
        return seal(attempt, card, now=now)


def _without_card(attempt: Attempt, *, now: datetime) -> step.NextStep:
    """The packet is gone or was opened by a request that is still at work."""
    attempt.refresh_from_db()
    held = attempt.held_card
    opened_elsewhere = held is not None and held.opened_at is not None
    if attempt.state != AttemptState.AUTHENTICATING or opened_elsewhere:
        return step_of(attempt.session, now=now)
    # The browser lost its half: nobody can pay with this attempt any more (the accepted price of CD-3).
    return _stop(attempt, because="CARD_LOST", now=now)
