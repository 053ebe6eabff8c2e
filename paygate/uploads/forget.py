"""What is not kept: uploads that nobody confirmed, and the rows of old ones (safety.md 20)."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from paygate.tenants.sweeping import each_within
from paygate.uploads.models import Upload, UploadPart, UploadRow
from paygate.uploads.states import UploadState

UNUSED: Final = timedelta(days=7)
ROWS_KEPT: Final = timedelta(
    days=24 * 30
)  # they hold names and addresses, which are kept no longer than on offers
NOT_CONFIRMED: Final = (UploadState.READ, UploadState.CHECKING, UploadState.CHECKED)


def forget_old(*, now: datetime) -> int:
    """Remove uploads that were not confirmed within a week, and the rows of those done two years ago. How many.

    That an old file was uploaded stays known: it is not created a second time.
    """
    unused = Upload.objects.filter(state__in=NOT_CONFIRMED, uploaded_at__lt=now - UNUSED)
    old = Upload.objects.filter(state=UploadState.DONE, finished_at__lt=now - ROWS_KEPT)
    with_rows = old.filter(pk__in=UploadRow.objects.values("upload"))
    removed = each_within(list(unused.values_list("merchant_id", "pk")), remove, what="forget an upload")
    return removed + each_within(list(with_rows.values_list("merchant_id", "pk")), _blank, what="forget rows")


def remove(upload_id: UUID) -> bool:
    """An upload that was not confirmed, with everything of it; False where it was confirmed meanwhile."""
    with transaction.atomic():
        uploads = Upload.objects.select_for_update().filter(pk=upload_id, state__in=NOT_CONFIRMED)
        if not uploads.exists():
            return False
        UploadPart.objects.filter(upload=upload_id).delete()
        UploadRow.objects.filter(upload=upload_id).delete()
        Upload.objects.filter(pk=upload_id).delete()
    return True


def _blank(upload_id: UUID) -> bool:
    with transaction.atomic():
        UploadRow.objects.filter(upload=upload_id).delete()
    return True
