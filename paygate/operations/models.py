"""What browsers reported: something on a page of ours was against its policy (safety.md PP-2)."""

from django.db import models


class Violation(models.Model):
    """One sort of report, counted. It belongs to no merchant, and names neither a payer nor a link."""

    directive = models.CharField(max_length=60)  # the rule that was broken
    page = models.CharField(max_length=120)  # the route of the page, without what stood in its place
    blocked = models.CharField(max_length=200)  # origin of what was stopped, or a word such as "inline"
    count = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_seen_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["directive", "page", "blocked"], name="one_row_per_sort_of_violation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.directive} on {self.page}: {self.blocked}"
