"""An offer: one thing to be paid once, with a link and a deadline."""

from datetime import datetime
from typing import Final
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from paygate.designs.models import Design
from paygate.lifecycle.moves import in_states
from paygate.merchants.models import Booking, Terminal
from paygate.money.model_fields import Priced
from paygate.offers.states import OfferState
from paygate.tenants.owned import TenantOwned
from paygate.threeds.liability import Condition
from paygate.tokens import link_id

# By what the overview can be sorted: the name in the address, and the column. The first is how it is sorted unasked.
# Each order has its indexes below: for all offers of a merchant, for those in one state, for those of one terminal.
ORDERS: Final = {
    "created": "created_at",
    "expires": "expires_at",
    "changed": "changed_at",
    "amount": "amount_minor",
    "reference": "reference",
}


class Source(models.TextChoices):
    """By which door the offer came."""

    BACKOFFICE = "BACKOFFICE", _("Back office")
    API = "API", "RestApi"  # as Saferpay calls it (behaviour.md M-9)
    UPLOAD = "UPLOAD", _("File")


class AskEmail(models.TextChoices):
    """Whether the payment page asks for the buyer's e-mail address (SPG-FRM-42)."""

    NO = "NO", _("Do not ask")
    OPTIONAL = "OPTIONAL", _("Ask; the buyer may leave it empty")
    MANDATORY = "MANDATORY", _("Ask; the buyer must enter it")


class Offer(Priced, TenantOwned):
    """A payment link with its amount and conditions. Its id is the link's secret: 122 random bits (LN-1)."""

    id = models.UUIDField(primary_key=True, default=link_id, editable=False)
    # No index of its own: those of the orders begin with the terminal too.
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=20, choices=OfferState, default=OfferState.OPEN)
    description = models.CharField(max_length=1000)
    reference = models.CharField(max_length=80, blank=True)
    booking = models.CharField(max_length=20, choices=Booking)
    condition = models.CharField(
        max_length=60, choices=[(condition.value, condition.value) for condition in Condition]
    )
    language = models.CharField(max_length=8)
    payer_email = models.CharField(max_length=254, blank=True)
    ask_email = models.CharField(max_length=10, choices=AskEmail, default=AskEmail.NO)
    address = models.JSONField(default=dict)  # the buyer's, see addresses.py (SPG-ADR)
    address_editable = models.BooleanField(default=False)  # the payer may fill it in and correct it
    notify_emails = models.JSONField(default=list)
    design = models.ForeignKey(Design, on_delete=models.PROTECT, null=True, related_name="+")  # SPG-FRM-40
    save_means = models.BooleanField(default=False)  # SPG-FRM-37
    by_email = models.BooleanField(default=False)  # the link goes to the buyer by e-mail (SPG-MAI-01)
    letter = models.JSONField(
        default=dict
    )  # own words of the offer letter: subject, salutation, text, signature
    confirm = models.BooleanField(default=True)  # the buyer is sent a confirmation (SPG-CNF-01)
    confirmation = models.JSONField(default=dict)  # own words of the confirmation
    reply_to = models.CharField(max_length=254, blank=True)  # empty: that of the settings (SPG-MAI-06, 07)
    archive_email = models.CharField(max_length=254, blank=True)  # the same for the copy
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
    words = models.TextField(default="", db_default="", editable=False)  # what it is found by (words.py)

    class Meta(TenantOwned.Meta):
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "expires_at"], name="offers_due_to_expire"),
            *(
                models.Index(fields=["merchant", *narrowed, column, "id"], name=f"offers_{prefix}_{name}")
                for prefix, narrowed in (("by", []), ("state_by", ["state"]), ("terminal_by", ["terminal"]))
                for name, column in ORDERS.items()
            ),
            models.Index(fields=["merchant", "source", "created_at", "id"], name="offers_source_by_created"),
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


class OfferFile(TenantOwned):
    """A file that goes out with the offer letter (SPG-MAI-08), or is proposed by a template.

    Until the form is saved it belongs to the form alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    form_id = models.UUIDField()  # of the form it was chosen in
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, null=True, related_name="files")
    template = models.ForeignKey("OfferTemplate", on_delete=models.PROTECT, null=True, related_name="files")
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField()
    uploaded_by = models.CharField(max_length=60)

    class Meta(TenantOwned.Meta):
        ordering = ["uploaded_at", "pk"]
        indexes = [models.Index(fields=["merchant", "form_id"], name="offer_files_of_form")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(offer=None) | models.Q(template=None), name="offer_file_has_one_owner"
            )
        ]

    def __str__(self) -> str:
        return self.name


class OfferTemplate(TenantOwned):
    """Proposed terms with a name (SPG-TPL); no address, which is another one each time."""

    name = models.CharField(max_length=80)
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    terms = models.JSONField(default=dict)  # as terms_row.py writes them
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=60)

    class Meta(TenantOwned.Meta):
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["merchant", "name"], name="one_template_per_name")]

    def __str__(self) -> str:
        return self.name
