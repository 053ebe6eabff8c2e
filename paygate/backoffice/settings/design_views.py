"""Payment page configurations: list, create, edit, make one the default, preview (SPG-SET-25, SPG-DSN)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.letter_frame import letter_frame
from paygate.backoffice.pages import page
from paygate.backoffice.settings.design_forms import OUR_ACCENT, DesignForm, first_values
from paygate.backoffice.uploads import refuse_large
from paygate.backoffice.visit import Visit
from paygate.designs.change import make_default, remove_design, save_design, wear_none
from paygate.designs.choose import Worn, look_of, worn_by
from paygate.designs.colours import accents, is_colour, is_readable, nearest_readable
from paygate.designs.fonts import FONTS
from paygate.designs.models import Design
from paygate.designs.sample import Sample, signed
from paygate.merchants.roles import Permission
from paygate.offers.letter import sample_letter
from paygate.refusals import NotFound, Refusal


@doorman(Permission.SEE_SETTINGS)
@require_safe
def designs(request: Visit) -> HttpResponse:
    """All configurations, with the one that letters wear marked."""
    found = list(Design.objects.defer("logo"))
    values = {"designs": found, "fonts": FONTS, "may_change": _may_change(request)}
    return page(request, "settings/designs.html.jinja", values)


@doorman(Permission.EDIT_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def create_design(request: Visit) -> HttpResponse:
    """A new one."""
    return _form(request, None)


@doorman(Permission.EDIT_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_design(request: Visit, design_id: int) -> HttpResponse:
    """Change one."""
    return _form(request, _design_of(design_id))


@doorman(Permission.EDIT_SETTINGS)
@require_POST
def default_design(request: Visit, design_id: int) -> HttpResponse:
    """Letters, and pages that name no other, wear this one."""
    make_default(design_id, by=request.actor, now=request.now)
    messages.success(request, _("Letters and payment pages wear this configuration from now on."))
    return redirect("backoffice:designs")


@doorman(Permission.EDIT_SETTINGS)
@require_POST
def no_default_design(request: Visit) -> HttpResponse:
    """Back to the standard look."""
    wear_none(by=request.actor, now=request.now)
    messages.success(request, _("Letters and payment pages have the standard look from now on."))
    return redirect("backoffice:designs")


@doorman(Permission.EDIT_SETTINGS)
@require_POST
def delete_design(request: Visit, design_id: int) -> HttpResponse:
    """Remove one that no offer wears."""
    try:
        remove_design(design_id, by=request.actor, now=request.now)
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("backoffice:edit_design", design_id)
    messages.success(request, _("Removed."))
    return redirect("backoffice:designs")


@doorman(Permission.EDIT_SETTINGS)
@require_safe
def design_preview(request: Visit) -> HttpResponse:
    """The payment page in what the form says now, readable or not yet: lead the frame to the sample page."""
    shown = _asked_for(request)
    spelled = signed(shown, merchant_id=request.merchant.pk)
    return redirect("paypage:sample", request.merchant.customer_id, spelled)


@doorman(Permission.EDIT_SETTINGS)
@require_safe
def design_letter(request: Visit) -> HttpResponse:
    """The offer letter in what the form says now."""
    shown = _asked_for(request)
    saved = worn_by(request.merchant.pk, shown.logo_of) if shown.logo_of else None
    design = Worn(
        pk=shown.logo_of,
        version="",
        accents=accents(shown.accent),
        font=shown.font,
        logo_size=saved.logo_size if saved else (0, 0),
        is_default=False,
    )
    return letter_frame(sample_letter(request.merchant, shown.language, look_of(design), now=request.now))


def _asked_for(request: Visit) -> Sample:
    """What the form says, with what is wrong put right."""
    accent, font = request.GET.get("accent", "").strip().lower(), request.GET.get("font", "")
    logo_of = request.GET.get("design", "")
    return Sample(
        accent=accent if is_colour(accent) and is_readable(accent) else _nearest(accent),
        font=font if font in FONTS else "system",
        language=(get_language() or "en")[:2],
        logo_of=int(logo_of) if logo_of.isascii() and logo_of.isdigit() and len(logo_of) < 10 else 0,
    )


def _nearest(accent: str) -> str:
    return nearest_readable(accent) if is_colour(accent) else OUR_ACCENT


def _form(request: Visit, design: Design | None) -> HttpResponse:
    if request.method == "POST":
        form = DesignForm(request.POST, files=request.FILES)
        refuse_large(form, request)
        if form.is_valid():
            try:
                save_design(
                    form.look(), design_id=design.pk if design else None, by=request.actor, now=request.now
                )
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("Saved."))
                return redirect("backoffice:designs")
    else:
        form = DesignForm(None, initial=first_values(design))
    values = {
        "form": form,
        "design": design,
        "preview_url": reverse("backoffice:design_preview"),
        "accent": form["accent"].value() or OUR_ACCENT,
    }
    return page(request, "settings/design.html.jinja", values, status=422 if form.errors else 200)


def _design_of(design_id: int) -> Design:
    found: Design | None = Design.objects.defer("logo").filter(pk=design_id).first()
    if found is None:
        raise NotFound
    return found


def _may_change(request: Visit) -> bool:
    return Permission.EDIT_SETTINGS in request.actor.permissions
