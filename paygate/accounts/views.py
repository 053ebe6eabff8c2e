"""Pages of the sign-in library that have to know more of their person than it tells them."""

from typing import Any
from zoneinfo import ZoneInfo

from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import ListWebAuthnView


class SecondStep(AuthenticateView):  # type: ignore[misc]  # the library has no types
    """Asks for a code, a passkey or both: never for what nobody set up."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With which of the two this person set up."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        theirs = Authenticator.objects.filter(user=self.stage.login.user)
        kinds = set(theirs.values_list("type", flat=True))
        return context | {
            "has_app": Authenticator.Type.TOTP in kinds,
            "has_passkey": Authenticator.Type.WEBAUTHN in kinds,
        }


class Passkeys(ListWebAuthnView):  # type: ignore[misc]  # the library has no types
    """The passkeys of somebody, and when each was used last."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the zone of the merchant that opened the account."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        home = self.request.user.home
        return context | {"zone": ZoneInfo(home.zone if home else "UTC")}
