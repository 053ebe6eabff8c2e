"""A page on which a payer's card is stored without a payment: the card form without its code (behaviour.md D-16).

The page of a wallet has the same addresses; what it shows is in wallet_page.py.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate import clock
from paygate.acquiring.choose import NoContract, contracts_for, currencies_of
from paygate.aliases.vault import NotKept
from paygate.cards.brands import BRANDS
from paygate.cards.holding import HELD_FOR
from paygate.checkout import card_strong, register_wallet
from paygate.checkout.card_check import NotChecked
from paygate.checkout.models import CardPage
from paygate.checkout.register import CANCELED, bring_card, is_over, leave, page_behind, take
from paygate.checkout.waiting_card import waiting_at
from paygate.methods import METHODS
from paygate.paypage import addresses, pages, wallet_page
from paygate.paypage.doors import payers_door, pressed
from paygate.paypage.forms import CardForm, browser_data
from paygate.paypage.frame import ended, show
from paygate.paypage.headers import bank_page
from paygate.paypage.payer import (
    Payer,
    cookie_name,
    drop_cookie,
    page_language,
    remember_language,
    set_cookie,
)
from paygate.paypage.shop_form import answered_form, read_shop_form, refused_form
from paygate.paypage.trying_out import has_tried_too_often
from paygate.paypage.wallet_page import appearance
from paygate.refusals import NotFound


def card_page(request: HttpRequest, customer_id: str, token: str) -> HttpResponseBase:
    """The page; or the card form of the shop's own page arrives (behaviour.md D-10)."""
    return (card_posted if request.method == "POST" else shown)(request, customer_id, token)


card_page.csrf_exempt = True  # type: ignore[attr-defined]  # the form is the shop's, and brings no cookie of ours


@require_POST
@payers_door
def card_posted(request: HttpRequest, customer_id: str, token: str) -> HttpResponseBase:
    """The card waits here for its payer, who is sent to the page; with FromAjax the shop's script sends the payer."""
    page, now = _page(customer_id, token), clock.now()
    here = settings.PAYGATE_PUBLIC_URL + addresses.card_page(page)
    if has_tried_too_often(request):
        return pages.too_many(request)
    card, wrong = read_shop_form(request, live=page.merchant.live, now=now, with_code=False)
    name = "VALIDATION_FAILED"
    if card is not None:
        try:
            if bring_card(page, card, now=now):
                return answered_form(request, here)
            name = "TRANSACTION_IN_WRONG_STATE"
        except NoContract:
            name = "NO_CONTRACT"
    return refused_form(request, here, name, wrong)


@require_safe
@payers_door
def shown(request: HttpRequest, customer_id: str, token: str) -> HttpResponseBase:
    """The form, or how it ended. Changes nothing."""
    now, payer, page = clock.now(), Payer(request), _page(customer_id, token)
    with translation.override(page_language(request, page.language)):
        response = _now(request, page, payer, now=now)
    payer.remember(response)
    remember_language(request, response)
    return response


@pressed
@payers_door
def store(request: HttpRequest, customer_id: str, token: str) -> HttpResponseBase:
    """The form arrives."""
    now, payer, page = clock.now(), Payer(request), _page(customer_id, token)
    with translation.override(page_language(request, page.language)):
        if not payer.sent_own_form(request, token):
            return pages.no_cookies(request)
        if page.contract:
            return wallet_page.pressed(request, page, payer)
        if has_tried_too_often(request):
            return pages.too_many(request)
        return _taken(request, page, payer, now=now)


@pressed
@payers_door
def cancel(request: HttpRequest, customer_id: str, token: str) -> HttpResponseBase:
    """The payer does not want to."""
    payer, page = Payer(request), _page(customer_id, token)
    if not payer.sent_own_form(request, token):
        return pages.no_cookies(request)
    if page.browser in ("", payer.browser):
        leave(page, now=clock.now())
    return HttpResponseRedirect(addresses.card_page(page), status=303)


@pressed
@payers_door
def go_on(request: HttpRequest, customer_id: str, token: str) -> HttpResponseBase:
    """Back from the bank: the browser brings its half of the card. Or back from the wallet, which is asked."""
    now, payer, page = clock.now(), Payer(request), _page(customer_id, token)
    if not payer.sent_own_form(request, token):
        return pages.no_cookies(request)
    with translation.override(page_language(request, page.language)):
        response: HttpResponseBase = HttpResponseRedirect(addresses.card_page(page), status=303)
        if page.browser == payer.browser and page.contract:
            register_wallet.find_out(page, now=now)
        elif page.browser == payer.browser:
            packet = request.COOKIES.get(cookie_name(_cookie(page)), "")
            card_strong.go_on(page, packet, now=now)
            drop_cookie(response, _cookie(page))
        return response


def _now(request: HttpRequest, page: CardPage, payer: Payer, *, now: datetime) -> HttpResponseBase:
    """The form, the way to the bank or the wallet and back, or how it ended."""
    if page.is_at_wallet:  # also after the page's time: the payer may have agreed
        own = page.browser == payer.browser
        return wallet_page.at_wallet(request, page, payer) if own else pages.not_found(request)
    if is_over(page, now=now):
        return _ended(request, page, payer)
    if page.contract:
        return wallet_page.ask(request, page, payer)
    if page.authentication is None:
        is_told = page.card_until is not None and page.card_until > now
        return _confirm(request, page, payer) if is_told else _form(request, page, payer)
    if page.browser != payer.browser:
        return pages.not_found(request)
    token = payer.form_token(page.token)
    values = {**appearance(page), "form_token": token, "cancel_action": addresses.cancel_card_page(page)}
    if not page.authentication.was_challenged:
        return pages.busy(request)  # another request of this payer asks the bank, and goes on
    if card_strong.is_to_go_to_bank(page.authentication):
        address, creq, data = card_strong.to_bank(page)
        values |= {"acs_url": address, "creq": creq, "session_data": data}
        title = _("Your bank wants to confirm it is you")
        return bank_page(request, show(request, "challenge", title, values))
    values |= {
        "continue_action": addresses.continue_card_page(page),
        "lead": _("You are back from your bank. We are storing your card."),
    }
    return show(request, "returned", _("One moment, please"), values)


def _cookie(page: CardPage) -> str:
    """The cookie that carries the sealed packet of this page's card."""
    return f"store-{page.pk}"


def _page(customer_id: str, token: str) -> CardPage:
    """The page of an address, within the merchant in context. Raises `NotFound`."""
    page = page_behind(token)
    if page is None or page.merchant.customer_id != customer_id:
        raise NotFound
    return page


def _taken(request: HttpRequest, page: CardPage, payer: Payer, *, now: datetime) -> HttpResponseBase:
    form = _form_of(request, page, now=now)
    if form.card is None:
        return _form(request, page, payer, errors=form.errors)
    packet = ""
    try:
        if card_strong.is_strong(page):
            data = browser_data(request)
            packet = card_strong.begin(page, form.card, browser=payer.browser, browser_data=data, now=now)
        else:
            take(page, form.card, browser=payer.browser, now=now)
    except NoContract as refusal:
        return _form(request, page, payer, errors={"number": str(refusal)})
    except NotChecked as doubt:
        return _form(request, page, payer, errors={"number": str(doubt)})
    response = HttpResponseRedirect(addresses.card_page(page), status=303)
    if packet:
        set_cookie(response, _cookie(page), packet, seconds=int(HELD_FOR.total_seconds()))
    return response


def _form_of(request: HttpRequest, page: CardPage, *, now: datetime) -> CardForm:
    """What was typed; or the card that waits there already."""
    if "waiting" not in request.POST:
        return CardForm.read(
            request, live=page.merchant.live, now=now, with_code=False, needs_holder=page.asks_holder
        )
    try:
        return CardForm(card=waiting_at(page, now=now))
    except NotKept:
        return CardForm(errors={"number": _("Your card is no longer at hand. Please enter it again.")})


def _confirm(request: HttpRequest, page: CardPage, payer: Payer) -> HttpResponseBase:
    """The shop told the card: one button, which a browser with scripts presses by itself."""
    values = {
        **appearance(page),
        "action": addresses.store_card(page),
        "cancel_action": addresses.cancel_card_page(page),
        "form_token": payer.form_token(page.token),
        "attempt_id": "",
        "revision": 0,
    }
    return show(request, "confirm", _("One moment, please"), values)


def _form(
    request: HttpRequest, page: CardPage, payer: Payer, *, errors: Mapping[str, str] | None = None
) -> HttpResponseBase:
    """What was typed of a card is not shown again (safety.md CD-10)."""
    merchant = page.merchant.name
    values: dict[str, Any] = {
        **appearance(page),
        "heading": _("Store your card"),
        "lead": _("%(merchant)s stores this card for your later purchases. Nothing is charged now.")
        % {"merchant": merchant},
        "action": addresses.store_card(page),
        "cancel_action": addresses.cancel_card_page(page),
        "form_token": payer.form_token(page.token),
        "attempt_id": "",
        "brands": _brands(page),
        "errors": dict(errors or {}),
        "asks_code": False,
        "ask_holder": page.asks_holder,
        "needs_holder": page.asks_holder,
        "pay_label": _("Store card"),
        "safe_words": _(
            "Your card number is kept encrypted and goes only to banks. %(merchant)s does not see it."
        )
        % {"merchant": merchant},
    }
    return show(request, "card", _("Store your card"), values, status=422 if errors else 200)


def _brands(page: CardPage) -> list[str]:
    """Those that are taken here, in the order of the table of methods."""
    taken = {brand.name for brand in BRANDS}
    if page.terminal:
        taken &= {
            one.method for code in currencies_of(page.terminal) for one in contracts_for(page.terminal, code)
        }
    return [name for name in METHODS if name in taken and (not page.methods or name in page.methods)]


def _ended(request: HttpRequest, page: CardPage, payer: Payer) -> HttpResponseBase:
    """How it ended, and the way on to whoever asked for it."""
    own = page.browser in ("", payer.browser)
    if page.ended_at is None:
        title = _("This page has expired")
        lead = _("Nothing was stored. Please begin again at the seller's.")
        return ended(request, "expired", title, {**appearance(page), "title": title, "lead": lead})
    values = {**appearance(page), "goes_on": True}
    if page.failed_because == CANCELED:
        values |= {"onward_href": page.abort_url if own else "", "lead": _("Nothing was stored.")}
        return ended(request, "aborted", _("You canceled"), {**values, "title": _("You canceled")})
    if page.failed_because:
        title, lead = _("Your card was not stored"), _("It could not be confirmed. Nothing has been charged.")
        if page.contract:
            title = _("%(wallet)s was not stored") % {"wallet": wallet_page.name_of(page)}
        values |= {"onward_href": page.fail_url if own else "", "title": title, "lead": lead}
        return ended(request, "failed", title, values)
    title = _("Your card is stored")
    if page.contract:
        title = _("%(wallet)s is stored") % {"wallet": wallet_page.name_of(page)}
    values |= {"onward_href": page.success_url if own else "", "title": title}
    return ended(request, "stored", title, values)
