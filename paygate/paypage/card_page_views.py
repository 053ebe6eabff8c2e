"""A page on which a payer's card is stored without a payment: the card form without its code (behaviour.md D-16)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from paygate import clock
from paygate.acquiring.choose import NoContract
from paygate.cards.brands import BRANDS
from paygate.checkout.card_check import NotChecked
from paygate.checkout.models import CardPage
from paygate.checkout.register import CANCELED, is_over, leave, page_behind, take
from paygate.methods import METHODS
from paygate.paypage import addresses, pages
from paygate.paypage.doors import payers_door, pressed
from paygate.paypage.forms import CardForm
from paygate.paypage.frame import ended, show
from paygate.paypage.payer import Payer, page_language, remember_language
from paygate.paypage.trying_out import has_tried_too_often
from paygate.refusals import NotFound


@require_safe
@payers_door
def card_page(request: HttpRequest, customer_id: str, token: str) -> HttpResponseBase:
    """The form, or how it ended. Changes nothing."""
    now, payer, page = clock.now(), Payer(request), _page(customer_id, token)
    with translation.override(page_language(request, page.language)):
        response = _ended(request, page, payer) if is_over(page, now=now) else _form(request, page, payer)
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


def _page(customer_id: str, token: str) -> CardPage:
    """The page of an address, within the merchant in context. Raises `NotFound`."""
    page = page_behind(token)
    if page is None or page.merchant.customer_id != customer_id:
        raise NotFound
    return page


def _taken(request: HttpRequest, page: CardPage, payer: Payer, *, now: datetime) -> HttpResponseBase:
    form = CardForm.read(
        request, live=page.merchant.live, now=now, with_code=False, needs_holder=page.asks_holder
    )
    if form.card is None:
        return _form(request, page, payer, errors=form.errors)
    try:
        take(page, form.card, browser=payer.browser, now=now)
    except NoContract as refusal:
        return _form(request, page, payer, errors={"number": str(refusal)})
    except NotChecked as doubt:
        return _form(request, page, payer, errors={"number": str(doubt)})
    return HttpResponseRedirect(addresses.card_page(page), status=303)


def _form(
    request: HttpRequest, page: CardPage, payer: Payer, *, errors: Mapping[str, str] | None = None
) -> HttpResponseBase:
    """What was typed of a card is not shown again (safety.md CD-10)."""
    merchant = page.merchant.name
    values: dict[str, Any] = {
        **_appearance(page),
        "heading": _("Store your card"),
        "lead": _("%(merchant)s stores this card for your later purchases. Nothing is charged now.")
        % {"merchant": merchant},
        "action": addresses.store_card(page),
        "cancel_action": addresses.cancel_card_page(page),
        "form_token": payer.form_token(page.token),
        "attempt_id": "",
        "brands": [name for name in _brands() if not page.methods or name in page.methods],
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


def _brands() -> list[str]:
    """Those that cards are known of, in the order of the table of methods."""
    named = {brand.name for brand in BRANDS}
    return [name for name, method in METHODS.items() if method.is_card and name in named]


def _ended(request: HttpRequest, page: CardPage, payer: Payer) -> HttpResponseBase:
    """How it ended, and the way on to whoever asked for it."""
    own = page.browser in ("", payer.browser)
    if page.ended_at is None:
        title = _("This page has expired")
        lead = _("No card was stored. Please begin again at the seller's.")
        return ended(request, "expired", title, {**_appearance(page), "title": title, "lead": lead})
    values = {**_appearance(page), "goes_on": True}
    if page.failed_because == CANCELED:
        values |= {"onward_href": page.abort_url if own else "", "lead": _("No card was stored.")}
        return ended(request, "aborted", _("You canceled"), {**values, "title": _("You canceled")})
    if page.failed_because:
        title, lead = _("Your card was not stored"), _("It could not be confirmed. Nothing has been charged.")
        values |= {"onward_href": page.fail_url if own else "", "title": title, "lead": lead}
        return ended(request, "failed", title, values)
    title = _("Your card is stored")
    values |= {"onward_href": page.success_url if own else "", "title": title}
    return ended(request, "stored", title, values)


def _appearance(page: CardPage) -> dict[str, Any]:
    return {"merchant_name": page.merchant.name, "design_id": None, "test": not page.merchant.live}
