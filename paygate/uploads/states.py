"""The life of an upload (safety.md UP-6)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from paygate.lifecycle.moves import Lifecycle


class UploadState(TextChoices):
    """How far a file has come. Nothing of it exists as an offer before somebody confirmed it."""

    READ = "READ", _("Columns to be named")  # it was read; some columns nobody knows yet
    CHECKING = "CHECKING", _("Being checked")
    CHECKED = "CHECKED", _("To be confirmed")
    CREATING = "CREATING", _("Being created")
    DONE = "DONE", _("Links created")


LIFE = Lifecycle(
    {
        UploadState.READ: {UploadState.CHECKING},
        UploadState.CHECKING: {UploadState.CHECKED},
        UploadState.CHECKED: {UploadState.CREATING},
        UploadState.CREATING: {UploadState.DONE},
        # Rows that were wrong and were mended since can be created too.
        UploadState.DONE: {UploadState.CREATING},
    }
)
