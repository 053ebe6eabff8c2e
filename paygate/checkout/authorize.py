"""Ask for the reservation and follow each of its answers (house walk, step 7)."""

import time
from datetime import datetime

import structlog

from paygate.acquiring.connector import ThreeDSData
from paygate.cards.holding import destroy_key
from paygate.cards.number import Card
from paygate.cards.wallet import Wallet
from paygate.checkout import keep_card, waiting_card
from paygate.checkout import next_step as step
from paygate.checkout.conclude import conclude
from paygate.checkout.ending import PAYER, fail, locked, refuse
from paygate.checkout.models import Attempt
from paygate.checkout.never_again import CARD_BLOCKED, is_blocked
from paygate.checkout.outcome import step_of
from paygate.checkout.shop_pages import is_asked_by_program
from paygate.checkout.states import ATTEMPT_LIFE, BEFORE_MONEY, AttemptState
from paygate.checkout.tasks import find_out
from paygate.checkpoints import reached
from paygate.journal.authorize import Payment, begin_payment, put_to_acquirer
from paygate.journal.models import Entry, Movement, Origin
from paygate.journal.movements import TakenOver, mark_sent
from paygate.links import payable as links
from paygate.merchants.models import Booking
from paygate.offers import payable
from paygate.threeds.liability import AuthenticationResult, Decision
from paygate.threeds.spending import AuthenticationMismatch, use_for_authorisation

log = structlog.get_logger("paygate.checkout")


def authorize(
    attempt: Attempt,
    *,
    card: Card | None,
    result: AuthenticationResult | None = None,
    decision: Decision | None = None,
    return_url: str = "",
    quickly: float = 0,
    again: Entry | None = None,
    wallet: Wallet | None = None,
    by: str = PAYER,
    now: datetime,
) -> step.NextStep:
    """Write the question down under the offer's lock, ask outside any transaction, write the answer down.

    `again` is the first payment of a series, whose means is charged again; `wallet` is a stored one. An answer that
    wants the payer asked gets a second try where it came within `quickly` seconds (OC-4, OC-13).
    """
    try:
        movement = _prepare(attempt, card=card, wallet=wallet, decision=decision, again=again, by=by, now=now)
    except (payable.NotPayable, links.LinkClosed, AuthenticationMismatch) as refusal:
        return _refused_before_asking(attempt, refusal.code, now=now)
    if movement is None:
        return step_of(attempt.session, now=now)
    reached("auth.prepared")
    try:
        mark_sent(movement, now=now)
    except TakenOver:
        return step_of(attempt.session, now=now)  # too slow: a job has settled it as never sent
    reached("auth.marked_sent")
    three_ds = _proof(result, decision) if attempt.authentication_id or attempt.told_proof else None
    begun = time.monotonic()
    answer = put_to_acquirer(
        movement,
        card=card,
        three_ds=three_ds,
        return_url=return_url,
        again=again,
        wallet=wallet,
        keeps_wallet=wallet is None and keep_card.comes_with_approval(attempt),
    )
    reached("auth.reply_read")
    seen = conclude(
        attempt,
        answer,
        unanswered=_ask_later,
        now=now,
        by=by,
        card=card,
        may_try_again=_may_try_again(attempt, result) and time.monotonic() - begun < quickly,
    )
    reached("auth.committed")
    return seen


def _may_try_again(attempt: Attempt, result: AuthenticationResult | None) -> bool:
    """Once, and only where the payer was not asked yet (safety.md OC-13)."""
    asked_already = result is not None and result.challenged
    return attempt.second_try_of_id is None and attempt.authentication_id is not None and not asked_already


def _prepare(
    attempt: Attempt,
    *,
    card: Card | None,
    wallet: Wallet | None,
    decision: Decision | None,
    again: Entry | None,
    by: str,
    now: datetime,
) -> Movement | None:
    """The claim is checked again under lock, the authentication is spent, the question is written down.

    None: another request was faster. Raises `NotPayable`, `LinkClosed`, `AuthenticationMismatch`.
    """
    with locked(attempt) as (attempt, offer):
        if attempt.state not in BEFORE_MONEY:
            return None
        if card and is_blocked(card, attempt.session.terminal, now=now):
            refuse(attempt, offer, because=CARD_BLOCKED, now=now, by=by)
            return None
        if offer:
            payable.hold_until_known(offer, attempt.claim, now=now)
        elif attempt.has_lapsed_at(now):
            raise payable.NotPayable(payable.WhyNot.EXPIRED)
        if attempt.authentication and card:
            use_for_authorisation(attempt.authentication, amount=attempt.amount, card=card, now=now)
        session = attempt.session
        movement = begin_payment(
            Payment(
                contract=attempt.contract,
                amount=attempt.amount,
                origin=Origin.PROGRAM if is_asked_by_program(session) else Origin.SECURE_PAYGATE,
                reference=session.reference,
                description=session.description,
                booking=Booking(session.booking),
                single_use_of=str(offer.pk) if offer else "",
                multi_use_of=str(session.link_id) if session.link_id else "",
                payer_email=session.payer_email,
                card=card,
                authentication=attempt.authentication,
                decision=decision,
                initial=session.initial,
                again=again,
            ),
            by=by,
            now=now,
        )
        if attempt.held_card:
            destroy_key(attempt.held_card)
        if is_asked_by_program(session):
            waiting_card.drop(session)
        at_hand = card or wallet
        if at_hand and session.keeps:
            keep_card.prepare(session, at_hand, now=now)
        ATTEMPT_LIFE.move(
            attempt,
            AttemptState.AUTHORIZING,
            by=by,
            cause="authorization asked for",
            now=now,
            entry=movement.entry,
            ready_at=now,
            shift_offered=bool(decision and decision.shift),
        )
        if session.link_id:
            links.hold(
                session.link_id, attempt.amount
            )  # last, because all payers of a link wait for this lock
    return movement


def _refused_before_asking(attempt: Attempt, because: str, *, now: datetime) -> step.NextStep:
    """Nothing left the house: the claim or the last place was lost, or the authentication does not fit (3D-2)."""
    log.error("authorization not asked for", attempt=attempt.pk, cause=because)
    with locked(attempt) as (attempt, offer):
        if attempt.state in BEFORE_MONEY:
            fail(attempt, offer, because=because, now=now)
    return step_of(attempt.session, now=now)


def _ask_later(attempt: Attempt, movement: Movement) -> None:
    """The payer waits, or is at the wallet: a job asks for the answer."""
    find_out.defer(
        merchant_id=attempt.merchant_id,
        attempt_id=attempt.pk,
        at=movement.next_inquiry_at,
        unique=f"attempt {attempt.pk}",
    )


def _proof(result: AuthenticationResult | None, decision: Decision | None) -> ThreeDSData | None:
    if result is None or decision is None or not decision.eci:
        return None
    return ThreeDSData(
        eci=decision.eci,
        authentication_value=result.value if decision.shift else "",
        ds_trans_id=result.ds_trans_id,
        version=result.version,
        server_trans_id=result.server_trans_id,
        purchase_date=result.purchase_date,
    )
