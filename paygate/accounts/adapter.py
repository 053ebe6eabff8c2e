"""What we ask of the sign-in library: nobody signs up alone, and its letters go through our outbox in our look."""

from collections.abc import Mapping
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paygate.accounts.letters import queue_change_letter
from paygate.accounts.models import User
from paygate.accounts.presence import begin, end
from paygate.accounts.put_down import put_down
from paygate.audit.actions import Action
from paygate.clock import now
from paygate.limits.count import client_address

# What happened, by the name of the library's own letter about it.
CHANGES: Final[Mapping[str, Promise]] = {
    "account/email/password_changed": _("Your password was changed."),
    "account/email/password_reset": _("A new password was chosen with the link from our letter."),
    "account/email/password_set": _("A password was set."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made; the old ones no longer work."),
    "mfa/email/totp_activated": _("An authenticator app was added."),
    "mfa/email/totp_deactivated": _("The authenticator app was removed."),
    "mfa/email/webauthn_added": _("A passkey or security key was added."),
    "mfa/email/webauthn_removed": _("A passkey or security key was removed."),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Accounts are opened by a merchant's manager, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where a signed-in person lands."""
        return "/backoffice/"

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """How somebody proves who they are before they change what protects the account.

        Whoever has a second factor proves it by that, never by the password alone (safety.md AU-3): with the app or,
        where there is none, with the passkey first.
        """
        ways: list[dict[str, str]] = super().get_reauthentication_methods(user)
        if not is_mfa_enabled(user):
            return ways
        has_app = is_mfa_enabled(user, [Authenticator.Type.TOTP])
        ways = [way for way in ways if way["id"] != "reauthenticate"]
        if has_app:
            return ways
        codes = {"description": str(_("Use a recovery code"))}
        return [way | codes if way["id"] == "mfa_reauthenticate" else way for way in reversed(ways)]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue a letter about a change. Reset links take another way (forms.py); nothing else may be sent."""
        what = CHANGES.get(template_prefix)
        assert what is not None, f"the sign-in library wants to send {template_prefix}, which has no letter"
        user, moment = User.objects.get(email=email.lower()), now()
        queue_change_letter(user, what, now=moment)
        put_down(Action.ACCOUNT_CHANGED, user, {"what": template_prefix.rpartition("/")[2]}, now=moment)

    def login(self, request: HttpRequest, user: User) -> None:
        """Somebody is in: every step of signing in is done."""
        methods = [one.get("type", one["method"]) for one in get_authentication_records(request, user)]
        super().login(request, user)
        moment = now()
        begin(request, user, address=client_address(request), now=moment)
        put_down(Action.SIGNED_IN, user, {"with": methods}, now=moment)

    def logout(self, request: HttpRequest) -> None:
        """Somebody leaves."""
        user = request.user
        assert isinstance(user, User), "only who is in can leave"
        end(request)
        put_down(Action.SIGNED_OUT, user, {}, now=now())

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong password, for signing in or for confirming; or the right one while the account is locked."""
        email = str(credentials.get("email") or "").lower()
        user = User.objects.filter(email=email).first()
        if user is not None:
            put_down(Action.SIGN_IN_FAILED, user, {"with": "password"}, result="refused", now=now())
