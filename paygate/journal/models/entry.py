"""A payment or a refund in the journal."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from paygate.acquiring.models import Contract
from paygate.journal.states import EntryState
from paygate.lifecycle.moves import in_states
from paygate.merchants.models import Booking, Terminal
from paygate.money.amount import Money
from paygate.money.model_fields import Priced
from paygate.tenants.owned import TenantOwned
from paygate.threeds.models import Authentication


class Origin(models.TextChoices):
    """What the payment came from (SPG-FLOW-13)."""

    SECURE_PAYGATE = "SECURE_PAYGATE", _("Secure PayGate")
    PROGRAM = "PROGRAM", _("JSON API")  # a program asked for the money itself
    ORPHAN = "ORPHAN", _("Found at the acquirer")  # approved there, unknown here (safety.md OC-12)


class EntryType(models.TextChoices):
    """Which way the money goes."""

    PAYMENT = "PAYMENT", _("Payment")
    REFUND = "REFUND", _("Refund")


class Entry(Priced, TenantOwned):
    """A payment or a refund in the journal. The amount is what was asked for; it never changes.

    A refund is an entry of its own that points at the payment it pays back. Its amount is positive, too.
    """

    transaction_id = models.CharField(max_length=28)  # its name outside
    type = models.CharField(max_length=10, choices=EntryType, default=EntryType.PAYMENT)
    pays_back = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="refunds")
    # The part of it that is paid back, where it was booked in parts.
    pays_back_part = models.ForeignKey(
        "Movement", on_delete=models.PROTECT, null=True, related_name="refunds"
    )
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=EntryState, default=EntryState.PENDING)
    succeeded = models.BooleanField(default=False)  # set once, never cleared (safety.md LK-4)
    booked_minor = models.BigIntegerField(default=0)  # captures approved or on their way
    parts_minor = models.BigIntegerField(
        default=0
    )  # of them, approved and of a part (behaviour.md H-9 to 14)
    refunded_minor = models.BigIntegerField(default=0)  # refunds of it, made or on their way (safety.md MO-6)
    refunded_beyond = models.BooleanField(default=False)  # a program may pay back more (behaviour.md I-5)

    origin = models.CharField(max_length=20, choices=Origin)
    single_use_of = models.CharField(max_length=36, blank=True)  # the offer that only one payment may pay
    multi_use_of = models.CharField(max_length=36, blank=True)  # the link that many payments pay
    reference = models.CharField(max_length=80, blank=True)  # the merchant's own (SPG-FRM-12 to 15)
    description = models.CharField(max_length=1000)
    booking = models.CharField(max_length=20, choices=Booking)
    payer_email = models.CharField(max_length=254, blank=True)
    initial = models.BooleanField(default=False)  # the first of a series: it may be charged again

    method = models.CharField(max_length=20)  # a name of methods.py
    means = models.CharField(max_length=24, blank=True)  # masked: first six, last four (CD-2)
    api_digits = models.CharField(
        max_length=2, blank=True
    )  # the seventh and eighth, for the API alone (CD-2)
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
    held_back_since = models.DateTimeField(null=True)  # the acquirer's list lacks it: nobody books it (OC-12)
    authorized_at = models.DateTimeField(null=True)
    guaranteed_until = models.DateTimeField(null=True)  # SPG-FRM-26, 27

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "entries"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["merchant", "-created_at", "-id"], name="entries_newest_first"),
            models.Index(fields=["merchant", "state", "-created_at", "-id"], name="entries_in_state"),
            models.Index(fields=["merchant", "terminal", "-created_at", "-id"], name="entries_of_terminal"),
            models.Index(fields=["merchant", "reference"], name="entries_by_reference"),
            models.Index(
                fields=["merchant", "multi_use_of", "-created_at", "-id"],
                condition=~models.Q(multi_use_of=""),
                name="entries_of_a_link",
            ),
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
                condition=models.Q(parts_minor__gte=0, parts_minor__lte=models.F("booked_minor")),
                name="entry_parts_are_booked",
            ),
            models.CheckConstraint(
                condition=models.Q(refunded_minor__gte=0)
                & (models.Q(refunded_minor__lte=models.F("booked_minor")) | models.Q(refunded_beyond=True)),
                name="entry_refunded_within_booking",
            ),
            models.CheckConstraint(
                condition=models.Q(type="REFUND", refunded_minor=0)
                | models.Q(type="PAYMENT", pays_back__isnull=True),
                name="entry_is_payment_or_refund",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["AUTHORIZED", "CAPTURED"]) | models.Q(succeeded=True),
                name="entry_kept_is_success",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transaction_id} {self.state}"

    @property
    def is_refund(self) -> bool:
        """Does the money go back to the payer?"""
        return self.type == EntryType.REFUND

    @property
    def booked(self) -> Money:
        """What the acquirer has booked of it: what is on its way there is not."""
        minor = self.booked_minor if self.state == EntryState.CAPTURED else self.parts_minor
        return Money(minor, self.currency)

    @property
    def is_in_parts(self) -> bool:
        """Was a part of it booked by itself? Then no other way of booking or canceling it is left (H-11, H-12)."""
        return self.parts_minor > 0

    @property
    def refunded(self) -> Money:
        """What was paid back of it, or is on its way to be."""
        return Money(self.refunded_minor, self.currency)

    @property
    def earned(self) -> Money:
        """What it brings the merchant: negative where the money goes back."""
        return Money(-self.amount_minor if self.is_refund else self.amount_minor, self.currency)
