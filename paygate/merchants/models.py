"""What a merchant has: terminals, people, settings, terms, licence."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from paygate.tenants.owned import TenantOwned


class TerminalKind(models.TextChoices):
    """What a terminal is for (behaviour.md T-1)."""

    SPG = "SPG", _("Secure PayGate")
    ECOM = "ECOM", _("E-commerce")


class Booking(models.TextChoices):
    """What happens after a successful authorization (SPG-FRM-23 to 28)."""

    FINAL = "FINAL", _("Authorization")
    PRE_AUTHORIZATION = "PRE_AUTHORIZATION", _("Pre-authorization")
    AUTOMATIC = "AUTOMATIC", _("Automatic booking")


class Terminal(TenantOwned):
    """Where payments are taken: carries contracts, currencies and the booking period (SPG-FRM-01)."""

    number = models.CharField(max_length=8)
    kind = models.CharField(max_length=4, choices=TerminalKind)
    description = models.CharField(max_length=80, blank=True)  # SPG-FRM-07
    merchant_category = models.CharField(max_length=4, default="7011")  # mcc, told to issuers
    automatic_closing = models.BooleanField(default=True)
    # Give a payment back whose liability shift the issuer takes back, where the offer's condition wants one (3D-9).
    cancel_without_shift = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        ordering = ["merchant", "number"]
        constraints = [models.UniqueConstraint(fields=["merchant", "number"], name="one_terminal_per_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.description}".strip()


class LetterKind(models.TextChoices):
    """Letters to buyers whose words a merchant may choose."""

    OFFER = "offer", _("Offer")
    CONFIRMATION = "confirmation", _("Confirmation")


class Role(models.TextChoices):
    """What a member may do; the table is in roles.py (safety.md AU-4)."""

    OWNER = "OWNER", _("Owner")
    MANAGER = "MANAGER", _("Manager")
    CLERK = "CLERK", _("Clerk")
    CASHIER = "CASHIER", _("Cashier")
    REFUNDER = "REFUNDER", _("Refunder")
    AUDITOR = "AUDITOR", _("Accountant, auditor")
    READER = "READER", _("Reader")


class Member(TenantOwned):
    """A person's place at a merchant."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=Role)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["merchant", "user"], name="one_membership_per_user")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class Invitation(TenantOwned):
    """A person asked to work for the merchant. The link in the letter names this row and is signed (invite.py)."""

    email = models.CharField(max_length=254)
    role = models.CharField(max_length=12, choices=Role)
    language = models.CharField(max_length=2, default="en")
    invited_by = models.CharField(max_length=60)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # accepted, withdrawn, or replaced by a newer one
    accepted = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "email"],
                condition=models.Q(ended_at=None),
                name="one_open_invitation_per_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.role})"


class Licence(TenantOwned):
    """Which features the merchant has (SPG-REQ-01)."""

    features = models.JSONField(default=list)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant"], name="one_licence_per_merchant")]

    def __str__(self) -> str:
        return ", ".join(self.features)


class Preferences(TenantOwned):
    """The settings of Secure PayGate (SPG-SET)."""

    notify_emails = models.JSONField(default=list)  # SPG-SET-02
    booking = models.CharField(max_length=20, choices=Booking, default=Booking.FINAL)  # SPG-SET-03
    sender_local = models.CharField(max_length=64, default="payments")  # SPG-SET-26
    archive_email = models.CharField(max_length=254, blank=True)  # BCC, SPG-SET-28
    reply_to = models.CharField(max_length=254, blank=True)  # SPG-SET-30
    max_attempts = models.PositiveSmallIntegerField(default=5)  # behaviour.md M-3
    language = models.CharField(max_length=2, default="en")
    website = models.URLField(blank=True)
    own_pages = models.BooleanField(
        default=False
    )  # the payer goes on to the merchant's pages, SPG-SET-11 to 13
    success_url = models.CharField(max_length=1000, blank=True)  # each may hold the token's placeholder
    failure_url = models.CharField(max_length=1000, blank=True)
    abort_url = models.CharField(max_length=1000, blank=True)
    notify_url = models.CharField(
        max_length=1000, blank=True
    )  # called after a successful payment, SPG-SET-22
    second_factor_required = models.BooleanField(default=False)
    # Whole units of any currency; refunds of more need a second person (safety.md AU-5). None: none does.
    refund_limit = models.PositiveIntegerField(null=True)
    complete_since = models.DateTimeField(null=True)  # until then nothing else opens, SPG-SET-01, 37
    address = models.CharField(
        max_length=200, blank=True
    )  # postal, on one line; at the foot of letters to buyers

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "preferences"
        constraints = [models.UniqueConstraint(fields=["merchant"], name="one_preferences_per_merchant")]

    def __str__(self) -> str:
        return f"Settings of {self.merchant_id}"


class TermsFile(TenantOwned):
    """The merchant's terms and conditions in one language, attached to every letter to a buyer (SPG-SET-31 to 36)."""

    language = models.CharField(max_length=2)
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    uploaded_at = models.DateTimeField(null=True)
    uploaded_by = models.CharField(max_length=60, blank=True)
    replaced_at = models.DateTimeField(null=True)  # kept as history

    class Meta(TenantOwned.Meta):
        ordering = ["language", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "language"],
                condition=models.Q(replaced_at=None),
                name="one_terms_per_language",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class LetterWords(TenantOwned):
    """The merchant's own words for a letter in one language; what is empty says what we say (SPG-MAI-02 to 04)."""

    kind = models.CharField(max_length=20, choices=LetterKind)
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=200, blank=True)
    salutation = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    signature = models.TextField(blank=True)

    class Meta(TenantOwned.Meta):
        verbose_name_plural = "letter words"
        ordering = ["kind", "language"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "kind", "language"], name="one_wording_per_letter")
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.language})"
