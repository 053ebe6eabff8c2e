"""An offer's link opened, card sent, method chosen, given up."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from paygate import clock
from paygate.checkout import next_step as step
from paygate.checkout.asking import asks, question_for
from paygate.checkout.leave import leave, leave_unbegun
from paygate.checkout.models import Session
from paygate.checkout.open import look_at, offer_behind, session_in
from paygate.checkout.states import SessionState
from paygate.checkout.take_means import take_card, take_wallet
from paygate.offers.models import Offer
from paygate.offers.payable import WhyNot
from paygate.paypage import addresses, closed_pages, pages
from paygate.paypage.details_pages import ask_address
from paygate.paypage.doors import payers_door, pressed
from paygate.paypage.frame import with_method
from paygate.paypage.fronts import front_of
from paygate.paypage.payer import Payer, page_language, remember_language
from paygate.paypage.paying import Till
from paygate.paypage.paying import pay as take_payment
from paygate.paypage.way_back import has_own_pages
from paygate.refusals import NotFound


@require_safe
@payers_door
def link(request: HttpRequest, customer_id: str, terminal_number: str, offer_id: str) -> HttpResponseBase:
    """A payment link, opened any number of times by anybody; changes nothing but "first opened" (ST-9)."""
    now, payer = clock.now(), Payer(request)
    offer = offer_behind(customer_id, terminal_number, offer_id)
    with translation.override(page_language(request, offer.language)):
        seen = look_at(offer, browser=payer.browser, now=now)
        if isinstance(seen, step.AskMeans) and "details" in request.GET and asks(offer):
            seen = question_for(offer, session_in(offer, payer.browser))  # the payer wants to correct them
        response = _first_page(request, offer, payer, seen)
    payer.remember(response)
    remember_language(request, response)
    return response


@require_safe
@payers_door
def status(request: HttpRequest, customer_id: str, terminal_number: str, offer_id: str) -> HttpResponseBase:
    """Is there something new to show? Asked by the page of a link that somebody else is paying."""
    offer = offer_behind(customer_id, terminal_number, offer_id)
    seen = look_at(offer, browser=Payer(request).browser, now=clock.now())
    match seen:
        case step.Checking():
            ready = "checking" not in request.GET
        case step.Closed(why=WhyNot.IN_PROGRESS):
            ready = "checking" in request.GET
        case _:
            ready = True
    return JsonResponse({"ready": ready})


@payers_door
def nothing(request: HttpRequest, customer_id: str) -> HttpResponseBase:
    """An address of the right kind that leads nowhere: the same page as every other miss (safety.md LN-2)."""
    raise NotFound


@pressed
@payers_door
def pay(request: HttpRequest, customer_id: str, terminal_number: str, offer_id: str) -> HttpResponseBase:
    """The card form, or the button of a wallet."""
    payer = Payer(request)
    offer = offer_behind(customer_id, terminal_number, offer_id)
    with translation.override(page_language(request, offer.language)):
        if not payer.sent_own_form(request, str(offer.pk)):
            return pages.no_cookies(request)
        till = Till(
            front=front_of(offer),
            by_card=partial(take_card, offer.pk),
            by_wallet=partial(take_wallet, offer.pk),
            changed=lambda: _changed(request, offer.pk, payer),
        )
        return take_payment(request, till, payer)


@pressed
@payers_door
def cancel(request: HttpRequest, customer_id: str, terminal_number: str, offer_id: str) -> HttpResponseBase:
    """The payer gives up on the first pages. Without a session there is nothing to end."""
    now, payer = clock.now(), Payer(request)
    offer = offer_behind(customer_id, terminal_number, offer_id)
    with translation.override(page_language(request, offer.language)):
        if not payer.sent_own_form(request, str(offer.pk)):
            return pages.no_cookies(request)
        session = Session.objects.filter(offer=offer, browser=payer.browser, state=SessionState.OPEN).first()
        if session is None and has_own_pages(offer.merchant_id):
            session = leave_unbegun(offer.pk, browser=payer.browser, now=now)
        elif session is None:
            return closed_pages.aborted(request, front_of(offer))
        else:
            leave(session, now=now)
        return HttpResponseRedirect(addresses.session(session), status=303)


def _first_page(
    request: HttpRequest, offer: Offer, payer: Payer, seen: step.NextStep | Session, *, notice: str = ""
) -> HttpResponseBase:
    match seen:
        case Session():
            # Whoever may begin again chooses a method on the session's page, by a link that leads here.
            return HttpResponseRedirect(addresses.session(seen) + with_method(request))
        case step.Closed():
            return closed_pages.closed(request, front_of(offer), seen.why)
        case step.Checking():
            return closed_pages.checked_elsewhere(request, front_of(offer))
        case step.AskAddress():
            return ask_address(request, front_of(offer), payer, seen)
        case _:
            return pages.ask_means(request, front_of(offer), payer, notice=notice)


def _changed(request: HttpRequest, offer_id: UUID, payer: Payer) -> HttpResponseBase:
    """The merchant changed the offer while the page was open: show what it asks for now (safety.md MO-8)."""
    offer = Offer.objects.select_related("terminal", "merchant").get(pk=offer_id)
    notice = _("The seller has changed this offer. Please check the amount.")
    return pages.ask_means(request, front_of(offer), payer, notice=notice)
