"""App configuration."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    """The room `mail`."""

    name = "paygate.mail"
    label = "mail"
    default_auto_field = "django.db.models.BigAutoField"
