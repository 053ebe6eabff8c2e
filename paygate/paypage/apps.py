"""App configuration."""

from django.apps import AppConfig


class PaypageConfig(AppConfig):
    """The room `paypage`."""

    name = "paygate.paypage"
    label = "paypage"
    default_auto_field = "django.db.models.BigAutoField"
