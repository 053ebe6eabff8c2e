"""App configuration."""

from django.apps import AppConfig


class ThreeDSConfig(AppConfig):
    """The room `threeds`."""

    name = "paygate.threeds"
    label = "threeds"
    default_auto_field = "django.db.models.BigAutoField"
