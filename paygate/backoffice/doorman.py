"""The view decorator: signed in, member of a merchant, second factor, permission, feature (safety.md AU-2, AU-4)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, cast
from zoneinfo import ZoneInfo

import structlog
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import InterfaceError, OperationalError
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _

from paygate import clock
from paygate.accounts.models import User
from paygate.accounts.second_factor import ask_again, is_fresh, second_factors
from paygate.audit.origin import it_is
from paygate.backoffice.errors import busy, not_found, not_permitted, not_set_up
from paygate.backoffice.visit import Visit
from paygate.languages import ui_language
from paygate.merchants.licence import Feature, features_known_to, is_set_up, with_features
from paygate.merchants.models import Member, Preferences
from paygate.merchants.reach import NotPermitted, actor_of
from paygate.merchants.roles import PERMISSIONS, Permission
from paygate.refusals import NotFound
from paygate.tenants.context import across_tenants, within
from paygate.tenants.kept import Given, Kept

log = structlog.get_logger("paygate.backoffice")

P = ParamSpec("P")
View = Callable[Concatenate[Visit, P], HttpResponseBase]
Guarded = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

CHOSEN: Final = "merchant"  # in the session: for which merchant this person works now

GUARDED: Final[dict[Callable[..., Any], Permission]] = {}  # every guarded view and the right it asks for


def doorman(
    permission: Permission,
    *,
    feature: Feature | None = None,
    before_set_up: bool = False,
    fresh: bool = False,
) -> Callable[[View[P]], Guarded[P]]:
    """Let only members with `permission` in, of merchants that have `feature`; the view sees their rows only.

    Foreign and unknown things are the same page (TN-4), as are pages of a feature the merchant does not have
    (SPG-REQ-01). What belongs to Secure PayGate opens when its settings are complete (SPG-SET-01); only pages that
    are needed `before_set_up` do so earlier.
    What is `fresh` is done by somebody who showed the second factor, or where there is none the
    password, within five minutes (AU-3).
    """

    def guard(view: View[P]) -> Guarded[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                wanted = request.get_full_path() if request.method == "GET" else page_above(request.path)
                return redirect_to_login(wanted)
            visit = cast(Visit, request)
            with translation.override(ui_language(visit.user.language)):
                try:
                    response = _let_in(
                        visit, lambda: view(visit, *args, **kwargs), permission, feature, before_set_up, fresh
                    )
                except (OperationalError, InterfaceError):
                    log.error("database unavailable", status=503)
                    response = busy(visit)
            if response.status_code == HttpResponseNotAllowed.status_code and request.method in {
                "GET",
                "HEAD",
            }:
                # The address of a button, opened as a page: after signing in again, or from the history.
                response = redirect(page_above(request.path))
            response["Cache-Control"] = "private, no-store"
            return response

        GUARDED[guarded] = permission
        return guarded

    return guard


def page_above(path: str) -> str:
    """The page on which the button of this address stands."""
    while path != "/backoffice/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        try:
            resolve(path)
        except Resolver404:
            continue
        break
    return path


def _let_in(
    visit: Visit,
    view: Callable[[], HttpResponseBase],
    permission: Permission,
    feature: Feature | None,
    before_set_up: bool,
    fresh: bool,
) -> HttpResponseBase:
    it_is(visit.user.email)
    if not _place(visit):
        return not_permitted(visit)
    with within(visit.merchant.pk):
        visit.features = features_known_to(visit.member)
        asked_of_all = visit.merchant.live or visit.member.__dict__["second_factor_required"]
        if asked_of_all and not second_factors(visit.user).exists():
            messages.warning(visit, _("Set up a second factor first. It protects your customers' money."))
            return redirect("mfa_activate_totp")
        if feature is not None and feature not in visit.features:
            return not_found(visit)
        try:
            visit.actor.require(permission)
            if feature is Feature.SECURE_PAYGATE and not (before_set_up or is_set_up(visit.member)):
                return _settings_first(visit)
            if fresh and not is_fresh(visit):
                return ask_again(visit)
            return view()
        except NotFound:
            return not_found(visit)
        except NotPermitted:
            return not_permitted(visit)


def _settings_first(visit: Visit) -> HttpResponseBase:
    """To the settings, which say why; who may not change them is told who may (SPG-SET-01)."""
    if Permission.EDIT_SETTINGS in visit.actor.permissions:
        return redirect("backoffice:preferences")
    roles = [role for role, permissions in PERMISSIONS.items() if Permission.EDIT_SETTINGS in permissions]
    members = Member.objects.filter(merchant_id=visit.merchant.pk, role__in=roles).select_related("user")
    return not_set_up(visit, [member.user.name or member.user.email for member in members])


def _place(visit: Visit) -> bool:
    """Write down who is here, and for which merchant: the one chosen last, else the first. False: for none."""
    visit.memberships = memberships_of(visit.user)
    if not visit.memberships:
        return False
    chosen = visit.session.get(CHOSEN)
    visit.member = next((one for one in visit.memberships if one.merchant_id == chosen), visit.memberships[0])
    visit.member.user = visit.user
    visit.merchant = visit.member.merchant
    visit.actor = actor_of(visit.member)
    visit.now, visit.zone = clock.now(), ZoneInfo(visit.merchant.zone)
    return True


_MEMBERSHIPS: Final = Kept(
    lambda: (
        with_features()
        .filter(user=Given("user_id", User._meta.pk))
        .annotate(
            second_factor_required=Subquery(
                Preferences.objects.filter(merchant=OuterRef("merchant")).values("second_factor_required")
            )
        )
        .order_by("pk")
    )
)


def memberships_of(user: User) -> tuple[Member, ...]:
    """Every merchant this person works for, the oldest first."""
    with across_tenants():
        return tuple(_MEMBERSHIPS.all(user_id=user.pk))
