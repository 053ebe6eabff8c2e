"""One counter for one key in one window of time. Keys are hashes: no address stands here in clear."""

from django.db import models


class Counter(models.Model):
    """How often something happened in a window."""

    key = models.CharField(max_length=64)
    window = models.BigIntegerField()  # number of the window since 1970
    expires_at = models.DateTimeField()
    hits = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="one_counter_per_window")]
        indexes = [models.Index(fields=["expires_at"], name="counters_to_forget")]

    def __str__(self) -> str:
        return f"{self.key[:6]}: {self.hits}"
