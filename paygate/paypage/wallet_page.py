"""The page on which a payer lets a wallet be charged later: what it says, the way to the wallet, and the way back."""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from paygate import clock
from paygate.checkout.models import CardPage
from paygate.checkout.register import page_behind
from paygate.checkout.register_wallet import WalletSilent, send_to_wallet
from paygate.methods import METHODS
from paygate.paypage import addresses
from paygate.paypage.doors import payers_door
from paygate.paypage.frame import show
from paygate.paypage.payer import Payer, page_language
from paygate.refusals import NotFound

_AT_ONCE: Final = "go"  # in the address: the browser goes on to the wallet by itself, once


@require_safe
@payers_door
def come_back(request: HttpRequest, customer_id: str, token: str) -> HttpResponseBase:
    """The wallet sent the browser back: a page that goes on by itself, because opening it may change nothing."""
    payer, page = Payer(request), page_behind(token)
    if page is None or page.contract is None or page.merchant.customer_id != customer_id:
        raise NotFound
    with translation.override(page_language(request, page.language)):
        values = {
            **appearance(page),
            "form_token": payer.form_token(page.token),
            "continue_action": addresses.continue_card_page(page),
            "lead": _("You are back from %(wallet)s. We are checking your answer.")
            % {"wallet": name_of(page)},
        }
        return show(request, "returned", _("One moment, please"), values)


def ask(request: HttpRequest, page: CardPage, payer: Payer, *, notice: str = "") -> HttpResponseBase:
    """One button that leads to the wallet."""
    values = {
        **appearance(page),
        "wallet": name_of(page),
        "notice": notice,
        "action": addresses.store_card(page),
        "cancel_action": addresses.cancel_card_page(page),
        "form_token": payer.form_token(page.token),
    }
    return show(request, "store_wallet", name_of(page), values)


def at_wallet(request: HttpRequest, page: CardPage, payer: Payer) -> HttpResponseBase:
    """The payer has to agree there, or has, and nobody knows yet."""
    values = {
        **appearance(page),
        "wallet": name_of(page),
        "onward_url": page.onward_url,
        "at_once": _AT_ONCE in request.GET,
        "continue_action": addresses.continue_card_page(page),
        "form_token": payer.form_token(page.token),
    }
    return show(request, "at_wallet", name_of(page), values)


def pressed(request: HttpRequest, page: CardPage, payer: Payer) -> HttpResponseBase:
    """The payer wants to go there."""
    back = settings.PAYGATE_PUBLIC_URL + addresses.return_to_card_page(page)
    try:
        send_to_wallet(page, browser=payer.browser, return_url=back, now=clock.now())
    except WalletSilent as silent:
        return ask(request, page, payer, notice=str(silent))
    return HttpResponseRedirect(f"{addresses.card_page(page)}?{_AT_ONCE}=1", status=303)


def name_of(page: CardPage) -> str:
    """What people call the wallet."""
    assert page.contract is not None, "only asked of the page of a wallet"
    return METHODS[page.contract.method].label


def appearance(page: CardPage) -> dict[str, Any]:
    """Whose page it is."""
    return {"merchant_name": page.merchant.name, "design_id": None, "test": not page.merchant.live}
