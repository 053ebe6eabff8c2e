"""The books: `Entry` (a payment or a refund), `Movement` (one step asked of the acquirer), `BookingPeriod`."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from paygate.acquiring.models import Contract
from paygate.journal.states import EntryState, MovementState, PeriodState
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


class Kind(models.TextChoices):
    """What was asked of the acquirer."""

    AUTHORIZE = "AUTHORIZE", _("Authorization")
    CAPTURE = "CAPTURE", _("Booking")
    CANCEL = "CANCEL", _("Cancellation")
    RELEASE = "RELEASE", _("Release of the rest")  # of a reservation that was booked in parts
    REFUND = "REFUND", _("Refund")  # the question that a refund begins with
    REVERSE = "REVERSAL", _("Give-back")  # of what must not be kept, by our own request id (OC-8)


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
    # Of the booking of a part (behaviour.md H-10): the program's name for it, and its place among them, from 1.
    part = models.CharField(max_length=80, blank=True)
    part_number = models.PositiveIntegerField(null=True)
    final = models.BooleanField(default=True)  # of a booking: none follows, and what is left is released
    refunded_minor = models.BigIntegerField(default=0)  # of a part: refunds of it, made or on their way
    refunded_beyond = models.BooleanField(default=False)  # of a part: as of an entry
    # Of a give-back: the movement that must not be kept.
    about = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="give_backs")

    acquirer_reference = models.CharField(max_length=64, blank=True)
    approval_code = models.CharField(max_length=12, blank=True)
    decline_reason = models.CharField(max_length=30, blank=True)
    acquirer_code = models.CharField(max_length=12, blank=True)
    no_answer_because = models.CharField(max_length=40, blank=True)
    raw_answer = models.CharField(max_length=2000, blank=True)  # what came, redacted (OC-2)

    inquiries = models.PositiveSmallIntegerField(default=0)  # of a give-back: how often it was tried
    next_inquiry_at = models.DateTimeField(null=True)  # of a give-back: when to try (again)
    asked_about_at = models.DateTimeField(null=True)  # out of turn, for a payer who came back
    not_found_at = models.DateTimeField(null=True)  # the first time the acquirer said it never heard of it
    look_again_at = models.DateTimeField(
        null=True
    )  # of a give-back: its acknowledgement may have come too early
    review_since = models.DateTimeField(null=True)  # nobody could find out: two people decide (AU-5)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["state", "next_inquiry_at"], name="movements_to_ask_about"),
            models.Index(
                fields=["look_again_at"],
                condition=models.Q(look_again_at__isnull=False),
                name="give_backs_to_look_after",
            ),
            models.Index(
                fields=["merchant", "settled_at"],
                condition=models.Q(kind=Kind.REVERSE),
                name="give_backs_going_on",
            ),
            models.Index(
                fields=["merchant", "review_since"],
                condition=models.Q(review_since__isnull=False),
                name="movements_under_review",
            ),
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
                condition=models.Q(kind=Kind.REFUND),
                name="one_question_per_refund",
            ),
            models.UniqueConstraint(
                fields=["merchant", "entry"],
                condition=models.Q(kind=Kind.CAPTURE, final=True, state__in=["ASKED", "UNKNOWN", "APPROVED"]),
                name="one_capture_per_entry",
            ),
            models.UniqueConstraint(
                fields=["merchant", "entry", "part"],
                condition=~models.Q(part="") & models.Q(state__in=["ASKED", "UNKNOWN", "APPROVED"]),
                name="one_capture_per_part",
            ),
            models.UniqueConstraint(
                fields=["merchant", "entry", "part_number"],
                condition=models.Q(part_number__isnull=False),
                name="one_number_per_part",
            ),
            models.UniqueConstraint(
                fields=["merchant", "entry"],
                condition=models.Q(kind__in=["CAPTURE", "CANCEL", "RELEASE"], state__in=["ASKED", "UNKNOWN"]),
                name="one_step_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(part="", part_number__isnull=True, final=True, refunded_minor=0)
                | (~models.Q(part="") & models.Q(kind="CAPTURE", part_number__isnull=False)),
                name="part_is_a_booking",
            ),
            models.CheckConstraint(
                condition=models.Q(refunded_minor__gte=0)
                & (models.Q(refunded_minor__lte=models.F("amount_minor")) | models.Q(refunded_beyond=True)),
                name="part_refunded_within_booking",
            ),
            models.UniqueConstraint(
                fields=["merchant", "about"],
                condition=models.Q(kind="REVERSAL", state__in=["ASKED", "UNKNOWN", "NOT_SENT"]),
                name="one_give_back_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="REVERSAL", about__isnull=False)
                | (~models.Q(kind="REVERSAL") & models.Q(about__isnull=True)),
                name="give_back_is_about_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.request_id}"

    @property
    def refunded(self) -> Money:
        """Of a part: what was paid back of it, or is on its way to be."""
        return Money(self.refunded_minor, self.currency)

    @property
    def earned(self) -> Money:
        """What it brings the merchant: negative where the money goes back."""
        return Money(-self.amount_minor if self.kind == Kind.REFUND else self.amount_minor, self.currency)

    @property
    def is_under_review(self) -> bool:
        """Must a person decide what became of it (safety.md 2.1 REVIEW)?

        An answered give-back too: nobody could find out whether it holds. Its mark goes with the decision.
        """
        return self.review_since is not None and (self.settled_at is None or self.kind == Kind.REVERSE)

    @property
    def counted_from(self) -> datetime:
        """When its schedule begins: at its sending, of a give-back's looks at its answer, or when two people last
        decided to ask again (safety.md OC-5, OC-8).
        """
        begun = self.settled_at or self.sent_at or self.asked_at
        decided = self.decisions.filter(verdict=Verdict.ASK_AGAIN, confirmed=True).order_by("pk").last()
        return max(begun, decided.ended_at) if decided and decided.ended_at else begun


class Verdict(models.TextChoices):
    """What two people say became of something that nobody could find out."""

    HAPPENED = "HAPPENED", _("It happened")
    DID_NOT_HAPPEN = "DID_NOT_HAPPEN", _("It did not happen")
    GIVE_BACK = "GIVE_BACK", _("It happened, and is given back")
    ASK_AGAIN = "ASK_AGAIN", _("Ask the acquirer again")


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
