"""The library's second step of signing in, with a choice of what this person has."""

from typing import Any

from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator


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
