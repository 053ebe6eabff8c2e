"""App configuration."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """The room `operations`."""

    name = "paygate.operations"
    label = "operations"
    default_auto_field = "django.db.models.BigAutoField"
