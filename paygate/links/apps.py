"""App configuration."""

from django.apps import AppConfig


class LinksConfig(AppConfig):
    """The room `links`."""

    name = "paygate.links"
    label = "links"
    default_auto_field = "django.db.models.BigAutoField"
