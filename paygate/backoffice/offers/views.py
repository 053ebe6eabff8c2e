"""The form that makes and changes offers."""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from paygate.acquiring.models import Contract
from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import terminals_of
from paygate.backoffice.letters.words import what_sending_does
from paygate.backoffice.moments import zone_name
from paygate.backoffice.offers.file_views import FIELD as ATTACHMENTS
from paygate.backoffice.offers.filled_in import filled_in
from paygate.backoffice.offers.forms import OfferForm, fields_of, proposed
from paygate.backoffice.offers.letter_part import Files, files_in, letter_context, refuse_files
from paygate.backoffice.offers.save import save_once
from paygate.backoffice.offers.template_forms import outdated, values_of
from paygate.backoffice.pages import page
from paygate.backoffice.visit import Visit
from paygate.merchants.licence import Feature
from paygate.merchants.models import Terminal, TerminalKind
from paygate.merchants.preferences import preferences_of
from paygate.merchants.roles import Permission
from paygate.methods import METHODS
from paygate.offers.change import MadeByProgram, change_offer, terms_of
from paygate.offers.create import create_offer
from paygate.offers.files import Owner, keep
from paygate.offers.find import another_with, offer_of
from paygate.offers.models import Offer, OfferTemplate, Source
from paygate.offers.offer_templates import has_templates, template_of
from paygate.offers.send import send_offer
from paygate.offers.states import OfferState
from paygate.refusals import Kind, NotFound, Refusal, TermsRefused

SEND: Final = "send"  # which button was pressed
OPEN_MAIL: Final = "open"
TERMINAL: Final = "terminal"


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Visit) -> HttpResponse:
    """A new offer: empty, or filled in like another one or a template (SPG-NEW-04, SPG-BTN-10, SPG-TPL-10)."""
    terminals = terminals_of(request, kind=TerminalKind.SPG)
    if request.method != "POST":
        like = _like(request)
        form = filled_in(
            OfferForm, request, terminals, {**_first_values(request, like, terminals), "form_id": uuid4()}
        )
        return _form_page(request, form, like=like)
    form, files = filled_in(OfferForm, request, terminals), files_in(request)
    if request.POST.get("button") == TERMINAL:
        return _form_page(request, filled_in(OfferForm, request, terminals, form.typed), files)
    if form.is_right(terminals, now=request.now) and not files.refusals:
        onward = _created(request, form, terminals, files)
        if isinstance(onward, str):
            return redirect(onward)
        files = onward
    return _form_page(request, form, files, status=422)


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Visit, offer_id: UUID) -> HttpResponse:
    """Change an open offer, unless a program made it (M-9); refused while somebody is paying it (safety.md MO-8)."""
    offer = offer_of(request.actor, str(offer_id))
    if request.method != "POST":
        if offer.source == Source.API:
            messages.warning(request, str(MadeByProgram()))
        if offer.source == Source.API or offer.state_at(request.now) != OfferState.OPEN:
            return redirect("backoffice:offer", offer.pk)
        values = {**_values_of(request, offer), "form_id": uuid4()}
        return _form_page(
            request, filled_in(OfferForm, request, [offer.terminal], values), offer=offer, like=offer
        )
    form, files = filled_in(OfferForm, request, [offer.terminal]), files_in(request)
    if form.is_right([offer.terminal], now=request.now) and not files.refusals:
        trouble = _changed(request, form, offer, files)
        if trouble is None:
            return redirect(_onward(request, offer.pk))
        files = trouble
    return _form_page(request, form, files, offer=offer, status=422)


def _values_of(request: Visit, offer: Offer) -> dict[str, Any]:
    """An offer as its own form shows it: like the terms of a copy, with its own deadline."""
    terms = replace(terms_of(offer, now=request.now), expires_at=offer.expires_at)
    return fields_of(terms, offer.terminal, request.zone)


def _like(request: Visit) -> Owner | None:
    """The template or the offer that a new one begins with. Raises `NotFound` for one that is not there."""
    if (named := request.GET.get("template")) is not None:
        return template_of(request.actor, named)
    copied = request.GET.get("copy")
    return offer_of(request.actor, copied) if copied else None


def _first_values(request: Visit, like: Owner | None, terminals: list[Terminal]) -> dict[str, Any]:
    if isinstance(like, Offer):
        return fields_of(terms_of(like, now=request.now), like.terminal, request.zone)
    usual = proposed(preferences_of(request.merchant.pk))
    return usual | values_of(like, terminals) if like else usual


def _created(request: Visit, form: OfferForm, terminals: list[Terminal], files: Files) -> str | Files:
    """Where to go on after saving; the files again when the room said no, and form or files say why."""
    terminal = next(one for one in terminals if one.number == form.cleaned_data["terminal"])
    sends = request.POST.get("button") == SEND

    def make() -> Offer:
        offer = create_offer(
            terminal, form.terms(), source=Source.BACKOFFICE, by=request.actor, now=request.now
        )
        if files.ids:
            keep(offer, files.ids, form_id=form_id)
        if sends:
            send_offer(offer.pk, by=request.actor, now=request.now)
        return offer

    form_id = form.cleaned_data["form_id"] or uuid4()
    try:
        offer_id, now_made = save_once(form_id, make, merchant_id=request.merchant.pk, now=request.now)
    except Refusal as refusal:
        return said_no(form, files, refusal)
    if now_made:
        messages.success(
            request,
            f"{_('Saved.')} {what_sending_does()}" if sends else _("Saved. The link can be used."),
        )
        _warn_of_same_reference(request, form.cleaned_data["reference"], offer_id)
    else:
        words = _(
            "This form was saved before; this is the offer it made. Changes you sent now were not saved."
        )
        messages.info(request, words)
    return _onward(request, offer_id)


def _changed(request: Visit, form: OfferForm, offer: Offer, files: Files) -> Files | None:
    """None when it is saved; the files again when the room said no, and form or files say why."""
    sends = request.POST.get("button") == SEND
    try:
        with transaction.atomic():
            changed = change_offer(
                offer.pk, form.terms(), seen=_seen(request), by=request.actor, now=request.now
            )
            keep(changed, files.ids, form_id=form.cleaned_data["form_id"])
            if sends:
                send_offer(offer.pk, by=request.actor, now=request.now)
    except Refusal as refusal:
        return said_no(form, files, refusal)
    messages.success(request, f"{_('Saved.')} {what_sending_does()}" if sends else _("Saved."))
    if form.cleaned_data["reference"] != offer.reference:
        _warn_of_same_reference(request, form.cleaned_data["reference"], offer.pk)
    return None


def _seen(request: Visit) -> int:
    """The revision that the form was filled from; without a readable one, none that ever was."""
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def said_no(form: OfferForm, files: Files, refusal: Refusal) -> Files:
    """What the room refused, beside its field of the form or at the files. Raises what is no matter of the form."""
    if refusal.field == ATTACHMENTS:
        return refuse_files(files, refusal)
    if isinstance(refusal, TermsRefused):
        form.take(refusal)
    elif refusal.kind is Kind.FORBIDDEN or isinstance(refusal, NotFound):
        raise refusal
    else:
        form.refuse(refusal)
    return files


def _warn_of_same_reference(request: Visit, reference: str, offer_id: UUID) -> None:
    """Duplicates are the merchant's business: a word with the way to the other one, and no more (SPG-FRM-17)."""
    other = another_with(request.actor, reference, but=offer_id) if reference else None
    if other:
        words = format_html(
            '{} <a href="{}">{}</a>',
            _("There is another offer with the same reference."),
            reverse("backoffice:offer", args=[other]),
            _("See the other offer"),
        )
        messages.warning(request, words)


def _onward(request: Visit, offer_id: UUID) -> str:
    address = reverse("backoffice:offer", args=[offer_id])
    return f"{address}?open=mail" if request.POST.get("button") == OPEN_MAIL else address


def _form_page(
    request: Visit,
    form: OfferForm,
    files: Files | None = None,
    *,
    offer: Offer | None = None,
    like: Owner | None = None,
    status: int = 200,
) -> HttpResponse:
    template = like if isinstance(like, OfferTemplate) else None
    return page(
        request,
        "offers/form.html.jinja",
        {
            "form": form,
            "for_template": False,
            "suggests_templates": not offer and not has_templates(request.actor),
            "letter": letter_context(request, form, like, files),
            "offer": offer,
            "revision": request.POST.get("revision", offer.revision) if offer else "",
            "copied": isinstance(like, Offer) and not offer,
            "template": template,
            "hints": outdated(template, form) if template else [],
            "terminals": form.terminals,
            "currencies": form.taken,
            "methods": form.payable_by,
            "zone_name": zone_name(request.now.astimezone(request.zone), get_language() or "en"),
        },
        status=status,
    )


@doorman(Permission.SEE_OFFERS)
@require_safe
def methods(request: Visit) -> HttpResponse:
    """Which of the merchant's methods need booking, and for how long money is held (SPG-FRM-30)."""
    taken = set(
        Contract.objects.filter(merchant_id=request.merchant.pk, active=True).values_list("method", flat=True)
    )
    return page(
        request,
        "offers/methods.html.jinja",
        {"methods": {name: method for name, method in METHODS.items() if name in taken}},
    )
