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
        """What is mistyped is told at the start, not by each letter or file that waits for it."""
        from paygate.mail.mailbox import MailboxRefused, parse_mailbox
        from paygate.mail.server import MailServer
        from paygate.mail.virus_scanner import scanner_of

        if settings.EMAIL_URL:
            MailServer.of(settings.EMAIL_URL)
        if settings.PAYGATE_VIRUS_SCANNER:
            scanner_of(settings.PAYGATE_VIRUS_SCANNER)
        try:
            parse_mailbox(settings.PAYGATE_ALARM_EMAIL or "nobody@example.com")
        except MailboxRefused as refused:
            raise ImproperlyConfigured(
                "PAYGATE_ALARM_EMAIL must be one e-mail address such as operator@example.com"
            ) from refused
