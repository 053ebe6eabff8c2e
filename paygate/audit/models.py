"""`AuditLine`: who did what to what, when, from where; `Checkpoint`: how far the chain was, day by day (AU-7)."""

from typing import ClassVar, Final

from django.db import models

from paygate.tenants.owned import AppendOnly, TenantOwned

KEPT_MONTHS: Final = 36


class AuditLine(TenantOwned):
    """One thing that somebody did. Written in the transaction that does it, chained by a job, never changed."""

    APPEND_ONLY: ClassVar = AppendOnly(
        filled_once=("place", "previous_hash", "hash"), by="hash", kept_months=KEPT_MONTHS
    )

    at = models.DateTimeField()
    by = models.CharField(max_length=60)  # an actor's name, for example "member:12"
    person = models.CharField(max_length=254, blank=True)  # the e-mail address as it was then
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=80, blank=True)  # for example "offer:<id>"
    detail = models.JSONField(default=dict)  # old and new values; secrets masked
    came_from = models.CharField(max_length=45, blank=True)  # the client's address
    result = models.CharField(max_length=20, default="done")
    request_id = models.CharField(max_length=40, blank=True)
    place = models.BigIntegerField(
        null=True
    )  # in the merchant's chain, from 1; none until the job has chained it
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["merchant", "-at", "-id"], name="audit_newest_first"),
            models.Index(fields=["merchant", "subject"], name="audit_subject"),
            models.Index(fields=["merchant", "id"], name="audit_to_chain", condition=models.Q(place=None)),
        ]
        constraints = [models.UniqueConstraint(fields=["merchant", "place"], name="one_line_per_place")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.by} {self.action} {self.subject}"


class Checkpoint(TenantOwned):
    """Where a merchant's chain ended on a day. Also stands in the server's log, out of the database's reach."""

    APPEND_ONLY: ClassVar = AppendOnly()

    at = models.DateTimeField()
    day = models.DateField()
    place = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta(TenantOwned.Meta):
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["merchant", "day"], name="one_checkpoint_a_day")]

    def __str__(self) -> str:
        return f"{self.day} at {self.place}: {self.hash[:12]}"
