"""App configuration."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The room `audit`."""

    name = "paygate.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
