"""App configuration."""

from django.apps import AppConfig


class DesignsConfig(AppConfig):
    """The room `designs`."""

    name = "paygate.designs"
    label = "designs"
    default_auto_field = "django.db.models.BigAutoField"
