"""App configuration."""

from django.apps import AppConfig


class AcquiringConfig(AppConfig):
    """The room `acquiring`."""

    name = "paygate.acquiring"
    label = "acquiring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Nobody is called under the name of whom we speak to (safety.md SS-5)."""
        from paygate.acquiring.registry import hosts
        from paygate.outbound.own_hosts import count_as_ours

        count_as_ours(hosts)
