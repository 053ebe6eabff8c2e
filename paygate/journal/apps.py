"""App configuration."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The room `journal`."""

    name = "paygate.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"
