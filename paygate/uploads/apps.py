"""App configuration."""

from django.apps import AppConfig


class UploadsConfig(AppConfig):
    """The room `uploads`."""

    name = "paygate.uploads"
    label = "uploads"
    default_auto_field = "django.db.models.BigAutoField"
