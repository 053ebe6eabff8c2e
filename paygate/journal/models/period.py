"""What is closed at the evening, and what is compared with the acquirer afterwards."""

from django.db import models

from paygate.journal.states import PeriodState
from paygate.lifecycle.moves import in_states
from paygate.merchants.models import Terminal
from paygate.tenants.owned import TenantOwned


class BookingPeriod(TenantOwned):
    """What one batch close of one terminal contains."""

    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=PeriodState, default=PeriodState.OPEN)
    opened_at = models.DateTimeField()
    business_day_from = models.DateTimeField()  # the timer closes it at the first closing time after this
    closed_at = models.DateTimeField(null=True)  # frozen
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    request_id = models.CharField(max_length=40, blank=True)
    line_count = models.PositiveIntegerField(default=0)
    totals = models.JSONField(default=dict)  # currency -> minor units
    content_hash = models.CharField(max_length=64, blank=True)
    acquirer_reference = models.CharField(max_length=64, blank=True)
    refused_because = models.CharField(max_length=40, blank=True)
    review_since = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-opened_at", "-pk"]
        indexes = [
            models.Index(fields=["merchant", "-opened_at", "-id"], name="periods_newest_first"),
            models.Index(fields=["merchant", "state", "-opened_at", "-id"], name="periods_in_state"),
        ]
        constraints = [
            in_states(PeriodState, "period_state_known"),
            models.UniqueConstraint(fields=["merchant", "terminal", "number"], name="one_period_per_number"),
            models.UniqueConstraint(
                fields=["merchant", "terminal"],
                condition=models.Q(state=PeriodState.OPEN),
                name="one_open_period_per_terminal",
            ),
        ]

    def __str__(self) -> str:
        return f"Period {self.number} {self.state}"


class ReconciledDay(TenantOwned):
    """A day of a terminal that was compared with the acquirer's list (safety.md OC-12)."""

    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()  # in UTC
    done_at = models.DateTimeField()
    orphans = models.PositiveIntegerField(default=0)  # approved there, unknown here
    missing = models.PositiveIntegerField(default=0)  # approved here, unknown there

    class Meta(TenantOwned.Meta):
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "terminal", "day"], name="one_comparison_per_day")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.orphans} orphans, {self.missing} missing"
