"""What two people decide: one says it, another confirms it (safety.md AU-5)."""

from django.db import models

from paygate.journal.models.entry import Entry
from paygate.journal.models.movement import Movement
from paygate.journal.models.period import BookingPeriod
from paygate.journal.states import Verdict
from paygate.money.model_fields import Priced
from paygate.tenants.owned import TenantOwned


class Decision(TenantOwned):
    """One person says what became of a movement or a batch under review; another confirms it (safety.md AU-5)."""

    movement = models.ForeignKey(Movement, on_delete=models.PROTECT, null=True, related_name="decisions")
    period = models.ForeignKey(BookingPeriod, on_delete=models.PROTECT, null=True, related_name="decisions")
    verdict = models.CharField(max_length=20, choices=Verdict)
    reason = models.CharField(max_length=500)
    acquirer_reference = models.CharField(max_length=64, blank=True)  # where the acquirer told one
    proposed_by = models.CharField(max_length=60)
    proposed_at = models.DateTimeField()
    ended_by = models.CharField(max_length=60, blank=True)  # who confirmed it, or turned it down
    ended_at = models.DateTimeField(null=True)
    confirmed = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=Verdict.values), name="decision_verdict_known"
            ),
            models.CheckConstraint(
                condition=models.Q(movement__isnull=False, period__isnull=True)
                | models.Q(movement__isnull=True, period__isnull=False),
                name="decision_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed=False)
                | (~models.Q(ended_by=models.F("proposed_by")) & models.Q(ended_at__isnull=False)),
                name="decision_needs_two_people",
            ),
            models.UniqueConstraint(
                fields=["merchant", "movement"],
                condition=models.Q(ended_at__isnull=True, movement__isnull=False),
                name="one_open_decision_per_movement",
            ),
            models.UniqueConstraint(
                fields=["merchant", "period"],
                condition=models.Q(ended_at__isnull=True, period__isnull=False),
                name="one_open_decision_per_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.proposed_by}"


class RefundProposal(Priced, TenantOwned):
    """A refund above the merchant's limit, asked for by one person, to be confirmed by another (safety.md AU-5)."""

    payment = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="refund_proposals")
    part = models.ForeignKey(Movement, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_by = models.CharField(max_length=60)
    proposed_at = models.DateTimeField()
    ended_by = models.CharField(max_length=60, blank=True)  # who confirmed it, or turned it down
    ended_at = models.DateTimeField(null=True)
    refund = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="proposal")

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        constraints = [
            *Priced.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(refund__isnull=True)
                | (~models.Q(ended_by=models.F("proposed_by")) & models.Q(ended_at__isnull=False)),
                name="refund_proposal_needs_two_people",
            ),
            models.UniqueConstraint(
                fields=["merchant", "payment"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_refund_proposal_per_payment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} by {self.proposed_by}"
