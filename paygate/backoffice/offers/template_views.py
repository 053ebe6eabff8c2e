"""Start of a new link, and its templates: list, create, edit, delete (SPG-NEW, SPG-TPL)."""

from functools import partial
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import terminals_of
from paygate.backoffice.offers.filled_in import filled_in
from paygate.backoffice.offers.forms import proposed
from paygate.backoffice.offers.letter_part import Files, files_in, letter_context
from paygate.backoffice.offers.template_forms import TemplateForm, amount_of, outdated, values_of
from paygate.backoffice.offers.views import TERMINAL, said_no
from paygate.backoffice.pages import page, rows_of
from paygate.backoffice.timeline import name_of, names_at
from paygate.backoffice.visit import Visit
from paygate.cards.free_text import find_card_numbers
from paygate.merchants.licence import Feature
from paygate.merchants.models import Terminal, TerminalKind
from paygate.merchants.preferences import preferences_of
from paygate.merchants.roles import Permission
from paygate.offers.change import terms_of
from paygate.offers.files import Owner
from paygate.offers.find import offer_of
from paygate.offers.models import OfferTemplate
from paygate.offers.offer_templates import (
    delete_template,
    save_template,
    template_of,
    templates_of,
    version_of,
)
from paygate.offers.terms_row import proposed_terms, terms_as_row
from paygate.refusals import Refusal

MOST_SHOWN: Final = 50  # on the page that begins a new link; the search finds the others


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def start(request: Visit) -> HttpResponse:
    """Individual offer, or one of the templates. Where there are none there is nothing to choose."""
    text = _searched(request)
    found = list(templates_of(request.actor, text)[: MOST_SHOWN + 1])
    if not found and not text:
        return redirect("backoffice:offer_new")
    return page(
        request,
        "offers/start.html.jinja",
        {
            "templates": found[:MOST_SHOWN],
            "more": len(found) > MOST_SHOWN,
            "text": text,
            "amount_of": amount_of,
        },
    )


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def templates(request: Visit) -> HttpResponse:
    """All templates by name."""
    text = _searched(request)
    found = templates_of(request.actor, text)
    return page(
        request,
        "offers/templates.html.jinja",
        {
            "rows": rows_of(request, found, by="name", ascending=True),
            "text": text,
            "amount_of": amount_of,
            "may_edit": Permission.EDIT_OFFERS in request.actor.permissions,
            "name_of": partial(name_of, names=names_at(request.merchant.pk)),
        },
    )


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Visit) -> HttpResponse:
    """A new template: empty, or like another one, or like an offer."""
    return _form_page(request, None, _like(request))


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Visit, template_id: int) -> HttpResponse:
    """Change a template. Offers that were made of it stay as they are."""
    template = template_of(request.actor, str(template_id))
    return _form_page(request, template, template)


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def delete(request: Visit, template_id: int) -> HttpResponse:
    """Remove a template."""
    delete_template(template_of(request.actor, str(template_id)), by=request.actor, now=request.now)
    messages.success(request, _("The template was deleted. Offers made with it stay as they are."))
    return redirect("backoffice:templates")


def _searched(request: Visit) -> str:
    """What is looked for; never a card number, which nobody repeats (safety.md CD-9)."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    return "" if find_card_numbers(text) else text


def _like(request: Visit) -> Owner | None:
    """The template or offer that a new template begins with. Raises `NotFound` for one that is not there."""
    if copied := request.GET.get("copy"):
        return template_of(request.actor, copied)
    kept = request.GET.get("offer")
    return offer_of(request.actor, kept) if kept else None


def _first_values(
    request: Visit, template: OfferTemplate | None, like: Owner | None, terminals: list[Terminal]
) -> dict[str, Any]:
    """As an offer's form would show it: the settings say what the template leaves open."""
    values = proposed(preferences_of(request.merchant.pk)) | {"form_id": uuid4()}
    if isinstance(like, OfferTemplate):
        values |= values_of(like, terminals)
    elif like:
        row = terms_as_row(terms_of(like, now=request.now), now=request.now)
        del row["reference"]  # of that one payment
        values |= proposed_terms(row) | {"terminal": like.terminal.number}
    return values | {"name": template.name} if template else values


def _form_page(request: Visit, template: OfferTemplate | None, like: Owner | None) -> HttpResponse:
    terminals = terminals_of(request, kind=TerminalKind.SPG)
    files = None
    if request.method != "POST":
        form = filled_in(TemplateForm, request, terminals, _first_values(request, template, like, terminals))
    else:
        form, files = filled_in(TemplateForm, request, terminals), files_in(request)
        if request.POST.get("button") == TERMINAL:
            form = filled_in(TemplateForm, request, terminals, form.typed)
        elif form.is_valid() and not files.refusals:
            refused = _saved(request, form, terminals, template, files)
            if refused is None:
                messages.success(request, _("The template was saved."))
                return redirect("backoffice:templates")
            files = refused
    return page(
        request,
        "offers/form.html.jinja",
        {
            "form": form,
            "for_template": True,
            "suggests_templates": False,
            "template": template,
            "revision": request.POST.get("revision", version_of(template)) if template else "",
            "hints": outdated(like, form) if isinstance(like, OfferTemplate) and files is None else [],
            "letter": letter_context(request, form, like, files),
            "offer": None,
            "copied": False,
            "terminals": form.terminals,
            "currencies": form.taken,
            "methods": form.payable_by,
            "zone_name": "",
        },
        status=422 if form.errors or (files and files.refusals) else 200,
    )


def _saved(
    request: Visit,
    form: TemplateForm,
    terminals: list[Terminal],
    template: OfferTemplate | None,
    files: Files,
) -> Files | None:
    """None when it is saved; the files again when the room said no, and form or files say why."""
    terminal = next(one for one in terminals if one.number == form.cleaned_data["terminal"])
    try:
        save_template(
            form.cleaned_data["name"],
            terminal,
            form.row(),
            template=template,
            files=files.ids,
            seen=request.POST.get("revision", ""),
            form_id=form.cleaned_data["form_id"],
            by=request.actor,
            now=request.now,
        )
    except Refusal as refusal:
        return said_no(form, files, refusal)
    return None
