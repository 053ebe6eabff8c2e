"""`Delivery`: one call to a merchant's address, with its tries. `Target`: where they go (safety.md OB-1, OB-5)."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from paygate.lifecycle.moves import in_states
from paygate.tenants.owned import TenantOwned
from paygate.webhooks.states import DeliveryState


class Delivery(TenantOwned):
    """A message from server to server: written in the transaction that causes it, called by a job."""

    public_id = models.UUIDField(default=uuid4, editable=False)  # the same at each try (OB-2)
    kind = models.CharField(max_length=40)  # which event, for example "payment"
    about = models.CharField(max_length=80)  # for example "entry:<transaction id>"
    url = models.CharField(max_length=2000)  # with the token in its place
    target = models.CharField(max_length=300, blank=True)  # scheme and host of it; empty: it cannot be called
    state = models.CharField(max_length=20, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)  # that failed
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    give_up_at = models.DateTimeField()  # the last try is not later
    delivered_at = models.DateTimeField(null=True)
    answer = models.CharField(
        max_length=80, blank=True
    )  # of the last try: "200", "timeout", "refused: private"
    answer_ms = models.PositiveIntegerField(null=True)  # how long the last try took
    lease_token = models.UUIDField(null=True)  # of the worker that has it now
    lease_until = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["merchant", "about"], name="deliveries_about"),
            models.Index(fields=["merchant", "-created_at", "-id"], name="deliveries_newest_first"),
            models.Index(fields=["merchant", "state", "-created_at", "-id"], name="deliveries_in_state"),
            models.Index(fields=["next_try_at"], condition=Q(state="QUEUED"), name="deliveries_due"),
        ]
        constraints = [
            in_states(DeliveryState, "delivery_state_known"),
            models.UniqueConstraint(fields=["merchant", "public_id"], name="delivery_public_id_once"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.public_id}: {self.state}"


class Target(TenantOwned):
    """Where a merchant's calls go: scheme and host. Its row is locked while a call there is claimed."""

    origin = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    paused_until = models.DateTimeField(null=True)  # nobody calls there before

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["merchant", "origin"], name="one_target_per_origin")]

    def __str__(self) -> str:
        return f"{self.origin}: {self.failures} failures in a row"
