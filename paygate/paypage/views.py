"""Link opened, card sent, method chosen, given up."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from paygate import clock
from paygate.acquiring.choose import NoContract, contracts_for
from paygate.cards.holding import HELD_FOR
from paygate.checkout import next_step as step
from paygate.checkout.asking import asks, question_for
from paygate.checkout.authenticate import begin
from paygate.checkout.authorize import authorize
from paygate.checkout.leave import leave, leave_unbegun
from paygate.checkout.models import Session
from paygate.checkout.open import look_at, offer_behind, session_in
from paygate.checkout.states import SessionState
from paygate.checkout.take_means import Begun, DetailsMissing, OfferChanged, Press, take_card, take_wallet
from paygate.checkout.three_ds import look_up
from paygate.methods import METHODS
from paygate.offers.models import Offer
from paygate.offers.payable import NotPayable, WhyNot
from paygate.paypage import addresses, pages
from paygate.paypage.details_pages import ask_address
from paygate.paypage.doors import payers_door, pressed
from paygate.paypage.forms import CardForm, press_of
from paygate.paypage.payer import Payer, page_language, remember_language, set_cookie
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
        if "method" in request.POST:
            return _pay_by_wallet(request, offer, payer)
        return _pay_by_card(request, offer, payer)


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
            return pages.ended(
                request,
                "aborted",
                _("You canceled the payment"),
                {
                    "merchant_name": offer.merchant.name,
                    "test": not offer.merchant.live,
                    "retry_href": addresses.link(offer),
                    "facts": pages.facts_of(offer),
                },
            )
        else:
            leave(session, now=now)
        return HttpResponseRedirect(addresses.session(session), status=303)


def _first_page(
    request: HttpRequest, offer: Offer, payer: Payer, seen: step.NextStep | Session, *, notice: str = ""
) -> HttpResponseBase:
    match seen:
        case Session():
            # Whoever may begin again chooses a method on the session's page, by a link that leads here.
            return HttpResponseRedirect(addresses.session(seen) + pages.with_method(request))
        case step.Closed():
            return pages.closed(request, offer, seen.why)
        case step.Checking():
            return pages.checked_elsewhere(request, offer)
        case step.AskAddress():
            return ask_address(request, offer, payer, seen)
        case _:
            return pages.ask_means(request, offer, payer, notice=notice)


def _pay_by_card(request: HttpRequest, offer: Offer, payer: Payer) -> HttpResponseBase:
    now = clock.now()
    form = CardForm.read(request, live=offer.merchant.live, now=now)
    press = press_of(request, browser=payer.browser)
    if press is None:
        return HttpResponseRedirect(addresses.link(offer), status=303)
    if form.card is None:
        return _card_again(request, offer, payer, errors=form.errors)
    try:
        looked = look_up(form.card, merchant=offer.merchant)
        begun = take_card(offer.pk, form.card, press, looked=looked, now=now)
    except NoContract as refusal:
        return _card_again(request, offer, payer, errors={"number": str(refusal)})
    except OfferChanged:
        return _changed(request, offer.pk, payer)
    except (NotPayable, DetailsMissing):
        return HttpResponseRedirect(addresses.link(offer), status=303)
    packet = begun.packet
    if not begun.again:
        seen = begin(begun.attempt, form.card, begun.packet, question=begun.question, now=now)
        packet = getattr(seen, "packet", "")
    return _to_session(begun, packet)


def _pay_by_wallet(request: HttpRequest, offer: Offer, payer: Payer) -> HttpResponseBase:
    now, method = clock.now(), request.POST["method"]
    press: Press | None = press_of(request, browser=payer.browser)
    if press is None or method not in METHODS or METHODS[method].is_card:
        return HttpResponseRedirect(addresses.link(offer), status=303)
    try:
        begun = take_wallet(offer.pk, method, press, now=now)
    except OfferChanged:
        return _changed(request, offer.pk, payer)
    except (NoContract, NotPayable, DetailsMissing):
        return HttpResponseRedirect(addresses.link(offer), status=303)
    if not begun.again:
        session = begun.attempt.session
        back = settings.PAYGATE_PUBLIC_URL + addresses.come_back(session)
        authorize(begun.attempt, card=None, return_url=back, now=now)
    return _to_session(begun, "")


def _to_session(begun: Begun, packet: str) -> HttpResponseBase:
    """Every press ends on the session's own page, so that reloading it sends nothing again (PP-9)."""
    response = HttpResponseRedirect(addresses.session(begun.attempt.session), status=303)
    if packet:
        set_cookie(
            response, card_cookie(begun.attempt.form_id), packet, seconds=int(HELD_FOR.total_seconds())
        )
    return response


def card_cookie(form_id: UUID) -> str:
    """The cookie that carries the sealed packet of one attempt; two open windows do not overwrite each other."""
    return f"card-{form_id.hex[:12]}"


def _card_again(
    request: HttpRequest, offer: Offer, payer: Payer, *, errors: dict[str, str]
) -> HttpResponseBase:
    methods = [contract.method for contract in contracts_for(offer.terminal, offer.currency)]
    cards = [method for method in methods if METHODS[method].is_card]
    has_choice = len(cards) < len(methods)
    return pages.ask_card(request, offer, payer, cards=cards, has_choice=has_choice, errors=errors)


def _changed(request: HttpRequest, offer_id: UUID, payer: Payer) -> HttpResponseBase:
    """The merchant changed the offer while the page was open: show what it asks for now (safety.md MO-8)."""
    offer = Offer.objects.select_related("terminal", "merchant").get(pk=offer_id)
    notice = _("The seller has changed this offer. Please check the amount.")
    return pages.ask_means(request, offer, payer, notice=notice)
