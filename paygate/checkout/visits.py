"""Visits to a multi-use link: what it shows, and the session that one payer's first press opens (SPG-MUP).

A visit is paid at most once. The same payer may come again and pay again: that is another visit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from paygate import tokens
from paygate.checkout.asking import Details, completed, details_of, details_problems, question_of
from paygate.checkout.ending import lock_session
from paygate.checkout.models import Session
from paygate.checkout.next_step import AskAddress, AskAmount, Closed
from paygate.checkout.open import copied
from paygate.checkout.states import LIVE, SESSION_LIFE, SessionState
from paygate.checkout.wish import Wish, asked_by, wish_of_link
from paygate.lifecycle.moves import together
from paygate.links.models import Link, LinkTotal
from paygate.links.payable import LinkClosed, left_of, totals_of, why_closed
from paygate.links.states import LinkState
from paygate.money.amount import Money
from paygate.money.display import money_text
from paygate.refusals import NotFound, Problem, TermsRefused

PAID_LATELY: Final = timedelta(hours=24)  # so long the page says that this browser has paid already
TRIES: Final = 5  # to find a reference that nobody has


@dataclass(frozen=True, slots=True)
class Given:
    """What a payer entered on the page of a link. The amount counts only where the link has none of its own."""

    amount: Money | None = None
    details: Details = field(default_factory=Details)


def link_behind(customer_id: str, terminal_number: str, link_id: str) -> Link:
    """The link of an address, within the merchant in context. Raises `NotFound`, one answer for all (safety.md LN-2).

    A deleted link is not there, as long as it is deleted.
    """
    try:
        key = UUID(link_id)
    except ValueError as error:
        raise NotFound from error
    link = Link.objects.select_related("terminal", "merchant").filter(pk=key).first()
    place = (link.merchant.customer_id, link.terminal.number) if link else None
    if link is None or place != (customer_id, terminal_number) or link.state == LinkState.DELETED:
        raise NotFound
    return link


def look_at_link(link: Link, *, browser: str, now: datetime) -> AskAmount | AskAddress | Closed | Session:
    """What opening the link shows. Changes nothing (safety.md ST-9).

    A browser that is in the middle of paying gets its session back; one that has only entered something finds it again.
    """
    own = session_at(link, browser)
    if own and own.attempts.filter(state__in=LIVE).exists():
        return own
    totals = totals_of(link)
    why = why_closed(link, totals, now=now)
    return Closed(why) if why else first_question(link, totals, own)


def first_question(link: Link, totals: Sequence[LinkTotal], own: Session | None) -> AskAmount | AskAddress:
    """How much, and the payer's e-mail address; where the amount is fixed, the addresses at once."""
    if link.amount:
        return question_of(own or _nobody(link))
    largest = _largest(link, totals)
    return AskAmount(
        currency=link.currency,
        smallest=link.smallest,
        largest=largest,
        suggested=tuple(money for money in link.suggested if largest is None or money <= largest),
        email_needed=link.email_required,
        amount=own.amount if own and own.currency == link.currency else None,
        email=own.payer_email if own else "",
    )


def session_at(link: Link, browser: str) -> Session | None:
    """The open visit of this browser."""
    return Session.objects.filter(link=link, browser=browser, state=SessionState.OPEN).first()


def paid_lately(link: Link, *, browser: str, now: datetime) -> Session | None:
    """The visit in which this browser paid not long ago, so that nobody pays twice by mistake."""
    paid = Session.objects.select_related("merchant", "terminal").filter(
        link=link, browser=browser, state=SessionState.PAID, ended_at__gt=now - PAID_LATELY
    )
    return paid.order_by("-pk").first()


def begin_visit(link: Link, given: Given, *, browser: str, now: datetime) -> Session:
    """Take what was entered: a new visit, or other values for the one this browser has open.

    A visit in which something is being paid keeps its values. Raises `LinkClosed`, or `TermsRefused` with every problem
    (safety.md MO-7).
    """
    with together(durable=True):
        totals = totals_of(link)
        why = why_closed(link, totals, now=now)
        if why:
            raise LinkClosed(why)
        own = session_at(link, browser)
        if own:
            own = lock_session(own.pk)
        known = own if own and own.state == SessionState.OPEN else None
        if known and known.attempts.filter(state__in=LIVE).exists():
            return known
        details = _with_known(link, given.details, known)
        problems = list(_problems(link, totals, given.amount, details))
        if problems:
            raise TermsRefused(problems)
        amount = link.amount or given.amount
        assert amount is not None, "a missing amount is a problem"
        wish = wish_of_link(link, amount, details.email)
        return _changed(known, wish, details) if known else _opened(wish, details, browser, now=now)


def wrong_with_visit(link: Link, given: Given, *, browser: str) -> list[Problem]:
    """What is missing and what is wrong, beside what could not even be read."""
    details = _with_known(link, given.details, session_at(link, browser))
    return list(_problems(link, totals_of(link), given.amount, details))


def _opened(wish: Wish, details: Details, browser: str, *, now: datetime) -> Session:
    """A new visit, under a reference that no other payment of the merchant has (SPG-MUF-19).

    A double click finds the visit that its other half has opened.
    """
    assert wish.link is not None
    for _try in range(TRIES):
        try:
            with together():
                session: Session = Session.objects.create(
                    merchant_id=wish.terminal.merchant_id,
                    token=tokens.public_token(),
                    browser=browser,
                    terminal=wish.terminal,
                    link=wish.link,
                    opened_at=now,
                    **copied(wish) | _columns(details),
                )
                SESSION_LIFE.begin(session, by="payer", cause="opened", now=now)
                return session
        except IntegrityError:
            other = session_at(wish.link, browser)
            if other:
                return other
        wish = wish_of_link(wish.link, wish.amount, wish.payer_email)
    raise AssertionError("no reference is free")


def _changed(session: Session, wish: Wish, details: Details) -> Session:
    """Other values for a visit that has not begun to pay; its reference stays."""
    columns = copied(wish) | _columns(details) | {"reference": session.reference}
    Session.objects.filter(pk=session.pk).update(**columns, revision=F("revision") + 1)
    session.refresh_from_db()
    return session


def _columns(details: Details) -> dict[str, object]:
    return {"address": details.address.as_row(), "delivery": details.delivery.as_row()}


def _with_known(link: Link, given: Details, known: Session | None) -> Details:
    return completed(given, details_of(known) if known else Details(), _asked_here(link))


def _problems(
    link: Link, totals: Sequence[LinkTotal], amount: Money | None, details: Details
) -> Iterator[Problem]:
    yield from _amount_problems(link, totals, amount)
    yield from details_problems(details, _asked_here(link))


def _asked_here(link: Link) -> list[str]:
    """What the link's own page must be told. With a free amount the addresses have a page after it."""
    return [name for name in asked_by(link) if link.amount or name == "email"]


def _amount_problems(link: Link, totals: Sequence[LinkTotal], amount: Money | None) -> Iterator[Problem]:
    """A payer's amount is checked against the link's own limits, and against what is left (safety.md MO-7)."""
    if link.amount:
        return
    if amount is None:
        yield Problem("amount", _("Enter an amount."))
        return
    assert amount.currency == link.currency, "the amount is read in the link's currency"
    largest, language = _largest(link, totals), get_language() or "en"
    if link.smallest and amount < link.smallest:
        yield Problem("amount", _("At least %(amount)s.") % {"amount": money_text(link.smallest, language)})
    if largest and amount > largest:
        yield Problem("amount", _("At most %(amount)s.") % {"amount": money_text(largest, language)})


def _largest(link: Link, totals: Sequence[LinkTotal]) -> Money | None:
    """The merchant's, or what is left of the most in total."""
    left = left_of(link, totals)
    known = [money for money in (link.largest, left) if money is not None]
    return min(known, key=lambda money: money.minor, default=None)


def _nobody(link: Link) -> Session:
    """A visit in which nothing was entered yet; never saved."""
    return Session(link=link, asks=list(asked_by(link)))
