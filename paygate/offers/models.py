"""An offer: one thing to be paid once, with a link and a deadline."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from paygate.lifecycle.moves import in_states
from paygate.merchants.models import Booking, Terminal
from paygate.money.model_fields import Priced
from paygate.offers.states import OfferState
from paygate.tenants.owned import TenantOwned
from paygate.threeds.liability import Condition
from paygate.tokens import link_id


class Source(models.TextChoices):
    """By which door the offer came."""

    BACKOFFICE = "BACKOFFICE", _("Back office")
    API = "API", _("API")
    UPLOAD = "UPLOAD", _("File")


class Offer(Priced, TenantOwned):
    """A payment link with its amount and conditions. Its id is the link's secret: 122 random bits (LN-1)."""

    id = models.UUIDField(primary_key=True, default=link_id, editable=False)
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=OfferState, default=OfferState.OPEN)
    description = models.CharField(max_length=1000)
    reference = models.CharField(max_length=80, blank=True)
    booking = models.CharField(max_length=20, choices=Booking)
    condition = models.CharField(
        max_length=60, choices=[(condition.value, condition.value) for condition in Condition]
    )
    language = models.CharField(max_length=8)
    payer_email = models.CharField(max_length=254, blank=True)
    notify_emails = models.JSONField(default=list)
    expires_at = models.DateTimeField()
    max_attempts = models.PositiveSmallIntegerField()  # 0: no limit
    attempts = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(
        default=1
    )  # raised by each change, so that an open page notices (MO-8)

    claim = models.CharField(max_length=36, blank=True)  # the attempt that may ask for money now
    claimed_until = models.DateTimeField(null=True)  # None with a claim: until the acquirer's answer is known
    first_opened_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=10, choices=Source)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=60)

    class Meta(TenantOwned.Meta):
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["merchant", "-created_at", "-id"], name="offers_newest_first"),
            models.Index(fields=["state", "expires_at"], name="offers_due_to_expire"),
            models.Index(fields=["merchant", "reference"], name="offers_by_reference"),
        ]
        constraints = [
            *Priced.Meta.constraints,
            in_states(OfferState, "offer_state_known"),
            models.CheckConstraint(
                condition=models.Q(state=OfferState.PAID, paid_at__isnull=False)
                | (~models.Q(state=OfferState.PAID) & models.Q(paid_at__isnull=True)),
                name="offer_paid_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference or self.id} {self.state}"

    def state_at(self, now: datetime) -> OfferState:
        """The state as people should see it: an open offer past its deadline is expired, before any job says so."""
        if self.state == OfferState.OPEN and self.expires_at <= now:
            return OfferState.EXPIRED
        return OfferState(self.state)

    @property
    def is_used_up(self) -> bool:
        """Were all attempts made that it allows (safety.md INV-17)?"""
        return 0 < self.max_attempts <= self.attempts

    def is_claimed_at(self, now: datetime) -> bool:
        """Does an attempt hold this offer now?"""
        return bool(self.claim) and (self.claimed_until is None or self.claimed_until > now)
