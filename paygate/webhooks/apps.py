"""App configuration."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """The room `webhooks`."""

    name = "paygate.webhooks"
    label = "webhooks"
    default_auto_field = "django.db.models.BigAutoField"
