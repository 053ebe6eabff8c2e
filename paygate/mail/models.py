"""A mail: what is to be sent and to whom, how far it got, kept for the archive (safety.md EM-7)."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from paygate.lifecycle.moves import in_states
from paygate.mail.states import MailState
from paygate.tenants.owned import TenantOwned


class Mail(TenantOwned):
    """One message on its way to one mailbox.

    A copy to the archive address is a row of its own, without the message: the same bytes, another envelope, its own
    tries (EM-6).
    """

    public_id = models.UUIDField(default=uuid4, editable=False)  # also the left half of the Message-ID
    kind = models.CharField(max_length=40)  # which letter it is, for example "offer"
    about = models.CharField(max_length=80, blank=True)  # what it is about, for example "offer:<id>"
    recipient = models.CharField(max_length=254)  # the envelope's; of the original also the To line
    sender = models.CharField(
        max_length=254
    )  # of the From line; the envelope has one of its own (bounces.py)
    subject = models.CharField(max_length=200)
    language = models.CharField(max_length=2)
    message = models.BinaryField(blank=True)  # complete, sealed; empty on copies
    sha256 = models.CharField(max_length=64)  # of the complete message, in hexadecimal
    size = models.PositiveIntegerField()  # of the complete message, in bytes
    copy_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="copies")
    automatic = models.BooleanField(
        default=False
    )  # nobody asked for it now: not to a mailbox that refuses (EM-8)
    state = models.CharField(max_length=20, choices=MailState.choices, default=MailState.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)  # that failed, since it was queued or asked for again
    queued_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)  # by the mail server; None where no server is set
    server_answer = models.CharField(max_length=200, blank=True)  # the last one, or why there was none
    bounced_at = models.DateTimeField(null=True)  # came back after it was accepted (EM-8)
    bounce = models.CharField(max_length=200, blank=True)  # why, in the other server's words
    lease_token = models.UUIDField(null=True)  # of the worker that has it now
    lease_until = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["merchant", "about"], name="mail_about"),
            models.Index(fields=["next_try_at"], condition=Q(state="QUEUED"), name="mail_due"),
            models.Index(fields=["queued_at"], name="mail_age"),
            models.Index(fields=["merchant", "-queued_at", "-id"], name="mail_newest_first"),
            models.Index(
                fields=["merchant", "recipient"], condition=Q(bounced_at__isnull=False), name="mail_came_back"
            ),
            models.Index(
                fields=["merchant", "-queued_at", "-id"],
                condition=Q(state="GIVEN_UP") | Q(bounced_at__isnull=False),
                name="mail_not_delivered",
            ),
        ]
        constraints = [
            in_states(MailState, "mail_state"),
            models.UniqueConstraint(fields=["merchant", "public_id"], name="mail_public_id_once"),
            models.CheckConstraint(
                condition=Q(copy_of=None) & ~Q(message=b"") | Q(copy_of__isnull=False, message=b""),
                name="mail_message_is_with_the_original",
            ),
        ]

    def __str__(self) -> str:
        return f"mail {self.public_id}: {self.state}"
