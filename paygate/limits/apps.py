"""App configuration."""

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    """The room `limits`."""

    name = "paygate.limits"
    label = "limits"
    default_auto_field = "django.db.models.BigAutoField"
