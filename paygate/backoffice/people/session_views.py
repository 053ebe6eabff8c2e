"""Where one is signed in oneself, and how to end that."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate.accounts.presence import end, presence_id, presences_of, sign_out
from paygate.accounts.put_down import put_down
from paygate.audit.actions import Action
from paygate.backoffice.doorman import doorman
from paygate.backoffice.pages import page
from paygate.backoffice.people.browsers import name_of_browser
from paygate.backoffice.visit import Visit
from paygate.merchants.roles import Permission
from paygate.refusals import NotFound


@doorman(Permission.SEE_OFFERS)
@require_safe
def sessions(request: Visit) -> HttpResponse:
    """Every browser in which the person is signed in."""
    rows = list(presences_of(request.user, now=request.now))
    return page(
        request,
        "people/sessions.html.jinja",
        {"sessions": rows, "here": presence_id(request), "name_of_browser": name_of_browser},
    )


@doorman(Permission.SEE_OFFERS)
@require_POST
def end_one(request: Visit, presence_id: int) -> HttpResponse:
    """Sign out in another browser."""
    if not sign_out(request.user.pk, presence=min(presence_id, 2**63 - 1)):
        raise NotFound
    put_down(Action.SIGNED_OUT, request.user, {"where": "another browser"}, now=request.now)
    messages.success(request, _("Signed out there."))
    return redirect("backoffice:sessions")


@doorman(Permission.SEE_OFFERS)
@require_POST
def end_all(request: Visit) -> HttpResponse:
    """Sign out everywhere, here too."""
    user = request.user
    count = sign_out(user.pk)
    end(request)
    put_down(Action.SIGNED_OUT_EVERYWHERE, user, {"browsers": count}, now=request.now)
    return redirect("account_login")
