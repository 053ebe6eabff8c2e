"""The history of every move (safety.md ST-1)."""

from django.db import models

from paygate.tenants.owned import TenantOwned


class Step(TenantOwned):
    """One move of one row: written in the transaction that moved it, never changed."""

    subject = models.CharField(max_length=40)  # the noun, for example "offers.Offer"
    subject_id = models.CharField(max_length=36)
    old = models.CharField(max_length=20, blank=True)  # empty for the first state
    new = models.CharField(max_length=20)
    cause = models.CharField(max_length=80)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        indexes = [models.Index(fields=["merchant", "subject", "subject_id"], name="step_subject")]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}: {self.old} to {self.new}"
