"""App configuration."""

from django.apps import AppConfig


class ThreeDSConfig(AppConfig):
    """The room `threeds`."""

    name = "paygate.threeds"
    label = "threeds"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Nobody is called under the name of whom we speak to (safety.md SS-5)."""
        from paygate.outbound.own_hosts import count_as_ours
        from paygate.threeds.registry import hosts

        count_as_ours(hosts)
