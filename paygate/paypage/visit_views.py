"""A multi-use link opened and its first form sent; means and details of a session that has no offer (SPG-MUP)."""

from functools import partial

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from paygate import clock
from paygate.checkout import next_step as step
from paygate.checkout.asking import question_of
from paygate.checkout.details import take_details_in
from paygate.checkout.leave import leave
from paygate.checkout.models import Session
from paygate.checkout.outcome import session_of
from paygate.checkout.take_means import take_card_in, take_wallet_in
from paygate.checkout.visits import (
    Given,
    begin_visit,
    first_question,
    link_behind,
    look_at_link,
    paid_lately,
    session_at,
    wrong_with_visit,
)
from paygate.checkout.waiting_card import waiting
from paygate.links.models import Link
from paygate.links.payable import LinkClosed, totals_of
from paygate.paypage import addresses, closed_pages, pages
from paygate.paypage.amount_pages import TypedAmount, ask_amount, paid_before, read_amount
from paygate.paypage.details_form import Typed, first_of_each, read_details
from paygate.paypage.details_pages import ask_address
from paygate.paypage.doors import payers_door, pressed
from paygate.paypage.fronts import front_of_link, front_of_session
from paygate.paypage.payer import Payer, page_language, remember_language
from paygate.paypage.paying import Till
from paygate.paypage.paying import pay as take_payment
from paygate.paypage.session_views import session_behind
from paygate.paypage.trying_out import has_tried_too_often
from paygate.refusals import NotFound, TermsRefused


@require_safe
@payers_door
def link(request: HttpRequest, customer_id: str, terminal_number: str, link_id: str) -> HttpResponseBase:
    """A multi-use link, opened any number of times by anybody; changes nothing (ST-9)."""
    now, payer = clock.now(), Payer(request)
    found = link_behind(customer_id, terminal_number, link_id)
    with translation.override(page_language(request, found.language)):
        seen = look_at_link(found, browser=payer.browser, now=now)
        match seen:
            case Session():
                response: HttpResponseBase = HttpResponseRedirect(addresses.session(seen))
            case step.Closed():
                response = closed_pages.closed(request, front_of_link(found), seen.why)
            case _:
                paid = paid_lately(found, browser=payer.browser, now=now)
                response = _ask(request, found, payer, seen, paid=paid)
    payer.remember(response)
    remember_language(request, response)
    return response


@pressed
@payers_door
def begin(request: HttpRequest, customer_id: str, terminal_number: str, link_id: str) -> HttpResponseBase:
    """The payer's first press: amount, e-mail, and where the amount is fixed the addresses, open the visit."""
    payer = Payer(request)
    found = link_behind(customer_id, terminal_number, link_id)
    language = page_language(request, found.language)
    with translation.override(language):
        if not payer.sent_own_form(request, str(found.pk)):
            return pages.no_cookies(request)
        wanted = first_question(found, totals_of(found), session_at(found, payer.browser))
        amount, typed = _read(request, found, wanted, language=language)
        try:
            session = _begun(found, payer, amount, typed)
        except LinkClosed:
            return HttpResponseRedirect(addresses.multi_use(found), status=303)  # that page says why
        except TermsRefused as refused:
            errors = first_of_each(refused.problems)
            return _ask(request, found, payer, wanted, errors=errors, amount=amount, typed=typed)
        return HttpResponseRedirect(addresses.session(session), status=303)


@pressed
@payers_door
def cancel(request: HttpRequest, customer_id: str, terminal_number: str, link_id: str) -> HttpResponseBase:
    """The payer gives up on the first page. Without a session there is nothing to end."""
    payer = Payer(request)
    found = link_behind(customer_id, terminal_number, link_id)
    with translation.override(page_language(request, found.language)):
        if not payer.sent_own_form(request, str(found.pk)):
            return pages.no_cookies(request)
        session = session_at(found, payer.browser)
        if session is None:
            return closed_pages.aborted(request, front_of_link(found))
        known = session_of(session.token)
        assert known is not None, "it was there a moment ago, and none is ever deleted"
        leave(known, now=clock.now())
        return HttpResponseRedirect(addresses.session(known), status=303)


@pressed
@payers_door
def tell(request: HttpRequest, customer_id: str, terminal_number: str, token: str) -> HttpResponseBase:
    """Keep what the payer entered in a session without an offer, and go on to the choice of means."""
    payer, found = Payer(request), _without_offer(customer_id, terminal_number, token)
    with translation.override(page_language(request, found.language)):
        if not payer.sent_own_form(request, token):
            return pages.no_cookies(request)
        wanted = question_of(found)
        typed = read_details(request, wanted)
        try:
            if typed.problems:
                raise TermsRefused(typed.problems)
            take_details_in(found.pk, typed.details, browser=payer.browser)
        except TermsRefused as refused:
            errors = first_of_each(refused.problems)
            front = front_of_session(found)
            return ask_address(request, front, payer, wanted, errors=errors, typed=typed.shown_again)
        return HttpResponseRedirect(addresses.session(found), status=303)


@pressed
@payers_door
def pay(request: HttpRequest, customer_id: str, terminal_number: str, token: str) -> HttpResponseBase:
    """The card form, or the button of a wallet, in a session without an offer."""
    payer, found = Payer(request), _without_offer(customer_id, terminal_number, token)
    with translation.override(page_language(request, found.language)):
        if not payer.sent_own_form(request, token):
            return pages.no_cookies(request)
        if has_tried_too_often(request):
            return pages.too_many(request)
        till = Till(
            front=front_of_session(found),
            by_card=partial(take_card_in, found.pk),
            by_wallet=partial(take_wallet_in, found.pk),
            changed=lambda: _changed(request, token, payer),
            waiting=lambda now: waiting(found, now=now),
        )
        return take_payment(request, till, payer)


def _without_offer(customer_id: str, terminal_number: str, token: str) -> Session:
    found = session_behind(customer_id, terminal_number, token)
    if found.offer:
        raise NotFound  # its link takes the forms
    return found


def _read(
    request: HttpRequest, found: Link, wanted: step.AskAmount | step.AskAddress, *, language: str
) -> tuple[TypedAmount, Typed]:
    """What the link's own page was sent."""
    if isinstance(wanted, step.AskAddress):
        return TypedAmount(), read_details(request, wanted)
    only_email = step.AskAddress(asks_email=True, email_needed=wanted.email_needed, asks_address=False)
    return read_amount(request, wanted, language=language), read_details(request, only_email)


def _begun(found: Link, payer: Payer, amount: TypedAmount, typed: Typed) -> Session:
    """Raises `LinkClosed`, or `TermsRefused` with all that is wrong."""
    given = Given(amount.money, typed.details)
    problems = [*amount.problems, *typed.problems]
    if problems:
        raise TermsRefused([*problems, *wrong_with_visit(found, given, browser=payer.browser)])
    return begin_visit(found, given, browser=payer.browser, now=clock.now())


def _ask(
    request: HttpRequest,
    found: Link,
    payer: Payer,
    wanted: step.AskAmount | step.AskAddress,
    *,
    paid: Session | None = None,
    errors: dict[str, str] | None = None,
    amount: TypedAmount | None = None,
    typed: Typed | None = None,
) -> HttpResponseBase:
    shown = typed.shown_again if typed else None
    if isinstance(wanted, step.AskAmount):
        email = shown["email"] if shown else None
        return ask_amount(request, found, payer, wanted, paid=paid, errors=errors, typed=amount, email=email)
    front = front_of_link(found)
    return ask_address(request, front, payer, wanted, errors=errors, typed=shown, more=paid_before(paid))


def _changed(request: HttpRequest, token: str, payer: Payer) -> HttpResponseBase:
    """The payer entered another amount in another window: show it, and ask for the means again (safety.md MO-8)."""
    found = session_of(token)
    assert found is not None, "it was there a moment ago, and none is ever deleted"
    notice = _("The amount was changed in another window. Please check it.")
    return pages.ask_means(request, front_of_session(found), payer, notice=notice)
