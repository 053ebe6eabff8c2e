"""The card form arrives, or the press of a wallet's button: the same for an offer and for a session of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from paygate import clock
from paygate.acquiring.choose import NoContract, contracts_for
from paygate.aliases.vault import NotKept
from paygate.cards.holding import HELD_FOR
from paygate.cards.number import Card
from paygate.checkout.authenticate import begin
from paygate.checkout.authorize import authorize
from paygate.checkout.shop_pages import narrowed
from paygate.checkout.take_means import Begun, DetailsMissing, OfferChanged, VisitOver
from paygate.checkout.three_ds import look_up
from paygate.links.payable import LinkClosed
from paygate.methods import METHODS
from paygate.offers.payable import NotPayable
from paygate.paypage import addresses, pages
from paygate.paypage.forms import CardForm, press_of
from paygate.paypage.fronts import Front
from paygate.paypage.payer import Payer, set_cookie


@dataclass(frozen=True, slots=True)
class Till:
    """Where a means of payment is taken."""

    front: Front
    by_card: Callable[..., Begun]
    by_wallet: Callable[..., Begun]
    changed: Callable[[], HttpResponseBase]  # the page, where another amount is asked for by now
    waiting: Callable[[datetime], Card] | None = None  # the card that the shop told already


def pay(request: HttpRequest, till: Till, payer: Payer) -> HttpResponseBase:
    """Take what the form brings. Whatever cannot be taken leads to the page, which says why."""
    if "method" in request.POST:
        return _by_wallet(request, till, payer)
    return _by_card(request, till, payer)


def _form_of(request: HttpRequest, till: Till, *, now: datetime) -> CardForm:
    """What was typed; or the card that waits there already, of which nothing is typed again."""
    if "waiting" not in request.POST or till.waiting is None:
        return CardForm.read(
            request, live=till.front.merchant.live, now=now, needs_holder=till.front.asks_holder
        )
    try:
        return CardForm(card=till.waiting(now))
    except NotKept:
        return CardForm(errors={"number": _("Your card is no longer at hand. Please enter it again.")})


def card_cookie(form_id: UUID) -> str:
    """The cookie that carries the sealed packet of one attempt; two open windows do not overwrite each other."""
    return f"card-{form_id.hex[:12]}"


def _by_card(request: HttpRequest, till: Till, payer: Payer) -> HttpResponseBase:
    now = clock.now()
    form = _form_of(request, till, now=now)
    press = press_of(request, browser=payer.browser)
    if press is None:
        return HttpResponseRedirect(till.front.here, status=303)
    if form.card is None:
        return _card_again(request, till.front, payer, errors=form.errors)
    try:
        looked = look_up(form.card, merchant=till.front.merchant)
        begun = till.by_card(form.card, press, looked=looked, now=now)
    except NoContract as refusal:
        return _card_again(request, till.front, payer, errors={"number": str(refusal)})
    except OfferChanged:
        return till.changed()
    except (NotPayable, DetailsMissing, VisitOver, LinkClosed):
        return HttpResponseRedirect(till.front.here, status=303)
    packet = begun.packet
    if not begun.again:
        seen = begin(begun.attempt, form.card, begun.packet, question=begun.question, now=now)
        packet = getattr(seen, "packet", "")
    return _to_session(begun, packet)


def _by_wallet(request: HttpRequest, till: Till, payer: Payer) -> HttpResponseBase:
    now, method = clock.now(), request.POST["method"]
    press = press_of(request, browser=payer.browser)
    if press is None or method not in METHODS or METHODS[method].is_card:
        return HttpResponseRedirect(till.front.here, status=303)
    try:
        begun = till.by_wallet(method, press, now=now)
    except OfferChanged:
        return till.changed()
    except (NoContract, NotPayable, DetailsMissing, VisitOver, LinkClosed):
        return HttpResponseRedirect(till.front.here, status=303)
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


def _card_again(
    request: HttpRequest, front: Front, payer: Payer, *, errors: dict[str, str]
) -> HttpResponseBase:
    assert front.amount is not None, "a card is asked for once the amount is known"
    contracts = narrowed(contracts_for(front.terminal, front.amount.currency), front.methods)
    methods = [contract.method for contract in contracts]
    cards = [method for method in methods if METHODS[method].is_card]
    has_choice = len(cards) < len(methods)
    return pages.ask_card(request, front, payer, cards=cards, has_choice=has_choice, errors=errors)
