"""`AnsweredRequest`: a call that creates or moves money, and what it was answered. `FieldsAccessToken`."""

from uuid import uuid4

from django.db import models

from paygate.merchants.models import Terminal
from paygate.tenants.owned import TenantOwned


class AnsweredRequest(TenantOwned):
    """Written before the work begins (safety.md ID-3, ID-4). Without a status the work is not done yet."""

    call = models.CharField(max_length=80)
    request_id = models.CharField(max_length=50)
    body_mac = models.CharField(max_length=64)  # keyed: the body may hold a card
    begun_at = models.DateTimeField()
    runs_until = models.DateTimeField()  # afterwards whoever worked on it is gone
    about = models.CharField(max_length=120, blank=True)  # what it made, set in the transaction that made it
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        indexes = [models.Index(fields=["begun_at"], name="answered_requests_by_age")]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "call", "request_id", "body_mac"], name="one_answer_per_request"
            )
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.request_id}"


class FieldsAccessToken(TenantOwned):
    """Lets card fields stand inside the pages of a shop, at these addresses only (behaviour.md T-8)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    description = models.CharField(max_length=128)
    source_urls = models.JSONField(default=list)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)

    class Meta(TenantOwned.Meta):
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.description
