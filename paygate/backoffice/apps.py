"""App configuration."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    """The room `backoffice`."""

    name = "paygate.backoffice"
    label = "backoffice"
    default_auto_field = "django.db.models.BigAutoField"
