"""Terms and conditions: what goes with letters in each language, and what did before (SPG-SET-31 to 36)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.pages import page
from paygate.backoffice.timeline import name_of, names_at
from paygate.backoffice.visit import Visit
from paygate.languages import LANGUAGES
from paygate.merchants.licence import Feature
from paygate.merchants.models import TermsFile
from paygate.merchants.roles import Permission
from paygate.merchants.terms_files import LastTerms, every_terms, remove_terms
from paygate.refusals import NotFound


@doorman(Permission.SEE_SETTINGS, feature=Feature.SECURE_PAYGATE, before_set_up=True)
@require_safe
def terms(request: Visit) -> HttpResponse:
    """All files, those of today first."""
    names = names_at(request.merchant.pk)
    files = list(every_terms(request.merchant.pk))
    return page(
        request,
        "settings/terms.html.jinja",
        {
            "current": [one for one in files if one.replaced_at is None],
            "former": [one for one in files if one.replaced_at is not None],
            "languages": LANGUAGES,
            "name_of": lambda by: name_of(by, names),
            "may_change": Permission.EDIT_SETTINGS in request.actor.permissions,
        },
    )


@doorman(Permission.SEE_SETTINGS, feature=Feature.SECURE_PAYGATE, before_set_up=True)
@require_safe
def terms_file(request: Visit, file_id: int) -> HttpResponse:
    """One file, as it was uploaded; never opened in the browser (safety.md UP-4)."""
    found = TermsFile.objects.filter(merchant_id=request.merchant.pk, pk=file_id).first()
    if found is None:
        raise NotFound
    response = HttpResponse(bytes(found.content), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@doorman(Permission.EDIT_SETTINGS, feature=Feature.SECURE_PAYGATE, before_set_up=True)
@require_POST
def remove(request: Visit, language: str) -> HttpResponse:
    """Letters in this language go without terms from now on (SPG-SET-36)."""
    try:
        remove_terms(request.merchant.pk, language=language, by=request.actor, now=request.now)
    except LastTerms as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Letters in this language go without terms and conditions from now on."))
    return redirect("backoffice:terms")
