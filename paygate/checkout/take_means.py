"""Card entered or wallet chosen: check it, choose the contract, claim what is paid, hold the card."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from paygate.acquiring.choose import NoContract, contract_for_brand
from paygate.acquiring.models import Contract
from paygate.cards.holding import destroy_key, hold
from paygate.cards.number import Card
from paygate.checkout.asking import asks, is_complete, still_asked
from paygate.checkout.ending import abandon, lock_session, refuse
from paygate.checkout.models import Attempt, Session
from paygate.checkout.never_again import CARD_BLOCKED, is_blocked
from paygate.checkout.open import open_session, session_in
from paygate.checkout.outcome import why_link_over
from paygate.checkout.shop_pages import adopt, belongs_to, is_over, offered
from paygate.checkout.states import ATTEMPT_LIFE, BEFORE_MONEY, SessionState
from paygate.checkout.three_ds import Looked, open_three_ds
from paygate.checkout.wish import wish_of
from paygate.checkpoints import reached
from paygate.lifecycle.moves import together
from paygate.links.payable import LinkClosed
from paygate.money.amount import Money
from paygate.money.model_fields import columns
from paygate.offers import payable
from paygate.offers.models import Offer
from paygate.refusals import Kind, Refusal
from paygate.threeds.opening import Question


class OfferChanged(Refusal):
    """The page shows an older amount: the payer is shown the new one and asked again (safety.md MO-8)."""

    code = "OFFER_CHANGED"
    kind = Kind.CONFLICT


class DetailsMissing(Refusal):
    """The offer asks for the payer's e-mail or address first (SPG-FRM-42, SPG-ADR-03)."""

    code = "DETAILS_MISSING"
    kind = Kind.CONFLICT


class VisitOver(Refusal):
    """The session without an offer is paid or given up, another browser's, or has an answer on its way."""

    code = "VISIT_OVER"
    kind = Kind.CONFLICT


Source = Offer | Session  # under whose lock an attempt begins: an offer, or a session that has none


@dataclass(frozen=True, slots=True)
class Press:
    """What the payer's browser sent with the press of the button."""

    form_id: UUID  # made when the form was rendered (safety.md ID-6)
    revision: int  # of what the page showed: the offer, or the session that has none
    browser: str
    browser_data: dict[str, str | int | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that holds the offer, and the half of its card that the browser carries."""

    attempt: Attempt
    packet: str = field(repr=False, default="")
    question: Question | None = None  # written down with it, to be put to the issuer now
    again: bool = False  # there is nothing to begin: the same form was sent before, or the card is blocked


def take_card(
    offer_id: UUID, card: Card, press: Press, *, looked: Looked | None = None, now: datetime
) -> Begun:
    """Begin an attempt with a card. Raises `NotPayable`, `OfferChanged`, `NoContract`.

    A form sent twice is one attempt. The same browser may begin again while no money was asked for. A card whose
    range was looked up begins its authentication here: its issuer's question is written down, or the card is sealed
    where the browser is to go away with it.
    """
    with together(durable=True):
        begun = _by_card(payable.lock(offer_id), card, press, looked, now=now)
    return _made(begun)


def take_card_in(
    session_id: int, card: Card, press: Press, *, looked: Looked | None = None, now: datetime
) -> Begun:
    """The same within a session that has no offer. Raises `VisitOver`, `LinkClosed`, `OfferChanged`, `NoContract`."""
    with together(durable=True):
        begun = _by_card(lock_session(session_id), card, press, looked, now=now)
    return _made(begun)


def take_wallet(offer_id: UUID, method: str, press: Press, *, now: datetime) -> Begun:
    """Begin an attempt with a method that needs no card. Raises as `take_card`."""
    with together(durable=True):
        begun = _by_wallet(payable.lock(offer_id), method, press, now=now)
    return _made(begun)


def take_wallet_in(session_id: int, method: str, press: Press, *, now: datetime) -> Begun:
    """The same within a session that has no offer. Raises as `take_card_in`."""
    with together(durable=True):
        begun = _by_wallet(lock_session(session_id), method, press, now=now)
    return _made(begun)


def _by_card(source: Source, card: Card, press: Press, looked: Looked | None, *, now: datetime) -> Begun:
    known = _sent_before(source, press)
    if known:
        return Begun(known, _sealed_anew(known, card, now=now), again=True)
    contract = contract_for_brand(source.terminal, card.number.brand.name, source.currency)
    attempt = _begin(source, contract, press, now=now)
    if is_blocked(card, source.terminal, now=now):
        # It counts as a try, and the payer reads what every refused card reads (CT-2, PP-7).
        refuse(attempt, attempt.offer, because=CARD_BLOCKED, now=now)
        return Begun(attempt, again=True)
    question = open_three_ds(attempt, card, looked, asks=True, now=now) if looked else None
    return Begun(attempt, "" if question else seal(attempt, card, now=now), question)


def _by_wallet(source: Source, method: str, press: Press, *, now: datetime) -> Begun:
    known = _sent_before(source, press)
    if known:
        return Begun(known, again=True)
    return Begun(_begin(source, contract_for_brand(source.terminal, method, source.currency), press, now=now))


def _made(begun: Begun) -> Begun:
    reached("attempt.created")
    return begun


def seal(attempt: Attempt, card: Card, *, now: datetime) -> str:
    """Hold the card for this attempt; what the browser carries of it."""
    held = hold(card, merchant_id=attempt.merchant_id, bound_to=bound_to(attempt), now=now)
    Attempt.objects.filter(pk=attempt.pk).update(held_card=held.key)
    attempt.held_card = held.key
    return held.packet


def _sealed_anew(known: Attempt, card: Card, *, now: datetime) -> str:
    """A browser that sends a form twice drops the first answer, and the packet in it. It sent the card again, so the
    card is sealed again; with another card the issuer's answer would not fit (3D-2). Empty once money was asked for.
    """
    if known.state not in BEFORE_MONEY or (known.held_card and known.held_card.opened_at is not None):
        return ""
    if known.held_card:
        destroy_key(known.held_card)
    return seal(known, card, now=now)


def bound_to(attempt: Attempt) -> str:
    """What a held card belongs to: this attempt, for this amount (safety.md CD-4)."""
    amount: Money = attempt.amount
    return f"attempt {attempt.pk} session {attempt.session_id} {amount.minor} {amount.currency}"


def _sent_before(source: Source, press: Press) -> Attempt | None:
    """The attempt that this form began already. Raises `NotPayable` for the id of somebody else's form."""
    if isinstance(source, Offer) and source.attempts == 0:
        return None  # each claim is counted: this offer has no attempt, of this form or any other
    known = Attempt.objects.select_related("session").filter(form_id=press.form_id).first()
    if known is None:
        return None
    began_here = known.offer_id if isinstance(source, Offer) else known.session_id
    if (began_here, known.session.browser) != (source.pk, press.browser):
        raise payable.NotPayable(payable.WhyNot.IN_PROGRESS)
    return known


def _begin(source: Source, contract: Contract, press: Press, *, now: datetime) -> Attempt:
    if isinstance(source, Session):
        ready = _ready(source, press, now=now)
        if contract.method not in {one.method for one in offered(ready)}:
            raise NoContract(
                _("This card is not accepted here. Please use another card or another way to pay."),
                field="number",
            )
        return _attempt_in(ready, None, contract, press, now=now)
    return _begin_for_offer(source, contract, press, now=now)


def _ready(session: Session, press: Press, *, now: datetime) -> Session:
    """A session without an offer, about to be paid by its own browser, with nothing else under way in it."""
    if session.state != SessionState.OPEN or not belongs_to(session, press.browser):
        raise VisitOver
    if is_over(session, now=now):
        raise VisitOver
    adopt(session, press.browser)
    live = session.attempts.select_for_update(of=("self",)).filter(locks_offer=True).first()
    if live and (live.is_ready or live.state not in BEFORE_MONEY):
        raise VisitOver
    if live:
        abandon(live, None, cause="began again", now=now)
    why = why_link_over(session, now=now)
    if why:
        raise LinkClosed(why)
    if session.state != SessionState.OPEN:
        raise VisitOver  # that was the last try
    if session.revision != press.revision:
        raise OfferChanged
    if not is_complete(session):
        raise DetailsMissing
    return session


def _begin_for_offer(offer: Offer, contract: Contract, press: Press, *, now: datetime) -> Attempt:
    # Each claim is counted, and without one there is a session only where the offer asks for details, or once did.
    is_first = offer.attempts == 0 and offer.revision == 1 and not asks(offer)
    if not is_first:
        _give_up_earlier(offer, press.browser, now=now)
    payable.claim(offer, str(press.form_id), now=now)
    if offer.revision != press.revision:
        raise OfferChanged
    if asks(offer) and still_asked(offer, session_in(offer, press.browser)):
        raise DetailsMissing
    session = open_session(wish_of(offer), browser=press.browser, now=now, is_first=is_first)
    return _attempt_in(session, offer, contract, press, now=now)


def _attempt_in(
    session: Session, offer: Offer | None, contract: Contract, press: Press, *, now: datetime
) -> Attempt:
    try:
        attempt = Attempt.objects.create(
            merchant_id=session.merchant_id,
            session=session,
            offer=offer,
            form_id=press.form_id,
            contract=contract,
            browser_data=press.browser_data,
            begun_at=now,
            **columns(session.amount),
        )
    except IntegrityError as taken:  # the form of another payment; the whole transaction goes
        raise payable.NotPayable(payable.WhyNot.IN_PROGRESS) from taken
    attempt.merchant = offer.merchant if offer else session.merchant
    attempt.introduce(offer)
    ATTEMPT_LIFE.begin(attempt, by="payer", cause="begun", now=now)
    return attempt


def _give_up_earlier(offer: Offer, browser: str, *, now: datetime) -> None:
    """End an attempt that no longer holds the offer: of this browser, or one whose claim has lapsed."""
    earlier = (
        Attempt.objects.select_for_update()
        .select_related("session")
        .filter(offer=offer, locks_offer=True, state__in=BEFORE_MONEY)
        .first()
    )
    if earlier and (earlier.session.browser == browser or not offer.is_claimed_at(now)):
        abandon(earlier, offer, cause="began again", now=now)
