"""App configuration."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """The room `tenants`."""

    name = "paygate.tenants"
    label = "tenants"
    default_auto_field = "django.db.models.BigAutoField"
