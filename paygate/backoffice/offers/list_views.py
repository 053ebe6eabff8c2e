"""The overview of offers: narrowed, sorted, as a file, and what is done with several at once (SPG-OVW)."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import chips, terminals_of
from paygate.backoffice.letters.words import what_sending_each_does
from paygate.backoffice.offers.forms import OfferSearchForm
from paygate.backoffice.pages import (
    Order,
    download,
    order_of,
    page,
    put_down_export,
    query_of,
    rows_of,
    sort_links,
)
from paygate.backoffice.timeline import name_of, names_at, programs_at
from paygate.backoffice.visit import Visit
from paygate.lifecycle.moves import MoveRefused
from paygate.merchants.licence import Feature
from paygate.merchants.models import TerminalKind
from paygate.merchants.roles import Permission
from paygate.offers.change import disable
from paygate.offers.export import COLUMNS, export_rows
from paygate.offers.find import Search, offers_of
from paygate.offers.models import ORDERS, Offer
from paygate.offers.overview import Overview
from paygate.offers.send import send_offer
from paygate.offers.states import OfferState
from paygate.places import in_order
from paygate.refusals import Refusal
from paygate.spreadsheets import Cell, csv_lines, xlsx_file

MOST_PICKED: Final = 50  # as many as a page has
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS: Final = 1_000_000  # of a workbook


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def overview(request: Visit) -> HttpResponse:
    """All offers, newest first unless sorted otherwise, narrowed by the filters."""
    terminals = terminals_of(request, kind=TerminalKind.SPG)
    names = names_at(request.merchant.pk)
    form = OfferSearchForm(request.GET, terminals=terminals)
    order = order_of(request, ORDERS)
    found = Overview(request.actor, _search(request, form, names), now=request.now)
    return page(
        request,
        "offers/list.html.jinja",
        {
            "form": form,
            "chips": chips(request, form),
            "rows": rows_of(request, found, by=order.column, ascending=order.ascending),
            "sorts": sort_links(request, ORDERS, order),
            "states": dict(OfferState.choices),
            "state_at": lambda offer: offer.state_at(request.now),
            "name_of": partial(name_of, names=names),
            "query": query_of(request).urlencode(),
            "whole": "whole" in request.GET,
            "columns_url": _other_columns(request),
            "may_edit": Permission.EDIT_OFFERS in request.actor.permissions,
        },
    )


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def overview_csv(request: Visit) -> StreamingHttpResponse:
    """What the filters let through, as CSV."""
    put_down_export(request, "offers")
    rows = _rows(request, _all_found(request).iterator(chunk_size=1000))
    return download(csv_lines(COLUMNS, rows), f"{_file_name(request)}.csv", request.merchant.pk)


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def overview_xlsx(request: Visit) -> FileResponse:
    """The same as a workbook."""
    put_down_export(request, "offers")
    found = _all_found(request)[:MOST_ROWS]
    rows = _rows(request, found.iterator(chunk_size=1000))
    return FileResponse(
        xlsx_file(COLUMNS, rows),
        as_attachment=True,
        filename=f"{_file_name(request)}.xlsx",
        content_type=XLSX,
    )


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def with_picked(request: Visit) -> HttpResponseBase:
    """Disable or send again the offers that are ticked, or have them as a file; each by itself, as far as it goes.

    Whoever sees offers may take the file; the rest is for those who may change offers.
    """
    picked = list(_picked(request))
    button = request.POST.get("button", "")
    if button == "export":
        put_down_export(request, "offers picked")
        found = offers_of(request.actor, Search(), now=request.now).filter(pk__in=picked)
        rows = _rows(request, found.order_by("-created_at", "-pk"))
        return download(csv_lines(COLUMNS, rows), f"{_file_name(request)}.csv", request.merchant.pk)
    if button in _DEEDS:
        request.actor.require(Permission.EDIT_OFFERS)
        do, told = _DEEDS[button]
        ours = (
            offers_of(request.actor, Search(), now=request.now).filter(pk__in=picked).order_by("created_at")
        )
        keys = list(ours.values_list("pk", flat=True))
        done = sum(_tried(partial(do, by=request.actor, now=request.now), one) for one in keys)
        if done:
            messages.success(request, told(done))
        if left := len(picked) - done:
            words = ngettext(
                "%(count)d offer was left as it is: it is not open, has no address, or is being paid.",
                "%(count)d offers were left as they are: not open, without an address, or being paid.",
                left,
            )
            messages.warning(request, words % {"count": left})
    back = request.POST.get("back", "")
    is_ours = back.startswith(reverse("backoffice:offers")) and url_has_allowed_host_and_scheme(back, None)
    return redirect(back if is_ours else "backoffice:offers")


def _other_columns(request: Visit) -> str:
    """This list with all columns, or with the usual ones again."""
    query = query_of(request)
    if "whole" in query:
        del query["whole"]
    else:
        query["whole"] = ""
    left = query.urlencode()
    return f"{request.path}?{left}" if left else request.path


def _disabled(count: int) -> str:
    return ngettext("%(count)d offer was disabled.", "%(count)d offers were disabled.", count) % {
        "count": count
    }


_DEEDS: Final[dict[str, tuple[Callable[..., None], Callable[[int], str]]]] = {
    "disable": (disable, _disabled),
    "send": (send_offer, what_sending_each_does),
}


def _tried(do: Callable[[UUID], None], offer_id: UUID) -> bool:
    try:
        do(offer_id)
    except (Refusal, MoveRefused):
        return False
    return True


def _picked(request: Visit) -> Iterator[UUID]:
    for spelled in dict.fromkeys(request.POST.getlist("pick")[:MOST_PICKED]):
        try:
            yield UUID(spelled)
        except ValueError:
            continue


def _all_found(request: Visit) -> QuerySet[Offer]:
    """Every page of the list, in its order."""
    form = OfferSearchForm(request.GET, terminals=terminals_of(request, kind=TerminalKind.SPG))
    order: Order = order_of(request, ORDERS)
    search = _search(request, form, names_at(request.merchant.pk))
    return offers_of(request.actor, search, now=request.now).order_by(
        *in_order(order.column, ascending=order.ascending)
    )


def _rows(request: Visit, offers: Iterable[Offer]) -> Iterator[list[Cell]]:
    told = partial(name_of, names=names_at(request.merchant.pk))
    return export_rows(offers, name_of=told, zone=request.zone, now=request.now)


def _file_name(request: Visit) -> str:
    return _("offers-%(date)s") % {"date": request.now.astimezone(request.zone).date().isoformat()}


def _search(request: Visit, form: OfferSearchForm, names: dict[str, str]) -> Search:
    form.is_valid()  # a filter with nonsense in it says so, and narrows nothing
    wish = form.cleaned_data
    begin, end = form.span(request.zone)
    text = wish.get("q", "")
    return Search(
        text=text,
        states=tuple(wish.get("state", ())),
        terminal=wish.get("terminal", ""),
        sources=tuple(wish.get("source", ())),
        expires_from=begin,
        expires_before=end,
        names=names | programs_at(request.merchant.pk) if text else names,
    )
