"""What became of a session, for whoever holds its token: the next step of its page."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from paygate.checkout import next_step as step
from paygate.checkout.asking import is_complete, question_of
from paygate.checkout.models import Attempt, Session
from paygate.checkout.shop_pages import page_of
from paygate.checkout.states import AttemptState, SessionState
from paygate.journal.models import Movement
from paygate.journal.states import EntryState, MovementState
from paygate.links.payable import WhyClosed, has_room, totals_of, why_closed
from paygate.offers.payable import WhyNot, why_not_payable
from paygate.tenants.kept import Given, Kept
from paygate.threeds.browser import challenge_of, method_data
from paygate.threeds.models import CompInd

METHOD_PATH: Final = "/3ds/method"  # where the bank's look at the browser ends
LONGEST_CALL: Final = timedelta(seconds=60)


_SESSION: Final = Kept(
    lambda: (
        Session.objects.select_related("terminal", "offer", "merchant", "link")
        .filter(token=Given("token", Session._meta.get_field("token")))
        .order_by()
    )
)
_LATEST: Final = Kept(
    lambda: (
        Attempt.objects.select_related("authentication", "held_card", "entry")
        .filter(session=Given("session_id", Session._meta.pk))
        .order_by("-pk")[:1]
    )
)


def session_of(token: str) -> Session | None:
    """The session with this token, within the merchant in context."""
    session = _SESSION.first(token=token)
    if session and session.offer:
        session.offer.merchant, session.offer.terminal = session.merchant, session.terminal
    if session and session.link:
        session.link.merchant, session.link.terminal = session.merchant, session.terminal
    return session


def step_of(session: Session, *, now: datetime) -> step.NextStep:
    """What this payer's page shows now, read afresh. One of four truths about money (safety.md OC-11)."""
    return step_seen(Session.objects.select_related("offer", "link").get(pk=session.pk), now=now)


def step_seen(session: Session, *, now: datetime) -> step.NextStep:
    """The same of a session that was read just now."""
    if session.state == SessionState.PAID:
        return step.Paid()
    attempt = _LATEST.first(session_id=session.pk)
    if attempt and _is_being_given_back(attempt):
        return step.Checking()
    match session.state:
        case SessionState.FAILED:
            return step.Failed(_bank_says(attempt))
        case SessionState.ABORTED:
            return step.Aborted()
    if attempt is None:
        return _closed_or(session, step.AskMeans(), now=now)
    match attempt.state:
        case AttemptState.STARTED | AttemptState.AUTHENTICATING:
            return _before_money(session, attempt, now=now)
        case AttemptState.AUTHORIZING | AttemptState.UNKNOWN:
            return _money_asked(attempt)
        case AttemptState.DECLINED:
            # Also where this card must not be tried again: every refusal looks the same (safety.md PP-7).
            says = _bank_says(attempt)
            again = step.AskMeans(declined=True, canceled=attempt.was_canceled, bank_says=says)
            return _closed_or(session, again, now=now)
        case _:
            again = step.AskMeans(interrupted=True, canceled=attempt.was_canceled)
            return _closed_or(session, again, now=now)


def _bank_says(attempt: Attempt | None) -> str:
    """What the issuer wants the payer to know, where it refused: the only reason that is passed on (safety.md PP-7)."""
    if attempt is None or attempt.state != AttemptState.DECLINED or attempt.authentication is None:
        return ""
    return str(attempt.authentication.cardholder_info)


def _is_being_given_back(attempt: Attempt) -> bool:
    """Given up, and the acquirer has not acknowledged it yet (safety.md 2.2 VOIDING)."""
    waiting = attempt.entry is not None and attempt.entry.state == EntryState.PENDING
    return attempt.state == AttemptState.VOIDED and waiting


def _money_asked(attempt: Attempt) -> step.NextStep:
    """At the wallet, being answered this moment, or unanswered."""
    at_wallet = attempt.onward_url and attempt.entry_id
    if at_wallet and Movement.objects.filter(entry=attempt.entry_id, state=MovementState.ELSEWHERE).exists():
        return step.Elsewhere(attempt.onward_url)
    return step.Checking() if attempt.state == AttemptState.UNKNOWN else step.Wait()


def _before_money(session: Session, attempt: Attempt, *, now: datetime) -> step.NextStep:
    offer = session.offer
    if attempt.is_ready:
        return step.Ready()
    if offer is None and attempt.has_lapsed_at(now):
        return _closed_or(session, step.AskMeans(), now=now)
    if offer and not (offer.claim == attempt.claim and offer.is_claimed_at(now)):
        return _closed_or(session, step.AskMeans(), now=now)
    auth = attempt.authentication
    looks_first = auth is not None and auth.asked_at is None and auth.method_url
    if auth is None or not (looks_first or auth.was_challenged):
        # At work this second; if it takes longer than any call can, the process died and the payer may begin again.
        begun = auth.asked_at if auth and auth.asked_at else attempt.begun_at
        return step.Wait() if now < begun + LONGEST_CALL else step.AskMeans()
    if auth.asked_at is None:
        done = auth.comp_ind == CompInd.YES
        return step.LookAtBrowser(
            auth.method_url,
            method_data(auth, notification_url=settings.PAYGATE_PUBLIC_URL + METHOD_PATH),
            done,
        )
    if auth.was_challenged and auth.browser_returned_at is None and auth.result_at is None:
        acs_url, creq, session_data = challenge_of(auth)
        return step.Challenge(acs_url, {"creq": creq, "threeDSSessionData": session_data})
    being_used = attempt.held_card is None or attempt.held_card.opened_at is not None
    return step.Wait() if being_used else step.GoOn()


def why_over(session: Session, *, now: datetime) -> WhyNot | WhyClosed | None:
    """Why what this session pays takes no attempt now, or None."""
    return why_not_payable(session.offer, now=now) if session.offer else why_link_over(session, now=now)


def why_link_over(session: Session, *, now: datetime) -> WhyClosed | None:
    """The same of a visit to a multi-use link; None for a session of neither."""
    if session.link is None:
        return None
    totals = totals_of(session.link)
    why = why_closed(session.link, totals, now=now)
    if why or session.currency != session.link.currency or has_room(session.link, totals, session.amount):
        return why
    return WhyClosed.USED_UP  # this payer's amount is more than is left


def _is_programs_and_over(session: Session, *, now: datetime) -> bool:
    """A page that a program asked for, whose time ran out: nothing can be begun in it any more."""
    page = page_of(session)
    return page is not None and (session.state != SessionState.OPEN or page.expires_at <= now)


def _closed_or(session: Session, otherwise: step.NextStep, *, now: datetime) -> step.NextStep:
    """The link may have ended meanwhile, by another payer or by time."""
    if isinstance(otherwise, step.AskMeans) and _is_programs_and_over(session, now=now):
        return step.Failed()
    why = why_over(session, now=now)
    if why is None and isinstance(otherwise, step.AskMeans) and session.offer is None:
        if not is_complete(session):
            return question_of(session)
        page = page_of(session)
        return step.ConfirmCard() if page and page.card_until and page.card_until > now else otherwise
    return otherwise if why is None else step.Closed(why)
