"""App configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The room `accounts`."""

    name = "paygate.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A wrong code is told by the sign-in library in this way only."""
        from allauth.mfa.signals import authentication_failed

        from paygate.accounts.second_factor import note_wrong_code

        authentication_failed.connect(note_wrong_code, dispatch_uid="paygate wrong code")
