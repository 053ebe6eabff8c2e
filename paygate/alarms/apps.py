"""App configuration."""

from django.apps import AppConfig


class AlarmsConfig(AppConfig):
    """The room `alarms`."""

    name = "paygate.alarms"
    label = "alarms"
    default_auto_field = "django.db.models.BigAutoField"
