"""The page of a session: what comes next, shown as often as it is asked for."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe

from paygate import clock
from paygate.acquiring.choose import NoContract
from paygate.cards.holding import HELD_FOR
from paygate.checkout import next_step as step
from paygate.checkout.asking import question_of
from paygate.checkout.authenticate import go_on as walk_on
from paygate.checkout.leave import leave
from paygate.checkout.models import PageKind, Session
from paygate.checkout.order import NotReady, bring_card
from paygate.checkout.outcome import session_of, step_seen
from paygate.checkout.shop_pages import belongs_to, page_of
from paygate.checkout.states import LIVE
from paygate.paypage import addresses, pages
from paygate.paypage.doors import payers_door, pressed
from paygate.paypage.payer import (
    Payer,
    cookie_name,
    drop_cookie,
    page_language,
    remember_language,
    set_cookie,
)
from paygate.paypage.paying import card_cookie
from paygate.paypage.shop_form import answered_form, read_shop_form, refused_form
from paygate.paypage.trying_out import has_tried_too_often
from paygate.refusals import NotFound


def session_behind(customer_id: str, terminal_number: str, token: str) -> Session:
    """The session of an address, within the merchant in context. Raises `NotFound`."""
    found = session_of(token)
    if found is None or found.terminal.number != terminal_number or found.merchant.customer_id != customer_id:
        raise NotFound
    return found


def session(request: HttpRequest, customer_id: str, terminal_number: str, token: str) -> HttpResponseBase:
    """How far this payment got; or the card form of the shop's own page arrives (behaviour.md D-10)."""
    view = card_posted if request.method == "POST" else shown
    return view(request, customer_id, terminal_number, token)


session.csrf_exempt = True  # type: ignore[attr-defined]  # the form is the shop's, and brings no cookie of ours


@require_safe
@payers_door
def shown(request: HttpRequest, customer_id: str, terminal_number: str, token: str) -> HttpResponseBase:
    """How far this payment got. Changes nothing."""
    now, payer = clock.now(), Payer(request)
    found = session_behind(customer_id, terminal_number, token)
    with translation.override(page_language(request, found.language)):
        seen = step_seen(found, now=now)
        if isinstance(seen, step.AskMeans) and "details" in request.GET and found.offer is None:
            seen = question_of(found)  # the payer wants to correct them
        response = pages.of_session(request, found, payer, seen, now=now)
    payer.remember(response)
    remember_language(request, response)
    return response


@require_POST
@payers_door
def card_posted(request: HttpRequest, customer_id: str, terminal_number: str, token: str) -> HttpResponseBase:
    """The card waits here for its payer, who is sent to the page; with FromAjax the shop's script sends the payer."""
    found = session_behind(customer_id, terminal_number, token)
    here = settings.PAYGATE_PUBLIC_URL + addresses.session(found)
    page = page_of(found)
    if page is None or page.kind != PageKind.TRANSACTION:
        raise NotFound
    if has_tried_too_often(request):
        return pages.too_many(request)
    now = clock.now()
    card, wrong = read_shop_form(request, live=found.merchant.live, now=now)
    name = "VALIDATION_FAILED"
    if card is not None:
        try:
            bring_card(found, card, now=now)
            return answered_form(request, here)
        except NoContract:
            name = "NO_CONTRACT"
        except NotReady:
            name = "TRANSACTION_IN_WRONG_STATE"
    return refused_form(request, here, name, wrong)


@require_safe
@payers_door
def come_back(request: HttpRequest, customer_id: str, terminal_number: str, token: str) -> HttpResponseBase:
    """The wallet sent the browser back: a page that goes on by itself, because opening it may change nothing."""
    payer = Payer(request)
    found = session_behind(customer_id, terminal_number, token)
    with translation.override(page_language(request, found.language)):
        return pages.of_session(request, found, payer, step.GoOn(), now=clock.now())


@pressed
@payers_door
def go_on(request: HttpRequest, customer_id: str, terminal_number: str, token: str) -> HttpResponseBase:
    """The browser brings its half of the card, and the walk goes on."""
    now, payer = clock.now(), Payer(request)
    found = session_behind(customer_id, terminal_number, token)
    if not payer.sent_own_form(request, token):
        return pages.no_cookies(request)
    response = HttpResponseRedirect(addresses.session(found), status=303)
    if found.browser == payer.browser:
        _walk_on(request, found, response, now=now)
    return response


@pressed
@payers_door
def cancel(request: HttpRequest, customer_id: str, terminal_number: str, token: str) -> HttpResponseBase:
    """The payer gives up at the bank's door."""
    payer = Payer(request)
    found = session_behind(customer_id, terminal_number, token)
    if not payer.sent_own_form(request, token):
        return pages.no_cookies(request)
    if belongs_to(found, payer.browser):
        leave(found, now=clock.now())
    return HttpResponseRedirect(addresses.session(found), status=303)


@require_safe
@payers_door
def status(request: HttpRequest, customer_id: str, terminal_number: str, token: str) -> HttpResponseBase:
    """Is there something new to show? Asked by the waiting pages."""
    found = session_behind(customer_id, terminal_number, token)
    match step_seen(found, now=clock.now()):
        case step.Wait() | step.Checking():
            ready = False
        case step.LookAtBrowser(is_done=is_done):
            ready = is_done
        case _:
            ready = True
    return JsonResponse({"ready": ready})


def _walk_on(request: HttpRequest, found: Session, response: HttpResponseBase, *, now: datetime) -> None:
    live = found.attempts.select_related("second_try_of").filter(state__in=LIVE)
    attempt = live.order_by("-pk").first()
    if attempt is None:
        return
    name = card_cookie(attempt.packet_id)
    seen = walk_on(attempt, request.COOKIES.get(cookie_name(name), ""), now=now)
    packet = getattr(seen, "packet", "")
    if packet:
        set_cookie(response, name, packet, seconds=int(HELD_FOR.total_seconds()))
    elif not isinstance(seen, step.LookAtBrowser | step.Challenge | step.GoOn | step.Wait):
        drop_cookie(response, name)
