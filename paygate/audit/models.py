"""`AuditLine`: who did what to what, when, from where (safety.md AU-7)."""

from django.db import models

from paygate.tenants.owned import TenantOwned


class AuditLine(TenantOwned):
    """One thing that somebody did. Written in the transaction that does it, chained by a job, never changed."""

    at = models.DateTimeField()
    by = models.CharField(max_length=60)  # an actor's name, for example "member:12"
    person = models.CharField(max_length=254, blank=True)  # the e-mail address as it was then
    action = models.CharField(max_length=40)  # a name of audit/actions.py
    subject = models.CharField(max_length=80, blank=True)  # for example "offer:<id>"
    detail = models.JSONField(default=dict)  # old and new values; secrets masked
    came_from = models.CharField(max_length=45, blank=True)  # the client's address
    result = models.CharField(max_length=20, default="done")
    request_id = models.CharField(max_length=40, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)  # empty until the job has chained it
    hash = models.CharField(max_length=64, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["merchant", "-at", "-id"], name="audit_newest_first"),
            models.Index(fields=["merchant", "subject"], name="audit_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.by} {self.action} {self.subject}"
