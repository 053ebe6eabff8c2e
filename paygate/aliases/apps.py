"""App configuration."""

from django.apps import AppConfig


class AliasesConfig(AppConfig):
    """The room `aliases`."""

    name = "paygate.aliases"
    label = "aliases"
    default_auto_field = "django.db.models.BigAutoField"
