"""App configuration."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    """The room `offers`."""

    name = "paygate.offers"
    label = "offers"
    default_auto_field = "django.db.models.BigAutoField"
