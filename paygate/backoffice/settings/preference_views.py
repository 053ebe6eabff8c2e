"""The settings of Secure PayGate: the one page that opens before they are complete (SPG-SET)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate.accounts.second_factor import ask_again, is_fresh
from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.backoffice.doorman import doorman
from paygate.backoffice.pages import page
from paygate.backoffice.settings.preference_forms import ADDRESSES, PreferencesForm, fields_of
from paygate.backoffice.timeline import name_of, names_at
from paygate.backoffice.uploads import refuse_large
from paygate.backoffice.visit import Visit
from paygate.languages import LANGUAGES
from paygate.merchants.licence import Feature, is_set_up
from paygate.merchants.own_pages import PLACEHOLDER, filled, problem_of
from paygate.merchants.preferences import (
    PreferencesRefused,
    change_preferences,
    preferences_of,
    problems_in,
    tells_others,
)
from paygate.merchants.roles import Permission
from paygate.merchants.terms_files import MOST_BYTES, current_terms, replace_terms
from paygate.refusals import Refusal
from paygate.webhooks.calling import TriedOut, try_out

EXAMPLE_TOKEN = "EXAMPLE-9f2c_71d4b0"  # letters as in a real token; it opens nothing


@doorman(Permission.SEE_SETTINGS, feature=Feature.SECURE_PAYGATE, before_set_up=True)
@require_safe
def preferences(request: Visit) -> HttpResponse:
    """All settings on one page."""
    return _show(request, PreferencesForm(initial=fields_of(preferences_of(request.merchant.pk))))


@doorman(Permission.EDIT_SETTINGS, feature=Feature.SECURE_PAYGATE, before_set_up=True)
@require_POST
def change(request: Visit) -> HttpResponse:
    """Save them, with a file of terms where one was chosen; or only try the addresses.

    Whoever lets other addresses hear of payments has just shown the second factor (safety.md AU-3). The file does not
    wait for that: what waits keeps no files.
    """
    form = PreferencesForm(request.POST, request.FILES)
    refuse_large(form, request)
    if request.POST.get("button") == "try":
        return _show(request, form, tried=_tried(form))
    if request.POST.get("button") == "call":
        return _call(request, form)
    if not form.is_valid():
        return _show(request, form)
    _take_terms(request, form)
    wanted = form.wanted()
    if form.errors:
        form.take(problems_in(wanted))
        return _show(request, form)
    if tells_others(request.merchant.pk, wanted) and not is_fresh(request):
        return ask_again(request)
    try:
        change_preferences(request.merchant.pk, wanted, by=request.actor, now=request.now)
    except PreferencesRefused as refused:
        form.take(refused.problems)
        return _show(request, form)
    if is_set_up(request.member):
        messages.success(request, _("Saved."))
        return redirect("backoffice:preferences")
    messages.success(request, _("The settings are complete. Secure PayGate is ready for use."))
    return redirect("backoffice:offers")


def _take_terms(request: Visit, form: PreferencesForm) -> None:
    """A file that is right is kept at once, so that nobody chooses it again because of another field (SPG-SET-33)."""
    upload = form.cleaned_data["terms"]
    if upload is None:
        return
    language = form.cleaned_data["terms_language"]
    try:
        replace_terms(
            request.merchant.pk,
            language=language,
            filename=upload.name,
            content=upload.read(MOST_BYTES + 1),
            by=request.actor,
            now=request.now,
        )
    except Refusal as refused:
        form.refuse(refused, file="terms", language="terms_language")
    else:
        words = _("The terms and conditions in this language are saved: %(language)s.")
        messages.success(request, words % {"language": LANGUAGES[language]})


def _tried(form: PreferencesForm) -> dict[str, str]:
    """What becomes of each address that was typed (SPG-SET-15); what is wrong with the others stands beside them."""
    form.is_valid()
    typed = {name: str(form.cleaned_data.get(name, "")).strip() for name in ADDRESSES}
    for name in set(form.errors) - set(form.withheld):
        del form.errors[name]  # nothing else is asked about now
    for name, address in typed.items():
        problem = problem_of(address) if address else None
        if problem:
            form.add_error(name, str(problem))
    return {
        name: filled(typed[name], EXAMPLE_TOKEN)
        for name in ADDRESSES
        if typed[name] and name not in form.errors
    }


def _call(request: Visit, form: PreferencesForm) -> HttpResponse:
    """Call the notification address as it was typed, with an example token; nothing is saved (SPG-SET-22)."""
    tried = _tried(form)
    address = tried.get("notify_url")
    if address is None:
        if "notify_url" not in form.errors:
            form.add_error("notify_url", _("Enter the address that is to be called."))
        return _show(request, form, tried=tried)
    called = try_out(address)
    record(
        Action.NOTIFICATION_TRIED,
        merchant_id=request.merchant.pk,
        by=request.actor.name,
        detail={"address": form.cleaned_data["notify_url"], "answer": str(called.words)},
        now=request.now,
    )
    return _show(request, form, tried=tried, called=called)


def _show(
    request: Visit,
    form: PreferencesForm,
    *,
    tried: dict[str, str] | None = None,
    called: TriedOut | None = None,
) -> HttpResponse:
    names = names_at(request.merchant.pk)
    terms = list(current_terms(request.merchant.pk))
    form.fields["terms"].required = not terms
    return page(
        request,
        "settings/preferences.html.jinja",
        {
            "form": form,
            "tried": tried or {},
            "called": called,
            "placeholder": PLACEHOLDER,
            "terms": terms,
            "languages": LANGUAGES,
            "name_of": lambda by: name_of(by, names),
            "set_up": is_set_up(request.member),
            "may_change": Permission.EDIT_SETTINGS in request.actor.permissions,
        },
        status=422 if form.errors else 200,
    )
