"""The books: `Entry` (a payment), `Movement` (one step asked of the acquirer), `BookingPeriod`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from paygate.acquiring.models import Contract
from paygate.journal.states import EntryState, MovementState, PeriodState
from paygate.lifecycle.moves import in_states
from paygate.merchants.models import Booking, Terminal
from paygate.money.model_fields import Priced
from paygate.tenants.owned import TenantOwned
from paygate.threeds.models import Authentication


class Origin(models.TextChoices):
    """What the payment came from (SPG-FLOW-13)."""

    SECURE_PAYGATE = "SECURE_PAYGATE", _("Secure PayGate")


class Entry(Priced, TenantOwned):
    """A payment in the journal. The amount is what was authorized; it never changes."""

    transaction_id = models.CharField(max_length=28)  # its name outside
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=EntryState, default=EntryState.PENDING)
    succeeded = models.BooleanField(default=False)  # set once, never cleared (safety.md LK-4)
    booked_minor = models.BigIntegerField(default=0)  # captures approved or on their way

    origin = models.CharField(max_length=20, choices=Origin)
    single_use_of = models.CharField(max_length=36, blank=True)  # the offer that only one payment may pay
    reference = models.CharField(max_length=80, blank=True)  # the merchant's own (SPG-FRM-12 to 15)
    description = models.CharField(max_length=1000)
    booking = models.CharField(max_length=20, choices=Booking)
    payer_email = models.CharField(max_length=254, blank=True)

    method = models.CharField(max_length=20)  # a name of methods.py
    means = models.CharField(max_length=24, blank=True)  # masked: first six, last four (CD-2)
    means_expiry = models.CharField(max_length=7, blank=True)  # MM/YYYY

    authentication = models.OneToOneField(
        Authentication, on_delete=models.PROTECT, null=True, related_name="+"
    )
    liability_shift = models.BooleanField(default=False)
    liable_entity = models.CharField(max_length=10, blank=True)
    authenticated = models.BooleanField(null=True)
    authentication_type = models.CharField(max_length=40, blank=True)

    approval_code = models.CharField(max_length=12, blank=True)
    acquirer_reference = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    authorized_at = models.DateTimeField(null=True)
    guaranteed_until = models.DateTimeField(null=True)  # SPG-FRM-26, 27

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "entries"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["merchant", "-created_at", "-id"], name="entries_newest_first"),
            models.Index(fields=["merchant", "reference"], name="entries_by_reference"),
        ]
        constraints = [
            *Priced.Meta.constraints,
            in_states(EntryState, "entry_state_known"),
            models.UniqueConstraint(
                fields=["merchant", "transaction_id"], name="one_entry_per_transaction_id"
            ),
            models.UniqueConstraint(
                fields=["merchant", "single_use_of"],
                condition=models.Q(succeeded=True) & ~models.Q(single_use_of=""),
                name="one_success_per_offer",
            ),
            models.CheckConstraint(
                condition=models.Q(booked_minor__gte=0, booked_minor__lte=models.F("amount_minor")),
                name="entry_booked_within_reservation",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["AUTHORIZED", "CAPTURED"]) | models.Q(succeeded=True),
                name="entry_kept_is_success",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transaction_id} {self.state}"


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


class Kind(models.TextChoices):
    """What was asked of the acquirer."""

    AUTHORIZE = "AUTHORIZE", _("Authorization")
    CAPTURE = "CAPTURE", _("Booking")
    CANCEL = "CANCEL", _("Cancellation")


class Movement(Priced, TenantOwned):
    """One step of an entry that was asked of an acquirer. Added and settled, never edited or deleted."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=20, choices=MovementState, default=MovementState.ASKED)
    request_id = models.CharField(max_length=40, unique=True)  # our own reference; every retry carries it
    by = models.CharField(max_length=60)
    asked_at = models.DateTimeField()
    lease_until = models.DateTimeField()  # whoever asks is thought dead after this
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    period = models.ForeignKey(BookingPeriod, on_delete=models.PROTECT, null=True, related_name="lines")

    acquirer_reference = models.CharField(max_length=64, blank=True)
    approval_code = models.CharField(max_length=12, blank=True)
    decline_reason = models.CharField(max_length=30, blank=True)
    acquirer_code = models.CharField(max_length=12, blank=True)
    no_answer_because = models.CharField(max_length=40, blank=True)
    raw_answer = models.CharField(max_length=2000, blank=True)  # what came, redacted (OC-2)

    inquiries = models.PositiveSmallIntegerField(default=0)
    next_inquiry_at = models.DateTimeField(null=True)
    asked_about_at = models.DateTimeField(null=True)  # out of turn, for a payer who came back
    not_found_at = models.DateTimeField(null=True)  # the first time the acquirer said it never heard of it
    review_since = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["state", "next_inquiry_at"], name="movements_to_ask_about"),
        ]
        constraints = [
            *Priced.Meta.constraints,
            in_states(MovementState, "movement_state_known"),
            models.UniqueConstraint(
                fields=["merchant", "entry"],
                condition=models.Q(kind=Kind.AUTHORIZE),
                name="one_authorization_per_entry",
            ),
            models.UniqueConstraint(
                fields=["merchant", "entry"],
                condition=models.Q(kind=Kind.CAPTURE, state__in=["ASKED", "UNKNOWN", "APPROVED"]),
                name="one_capture_per_entry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.request_id}"
