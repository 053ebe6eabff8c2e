"""App configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The room `accounts`."""

    name = "paygate.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
