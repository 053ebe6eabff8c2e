"""App configuration."""

from django.apps import AppConfig
from django.conf import settings


class MailConfig(AppConfig):
    """The room `mail`."""

    name = "paygate.mail"
    label = "mail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A mistyped mail server is told at the start, not by each letter that waits for it."""
        from paygate.mail.server import MailServer

        if settings.EMAIL_URL:
            MailServer.of(settings.EMAIL_URL)
