"""Who has a second factor, and who has just shown that it is them (safety.md AU-2, AU-3)."""

import time
from datetime import timedelta
from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from paygate import clock
from paygate.accounts.models import User
from paygate.accounts.put_down import put_down
from paygate.audit.actions import Action

FRESH: Final = timedelta(minutes=5)


def second_factors(user: object) -> QuerySet[Authenticator]:
    """Passkeys and apps of a person, or of an outer query's; recovery codes alone are none."""
    factors: QuerySet[Authenticator] = Authenticator.objects.filter(user=user)
    return factors.exclude(type=Authenticator.Type.RECOVERY_CODES)


def note_wrong_code(*, user: User, authenticator: Authenticator, **_more: object) -> None:
    """A code or passkey that was not right."""
    detail = {"with": str(authenticator.type)}
    put_down(Action.SIGN_IN_FAILED, user, detail, result="refused", now=clock.now())


def is_fresh(request: HttpRequest) -> bool:
    """Was the second factor shown within five minutes; by who has none, the password?

    The library writes these times by the host's clock.
    """
    wanted = "mfa" if second_factors(request.user).exists() else "password"
    since = time.time() - FRESH.total_seconds()
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return any(one["at"] > since for one in records if one["method"] == wanted)


def ask_again(request: HttpRequest) -> HttpResponse:
    """To the page that asks who it is; what was sent waits, and is done right after."""
    methods = get_adapter(request).get_reauthentication_methods(request.user)
    response: HttpResponse = suspend_request(request, methods[0]["url"])
    return response
