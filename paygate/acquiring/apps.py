"""App configuration."""

from django.apps import AppConfig


class AcquiringConfig(AppConfig):
    """The room `acquiring`."""

    name = "paygate.acquiring"
    label = "acquiring"
    default_auto_field = "django.db.models.BigAutoField"
