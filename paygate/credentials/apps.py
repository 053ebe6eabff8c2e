"""App configuration."""

from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    """The room `credentials`."""

    name = "paygate.credentials"
    label = "credentials"
    default_auto_field = "django.db.models.BigAutoField"
