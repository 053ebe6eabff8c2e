"""App configuration."""

from django.apps import AppConfig


class CardsConfig(AppConfig):
    """The room `cards`."""

    name = "paygate.cards"
    label = "cards"
    default_auto_field = "django.db.models.BigAutoField"
