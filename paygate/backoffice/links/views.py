"""The overview of multi-use links, and the form that makes and changes them (SPG-MUL, SPG-MUF)."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import chips, terminals_of
from paygate.backoffice.links.forms import LinkForm, LinkSearchForm, fields_of, proposed
from paygate.backoffice.links.words import link_mark
from paygate.backoffice.offers.buyer_fields import designs_of
from paygate.backoffice.pages import page, rows_of
from paygate.backoffice.timeline import name_of, names_at
from paygate.backoffice.visit import Visit
from paygate.links.change import change_link, create_link
from paygate.links.find import Search, link_of, links_of, totals_by_link
from paygate.links.models import Link
from paygate.links.states import LinkState
from paygate.links.terms import terms_of
from paygate.merchants.licence import Feature
from paygate.merchants.models import Terminal, TerminalKind
from paygate.merchants.preferences import preferences_of
from paygate.merchants.roles import Permission
from paygate.refusals import Kind, NotFound, Refusal, TermsRefused


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def overview(request: Visit) -> HttpResponse:
    """All links, newest first, the deleted ones included, narrowed by the filters."""
    terminals = terminals_of(request, kind=TerminalKind.SPG)
    names = names_at(request.merchant.pk)
    form = LinkSearchForm(request.GET, terminals=terminals)
    form.is_valid()  # a filter with nonsense in it says so, and narrows nothing
    wish = form.cleaned_data
    text = wish.get("q", "")
    search = Search(
        text=text,
        states=tuple(wish.get("state", ())),
        terminal=wish.get("terminal", ""),
        people=tuple(by for by, name in names.items() if text and text.casefold() in name.casefold()),
    )
    rows = rows_of(request, links_of(request.actor, search), by="created_at")
    totals = totals_by_link(rows.rows)
    return page(
        request,
        "links/list.html.jinja",
        {
            "form": form,
            "chips": chips(request, form),
            "rows": rows,
            "totals": totals,
            "mark_of": lambda link: link_mark(link, totals[link.pk], now=request.now),
            "name_of": partial(name_of, names=names),
            "several_terminals": len(terminals) > 1,
            "may_edit": Permission.EDIT_OFFERS in request.actor.permissions,
        },
    )


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Visit) -> HttpResponse:
    """A new link (SPG-MUF-01)."""
    terminals = terminals_of(request, kind=TerminalKind.SPG)
    if request.method != "POST":
        values = {**proposed(preferences_of(request.merchant.pk)), "form_id": uuid4()}
        return _form_page(request, _form(request, terminals, values))
    form = _form(request, terminals)
    if request.POST.get("button") == "terminal":
        return _form_page(request, _form(request, terminals, form.typed))
    if form.is_right(terminals, now=request.now):
        made = _created(request, form, terminals)
        if made:
            return redirect("backoffice:link", made.pk)
    return _form_page(request, form, status=422)


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Visit, link_id: UUID) -> HttpResponse:
    """Change a link; who is paying it already keeps the terms of then (SPG-MUL-06)."""
    link = link_of(request.actor, str(link_id))
    if request.method != "POST":
        if link.state != LinkState.ACTIVE:
            return redirect("backoffice:link", link.pk)
        values = fields_of(terms_of(link), link.terminal, request.zone)
        return _form_page(request, _form(request, [link.terminal], values), link=link)
    form = _form(request, [link.terminal])
    if form.is_right([link.terminal], now=request.now) and _changed(request, form, link):
        messages.success(request, _("Saved."))
        return redirect("backoffice:link", link.pk)
    return _form_page(request, form, link=link, status=422)


def _form(request: Visit, terminals: list[Terminal], initial: Mapping[str, Any] | None = None) -> LinkForm:
    """The form filled with these first values; without them, with what was sent."""
    return LinkForm(
        request.POST if initial is None else None,
        terminals=terminals,
        zone=request.zone,
        designs=list(designs_of(request)),
        initial=dict(initial or {}),
    )


def _created(request: Visit, form: LinkForm, terminals: list[Terminal]) -> Link | None:
    """None when the room said no, and the form says why."""
    terminal = next(one for one in terminals if one.number == form.cleaned_data["terminal"])
    form_id = form.cleaned_data["form_id"] or uuid4()
    try:
        link, now_made = create_link(
            terminal, form.terms(), form_id=form_id, by=request.actor, now=request.now
        )
    except Refusal as refusal:
        _said_no(form, refusal)
        return None
    if now_made:
        messages.success(request, _("Saved. Link and QR code can be used."))
    else:
        messages.info(
            request,
            _("This form was saved before; this is the link it made. Changes you sent now were not saved."),
        )
    return link


def _changed(request: Visit, form: LinkForm, link: Link) -> bool:
    typed = request.POST.get("revision", "")
    seen = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    try:
        change_link(link.pk, form.terms(), seen=seen, by=request.actor, now=request.now)
    except Refusal as refusal:
        _said_no(form, refusal)
        return False
    return True


def _said_no(form: LinkForm, refusal: Refusal) -> None:
    if isinstance(refusal, TermsRefused):
        form.take(refusal)
    elif refusal.kind is Kind.FORBIDDEN or isinstance(refusal, NotFound):
        raise refusal
    else:
        form.refuse(refusal)


def _form_page(
    request: Visit, form: LinkForm, *, link: Link | None = None, status: int = 200
) -> HttpResponse:
    return page(
        request,
        "links/form.html.jinja",
        {
            "form": form,
            "link": link,
            "revision": request.POST.get("revision", link.revision) if link else "",
            "terminals": form.terminals,
            "currencies": form.taken,
            "methods": form.payable_by,
        },
        status=status,
    )
