"""Start of a new link, and its templates: list, create, edit, delete (SPG-NEW, SPG-TPL)."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import terminals_of
from paygate.backoffice.offers.buyer_fields import designs_of
from paygate.backoffice.offers.forms import proposed
from paygate.backoffice.offers.letter_fields import in_words
from paygate.backoffice.offers.letter_part import letter_context
from paygate.backoffice.offers.template_forms import TemplateForm, outdated, values_of
from paygate.backoffice.pages import page, rows_of
from paygate.backoffice.timeline import name_of, names_at
from paygate.backoffice.visit import Visit
from paygate.cards.free_text import find_card_numbers
from paygate.merchants.letter_words import usual_in_all_languages
from paygate.merchants.licence import Feature
from paygate.merchants.models import TerminalKind
from paygate.merchants.preferences import preferences_of
from paygate.merchants.roles import Permission
from paygate.offers.change import terms_of
from paygate.offers.find import offer_of
from paygate.offers.models import OfferTemplate
from paygate.offers.offer_templates import delete_template, save_template, template_of, templates_of
from paygate.offers.terms_row import proposed_terms, terms_as_row
from paygate.refusals import NotFound, Refusal

MOST_SHOWN = 50  # on the page that begins a new link; the search finds the others
TERMINAL = "terminal"  # the button that only shows another terminal's currencies


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def start(request: Visit) -> HttpResponse:
    """Individual offer, or one of the templates. Where there are none there is nothing to choose."""
    text = _searched(request)
    found = list(templates_of(request.actor, text)[: MOST_SHOWN + 1])
    if not found and not text:
        return redirect("backoffice:offer_new")
    values = {"templates": found[:MOST_SHOWN], "more": len(found) > MOST_SHOWN, "text": text}
    return page(request, "offers/start.html.jinja", values)


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
            "may_edit": Permission.EDIT_OFFERS in request.actor.permissions,
            "name_of": partial(name_of, names=names_at(request.merchant.pk)),
        },
    )


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Visit) -> HttpResponse:
    """A new template: empty, or like another one, or like an offer."""
    return _form(request, None, _first_values(request))


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Visit, template_id: int) -> HttpResponse:
    """Change a template. Offers that were made of it stay as they are."""
    template = template_of(request.actor, str(template_id))
    return _form(request, template, {"name": template.name, **values_of(template)})


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


def _first_values(request: Visit) -> dict[str, Any]:
    usual = proposed(preferences_of(request.merchant.pk))
    if copied := request.GET.get("copy"):
        return {**usual, **values_of(template_of(request.actor, copied))}
    if like := request.GET.get("offer"):
        try:
            offer = offer_of(request.actor, str(UUID(like)))
        except ValueError:
            raise NotFound from None
        row = terms_as_row(terms_of(offer, now=request.now), now=request.now)
        return {**usual, **proposed_terms(row), "terminal": offer.terminal.number}
    return usual


def _form(request: Visit, template: OfferTemplate | None, initial: Mapping[str, Any]) -> HttpResponse:
    terminals = terminals_of(request, kind=TerminalKind.SPG)
    usual = usual_in_all_languages(request.merchant.pk)

    def form_with(values: Mapping[str, Any] | None) -> TemplateForm:
        words = in_words({}, {}, language=str((values or {}).get("language")), usual=usual)
        form = TemplateForm(
            request.POST if values is None else None,
            terminals=terminals,
            zone=request.zone,
            now=request.now,
            designs=designs_of(request),
            initial={**words, **(values or {})},
        )
        form.merchant_id = request.merchant.pk
        return form

    if request.method != "POST":
        form = form_with(initial)
    elif request.POST.get("button") == TERMINAL:
        form = form_with(form_with(None).typed)
    else:
        form = form_with(None)
        if form.is_valid():
            terminal = next(one for one in terminals if one.number == form.cleaned_data["terminal"])
            try:
                save_template(
                    form.cleaned_data["name"],
                    terminal,
                    form.row(),
                    template=template,
                    by=request.actor,
                    now=request.now,
                )
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("The template was saved."))
                return redirect("backoffice:templates")
    return page(
        request,
        "offers/form.html.jinja",
        {
            "form": form,
            "for_template": True,
            "template": template,
            "hints": outdated(template, form) if template else [],
            "letter": letter_context(request, form, None, None),
            "offer": None,
            "copied": False,
            "terminals": form.terminals,
            "currencies": form.taken,
            "methods": form.payable_by,
            "zone_name": "",
        },
        status=422 if form.errors else 200,
    )
