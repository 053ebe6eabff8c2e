"""API credentials: make (shown once), list with last use, limit to addresses, revoke (safety.md AU-6)."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import CardShyForm
from paygate.backoffice.pages import page
from paygate.backoffice.timeline import name_of, names_at
from paygate.backoffice.visit import Visit
from paygate.credentials import keep
from paygate.credentials.models import Credential
from paygate.merchants.roles import Permission
from paygate.refusals import Refusal


class NetworksForm(CardShyForm):
    """From where a credential may be used."""

    networks = forms.CharField(
        label=gettext_lazy("Only from these addresses"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "IPv4 or IPv6, single addresses or ranges such as 192.0.2.0/24, one on each line. Empty: from anywhere."
        ),
    )

    def clean_networks(self) -> list[str]:
        """One on each line."""
        return str(self.cleaned_data["networks"]).replace(",", " ").split()


class CredentialForm(NetworksForm):
    """What is said of a credential when it is made."""

    field_order = ("description", "networks", "certificate")

    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=80,
        help_text=gettext_lazy("Which program it is for, so that you know later what you revoke."),
        error_messages={"required": gettext_lazy("Say which program it is for.")},
    )
    certificate = forms.CharField(
        label=gettext_lazy("Client certificate"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("As PEM. The program can sign in with it instead of the password."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not settings.PAYGATE_CLIENT_CERTIFICATE_HEADER:  # nothing here could ever show one
            del self.fields["certificate"]


@doorman(Permission.SEE_SETTINGS)
@require_safe
def credentials(request: Visit) -> HttpResponse:
    """All in use, with the last use of each."""
    names = names_at(request.merchant.pk)
    found = list(Credential.objects.filter(merchant=request.merchant, revoked_at=None))
    values = {
        "credentials": found,
        "may_change": Permission.EDIT_SETTINGS in request.actor.permissions,
        "is_full": len(found) >= keep.MOST,
        "name_of": lambda by: name_of(by, names),
    }
    return page(request, "settings/credentials.html.jinja", values)


@doorman(Permission.EDIT_SETTINGS, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def make_credential(request: Visit) -> HttpResponse:
    """A new one. Its password stands on the page that answers, and nowhere else."""
    form = CredentialForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        password = keep.new_password()
        try:
            made = keep.make(
                request.merchant,
                password=password,
                description=form.cleaned_data["description"],
                networks=form.cleaned_data["networks"],
                certificate=form.cleaned_data.get("certificate", ""),
                by=request.actor.name,
                now=request.now,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return page(
                request, "settings/credential_made.html.jinja", {"credential": made, "password": password}
            )
    values = {"form": form, "credential": None}
    return page(request, "settings/credential.html.jinja", values, status=422 if form.errors else 200)


@doorman(Permission.EDIT_SETTINGS, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def limit_credential(request: Visit, credential_id: int) -> HttpResponse:
    """From where it may be used."""
    credential = keep.own(request.merchant.pk, credential_id)
    initial = {"networks": "\n".join(credential.networks)}
    form = NetworksForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            keep.limit(credential, form.cleaned_data["networks"], by=request.actor.name, now=request.now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("backoffice:credentials")
    values = {"form": form, "credential": credential}
    return page(request, "settings/credential.html.jinja", values, status=422 if form.errors else 200)


@doorman(Permission.EDIT_SETTINGS, fresh=True)
@require_POST
def revoke_credential(request: Visit, credential_id: int) -> HttpResponse:
    """It opens nothing any more."""
    keep.revoke(keep.own(request.merchant.pk, credential_id), by=request.actor.name, now=request.now)
    messages.success(request, _("The credential was revoked. Programs that use it are refused from now on."))
    return redirect("backoffice:credentials")
