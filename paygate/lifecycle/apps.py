"""App configuration."""

from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    """The room `lifecycle`."""

    name = "paygate.lifecycle"
    label = "lifecycle"
    default_auto_field = "django.db.models.BigAutoField"
