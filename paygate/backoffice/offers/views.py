"""The overview of offers, and the form that makes and changes them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import begin_of, chips, terminals_of
from paygate.backoffice.moments import zone_name
from paygate.backoffice.offers.forms import OfferForm, OfferSearchForm, fields_of, proposed
from paygate.backoffice.offers.save import save_once
from paygate.backoffice.pages import page, rows_of
from paygate.backoffice.visit import Visit
from paygate.languages import ui_language
from paygate.merchants.licence import Feature
from paygate.merchants.models import TerminalKind
from paygate.merchants.preferences import preferences_of
from paygate.merchants.roles import Permission
from paygate.offers.change import change_offer, terms_of
from paygate.offers.create import create_offer
from paygate.offers.find import Search, offer_of, offers_of
from paygate.offers.models import Offer, Source
from paygate.offers.send import send_offer
from paygate.offers.states import OfferState
from paygate.offers.terms import TermsRefused
from paygate.refusals import Kind, NotFound, Refusal

SEND: Final = "send"  # which button was pressed
OPEN_MAIL: Final = "open"
TERMINAL: Final = "terminal"


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def overview(request: Visit) -> HttpResponse:
    """All offers, newest first, narrowed by the filters (SPG-OVW)."""
    terminals = terminals_of(request, kind=TerminalKind.SPG)
    form = OfferSearchForm(request.GET, terminals=terminals)
    found = _narrowed(request, form)
    return page(
        request,
        "offers/list.html.jinja",
        {
            "form": form,
            "chips": chips(request, form),
            "rows": rows_of(request, found, moment="created_at"),
            "states": dict(OfferState.choices),
            "state_at": lambda offer: offer.state_at(request.now),
            "several_terminals": len(terminals) > 1,
            "may_edit": Permission.EDIT_OFFERS in request.actor.permissions,
        },
    )


def _narrowed(request: Visit, form: OfferSearchForm) -> QuerySet[Offer]:
    form.is_valid()  # a filter with nonsense in it says so, and narrows nothing
    wish = form.cleaned_data
    search = Search(wish.get("q", ""), tuple(wish.get("state", ())), wish.get("terminal", ""))
    found = offers_of(request.actor, search, now=request.now)
    if wish.get("expires_from"):
        found = found.filter(expires_at__gte=begin_of(wish["expires_from"], request.zone))
    if wish.get("expires_to"):
        found = found.filter(expires_at__lt=begin_of(wish["expires_to"] + timedelta(days=1), request.zone))
    return found


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Visit) -> HttpResponse:
    """A new offer: empty, or filled in like another one (SPG-NEW-04, SPG-BTN-10)."""
    if request.method != "POST":
        return _form_page(request, _form(request, None, initial={**_first_values(request), "form_id": uuid4()}))
    form = _form(request, request.POST)
    button = request.POST.get("button", "")
    if button == TERMINAL:
        return _form_page(request, _form(request, None, initial=request.POST.dict()))
    if form.is_valid() and _saved(request, form, button):
        return redirect(form.offer_url)
    return _form_page(request, form, status=422)


def _first_values(request: Visit) -> dict[str, Any]:
    copied = request.GET.get("copy")
    if not copied:
        return proposed(preferences_of(request.merchant.pk))
    try:
        offer = offer_of(request.actor, str(UUID(copied)))
    except ValueError:
        raise NotFound from None
    return fields_of(terms_of(offer, now=request.now), offer.terminal, request.zone)
