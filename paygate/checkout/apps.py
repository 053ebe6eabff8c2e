"""App configuration."""

from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    """The room `checkout`."""

    name = "paygate.checkout"
    label = "checkout"
    default_auto_field = "django.db.models.BigAutoField"
