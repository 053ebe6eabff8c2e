"""Where the link of an invitation leads: choose name and password, or join with the account one has."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from paygate import clock
from paygate.accounts.models import User
from paygate.backoffice.people.forms import AcceptForm
from paygate.languages import LANGUAGES
from paygate.merchants.invite import InvitationOver, accept, join, read
from paygate.merchants.models import Invitation


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """In the language of the letter, unless somebody is signed in, who has chosen one."""
    now = clock.now()
    try:
        found = read(token, now=now)
    except InvitationOver:
        return _over(request)
    if not request.user.is_authenticated and found.language in LANGUAGES:
        translation.activate(found.language)
    try:
        if User.objects.filter(email=found.email).exists():
            return _joining(request, found)
        form = AcceptForm(
            request.POST if request.method == "POST" else None, email=found.email, merchant=found.merchant
        )
        if request.method == "POST" and form.is_valid():
            wanted = form.cleaned_data
            accept(found, name=wanted["name"], password=wanted["password"], now=now)
            messages.success(
                request, _("Your account is ready. Sign in with the password you have just chosen.")
            )
            return redirect("account_login")
    except InvitationOver:
        return _over(request)
    status = 422 if form.errors else 200
    return _page(request, "accept", {"form": form, "invitation": found}, status=status)


def _joining(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Whoever has an account signs in with it, and joins by a press of a button."""
    user = request.user
    is_invited = isinstance(user, User) and user.email == found.email
    if is_invited and request.method == "POST":
        assert isinstance(user, User)
        join(found, user, now=clock.now())
        messages.success(request, _("You now work for %(name)s too.") % {"name": found.merchant.name})
        return redirect("backoffice:home")
    return _page(request, "join", {"invitation": found, "is_invited": is_invited, "here": request.path})


def _over(request: HttpRequest) -> HttpResponse:
    return _page(request, "over", {}, status=410)


def _page(request: HttpRequest, name: str, values: dict[str, object], *, status: int = 200) -> HttpResponse:
    response = render(request, f"backoffice/people/{name}.html.jinja", values, status=status)
    response["Cache-Control"] = "private, no-store"
    return response
