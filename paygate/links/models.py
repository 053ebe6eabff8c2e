"""A multi-use link, and what was paid by it so far."""

from collections.abc import Sequence
from typing import Final

from django.db import models

from paygate.designs.models import Design
from paygate.lifecycle.moves import in_states
from paygate.links.states import LinkState
from paygate.merchants.models import Booking, Terminal
from paygate.money.amount import Money
from paygate.tenants.owned import TenantOwned
from paygate.threeds.liability import Condition
from paygate.tokens import READABLE_LENGTH, link_id

# With the generated part behind it a reference has at most 50 characters: TWINT cuts longer ones (behaviour.md F-15),
# and what is cut off is what tells two payments apart. The wire takes 80.
LONGEST_PREFIX: Final = 50 - READABLE_LENGTH


def _more_than_nothing(name: str) -> models.Q:
    return models.Q(**{f"{name}__isnull": True}) | models.Q(**{f"{name}__gt": 0})


class Link(TenantOwned):
    """A payment link for many payments. Its id is the link's secret: 122 random bits (LN-1)."""

    id = models.UUIDField(primary_key=True, default=link_id, editable=False)
    form_id = models.UUIDField()  # of the form that made it: a second submit is led here (ID-6)
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=LinkState, default=LinkState.ACTIVE)
    description = models.CharField(max_length=1000)
    currency = models.CharField(max_length=3)
    exponent = models.PositiveSmallIntegerField()  # digits of the minor unit when the amounts were written
    amount_minor = models.BigIntegerField(null=True)  # None: the payer sets the amount (SPG-MUF-08, 09)
    smallest_minor = models.BigIntegerField(null=True)  # what a payer may enter, where it is limited
    largest_minor = models.BigIntegerField(null=True)
    suggested_minors = models.JSONField(default=list)
    booking = models.CharField(max_length=20, choices=Booking)
    condition = models.CharField(
        max_length=60, choices=[(condition.value, condition.value) for condition in Condition]
    )
    language = models.CharField(max_length=8)
    design = models.ForeignKey(Design, on_delete=models.PROTECT, null=True, related_name="+")
    reference_prefix = models.CharField(max_length=LONGEST_PREFIX, blank=True)  # SPG-MUF-18
    email_required = models.BooleanField(default=True)  # asked for always; may it be left empty (SPG-MUF-16)?
    confirm = models.BooleanField(default=True)  # the payer is sent a confirmation
    billing_required = models.BooleanField(default=False)  # SPG-MUF-20
    delivery_required = models.BooleanField(default=False)  # SPG-MUF-21
    notify_emails = models.JSONField(default=list)  # SPG-MUF-22
    begins_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)  # the first moment at which it takes no payment any more
    most_payments = models.PositiveIntegerField(null=True)
    most_total_minor = models.BigIntegerField(null=True)  # in the link's currency
    revision = models.PositiveIntegerField(default=1)  # raised by each change, so that an old form notices
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=60)
    deleted_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["merchant", "-created_at", "-id"], name="links_newest_first"),
            models.Index(
                fields=["deleted_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="links_to_be_removed",
            ),
        ]
        constraints = [
            in_states(LinkState, "link_state_known"),
            models.UniqueConstraint(fields=["merchant", "form_id"], name="one_link_per_form"),
            models.CheckConstraint(
                condition=models.Q(state=LinkState.DELETED, deleted_at__isnull=False)
                | models.Q(state=LinkState.ACTIVE, deleted_at__isnull=True),
                name="link_deleted_has_time",
            ),
            models.CheckConstraint(
                condition=_more_than_nothing("amount_minor")
                & _more_than_nothing("smallest_minor")
                & _more_than_nothing("largest_minor")
                & _more_than_nothing("most_total_minor")
                & _more_than_nothing("most_payments"),
                name="link_amounts_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.state}"

    @property
    def amount(self) -> Money | None:
        """The fixed amount; None where the payer sets it."""
        return self._money(self.amount_minor)

    @property
    def smallest(self) -> Money | None:
        """The least a payer may enter."""
        return self._money(self.smallest_minor)

    @property
    def largest(self) -> Money | None:
        """The most a payer may enter."""
        return self._money(self.largest_minor)

    @property
    def suggested(self) -> Sequence[Money]:
        """Amounts that are offered to choose from."""
        return [Money(minor, self.currency) for minor in self.suggested_minors]

    @property
    def most_total(self) -> Money | None:
        """How much it takes in all."""
        return self._money(self.most_total_minor)

    def _money(self, minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, self.currency)


class LinkTotal(TenantOwned):
    """What was paid by a link in one currency: counted when it happens, so that nobody has to count afterwards.

    Successes stay counted, whatever becomes of their money later. Held is what acquirers are being asked for now.
    """

    link = models.ForeignKey(Link, on_delete=models.PROTECT, related_name="totals")
    currency = models.CharField(max_length=3)
    exponent = models.PositiveSmallIntegerField()
    payments = models.PositiveIntegerField(default=0)
    sum_minor = models.BigIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    held_minor = models.BigIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        ordering = ["currency"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "link", "currency"], name="one_total_per_link_and_currency"
            ),
            models.CheckConstraint(
                condition=models.Q(payments__gte=0, sum_minor__gte=0, held__gte=0, held_minor__gte=0),
                name="link_totals_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payments} payments, {self.sum}"

    @property
    def sum(self) -> Money:
        """All payments together."""
        return Money(self.sum_minor, self.currency)
