"""The life of a mail (safety.md EM-1)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from paygate.lifecycle.moves import Lifecycle


class MailState(TextChoices):
    """How far a mail got."""

    QUEUED = "QUEUED", _("Waiting to be sent")  # not yet accepted; tried again when its time comes
    DONE = "DONE", _("Sent")  # accepted by the mail server (EM-9); kept here only, where none is set
    GIVEN_UP = "GIVEN_UP", _("Not sent")  # refused for good, or not accepted in 5 days


LIFE = Lifecycle(
    {
        MailState.QUEUED: {MailState.DONE, MailState.GIVEN_UP},
        MailState.DONE: set(),
        # Somebody asks for it to be sent again.
        MailState.GIVEN_UP: {MailState.QUEUED},
    }
)
