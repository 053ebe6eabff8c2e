"""App configuration."""

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class MailConfig(AppConfig):
    """The room `mail`."""

    name = "paygate.mail"
    label = "mail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A mistyped mail server or address is told at the start, not by each letter that waits for it."""
        from paygate.mail.mailbox import MailboxRefused, parse_mailbox
        from paygate.mail.server import MailServer

        if settings.EMAIL_URL:
            MailServer.of(settings.EMAIL_URL)
        try:
            parse_mailbox(settings.PAYGATE_ALARM_EMAIL or "nobody@example.com")
        except MailboxRefused as refused:
            raise ImproperlyConfigured(
                "PAYGATE_ALARM_EMAIL must be one e-mail address such as operator@example.com"
            ) from refused
