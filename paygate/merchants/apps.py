"""App configuration."""

from django.apps import AppConfig


class MerchantsConfig(AppConfig):
    """The room `merchants`."""

    name = "paygate.merchants"
    label = "merchants"
    default_auto_field = "django.db.models.BigAutoField"
