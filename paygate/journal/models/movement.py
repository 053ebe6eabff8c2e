"""One step that was asked of an acquirer."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from paygate.journal.models.entry import Entry
from paygate.journal.models.period import BookingPeriod
from paygate.journal.states import MovementState, Verdict
from paygate.lifecycle.moves import in_states
from paygate.money.amount import Money
from paygate.money.model_fields import Priced
from paygate.tenants.owned import TenantOwned


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
