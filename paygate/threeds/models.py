"""`Authentication`: what the issuer was asked and what it said, step by step; `MessageLine`: every message of it."""

from django.db import models

from paygate.merchants.models import Terminal
from paygate.money.model_fields import Priced
from paygate.tenants.owned import TenantOwned


class CompInd(models.TextChoices):
    """Did the bank look at the browser before it was asked (threeDSCompInd)?"""

    YES = "Y", "yes"
    NO = "N", "not in time"
    UNAVAILABLE = "U", "the bank does not want to"


class Authentication(TenantOwned, Priced):
    """One authentication: one attempt, one amount, one card (safety.md 3D-2).

    The authentication value has no column: it lives in memory only (safety.md CD-1).
    """

    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    server_trans_id = models.UUIDField(unique=True)
    server = models.CharField(max_length=20)  # the kind of the 3-D Secure server, as in registry.py
    method = models.CharField(max_length=20)  # the brand of the card
    version = models.CharField(max_length=8, blank=True)  # what we speak with it; empty: no version in common
    purchase_date = models.DateTimeField()  # the same in AReq and authorization (safety.md 3D-7)
    card_fingerprint = models.CharField(max_length=64)
    condition = models.CharField(max_length=50)  # a `Condition` of liability.py
    challenge_requested = models.BooleanField(default=False)  # mandated: threeDSRequestorChallengeInd 04
    recurring = models.BooleanField(default=False)  # the first of a series
    method_url = models.CharField(max_length=2048, blank=True)
    comp_ind = models.CharField(max_length=1, choices=CompInd, default=CompInd.UNAVAILABLE)
    asked_at = models.DateTimeField(null=True)  # the AReq left, or is about to

    # What the issuer answered (ARes).
    answered_at = models.DateTimeField(null=True)
    trans_status = models.CharField(max_length=1, blank=True)
    trans_status_reason = models.CharField(max_length=2, blank=True)
    eci = models.CharField(max_length=2, blank=True)
    has_value = models.BooleanField(default=False)
    ds_trans_id = models.UUIDField(null=True)
    acs_trans_id = models.UUIDField(null=True)
    acs_url = models.CharField(max_length=2048, blank=True)
    message_version = models.CharField(max_length=8, blank=True)
    cardholder_info = models.CharField(
        max_length=128, blank=True
    )  # the bank's own words for the payer (PP-7)

    # What came of the challenge (RReq).
    result_at = models.DateTimeField(null=True)
    result_status = models.CharField(max_length=1, blank=True)
    result_reason = models.CharField(max_length=2, blank=True)
    result_eci = models.CharField(max_length=2, blank=True)
    result_has_value = models.BooleanField(default=False)
    challenge_cancel = models.CharField(max_length=2, blank=True)  # 01: the payer pressed cancel

    browser_returned_at = models.DateTimeField(null=True)
    final_at = models.DateTimeField(null=True)
    final_status = models.CharField(
        max_length=1, blank=True
    )  # what we go by; written once, a later result changes nothing
    gave_up = models.BooleanField(default=False)  # it is U because nothing usable came in time
    closed_at = models.DateTimeField(null=True)  # the attempt is over
    used_at = models.DateTimeField(null=True)  # for at most one authorization (safety.md 3D-2)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(  # of nothing: a card that is stored without a payment
                condition=models.Q(amount_minor__gte=0), name="authentication_amount_not_negative"
            ),
            models.UniqueConstraint(fields=["merchant", "server_trans_id"], name="one_authentication_per_id"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.server_trans_id}"

    @property
    def was_challenged(self) -> bool:
        """Did the issuer want to see the payer?"""
        return self.trans_status == "C"

    @property
    def purchase_date_text(self) -> str:
        """The moment of the purchase as the protocol writes it: UTC, 14 digits."""
        return self.purchase_date.strftime("%Y%m%d%H%M%S")


class Direction(models.TextChoices):
    """Which way a message went."""

    SENT = "SENT", "sent by us"
    RECEIVED = "RECEIVED", "received by us"


class MessageLine(TenantOwned):
    """One message of an authentication, card number masked and authentication value shortened (safety.md 3D-5)."""

    authentication = models.ForeignKey(Authentication, on_delete=models.PROTECT, related_name="messages")
    direction = models.CharField(max_length=8, choices=Direction)
    message_type = models.CharField(max_length=4)
    body = models.JSONField()
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(direction__in=Direction.values), name="threeds_messageline_direction"
            )
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.message_type}"
