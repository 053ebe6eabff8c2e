"""App configuration."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The room `api`."""

    name = "paygate.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
