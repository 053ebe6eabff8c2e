"""Send the letters of an upload, a few at a time, so that no mail server is run over."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from paygate.lifecycle.moves import MoveRefused
from paygate.offers.send import send_offer
from paygate.refusals import Refusal
from paygate.uploads.check import locked
from paygate.uploads.create import confirmer_of
from paygate.uploads.models import Upload, UploadRow
from paygate.uploads.states import UploadState

TOGETHER: Final = 10
PAUSE: Final = timedelta(seconds=2)
PER_MINUTE: Final = 60 // PAUSE.seconds * TOGETHER


def send_some(upload_id: UUID, *, now: datetime) -> datetime | None:
    """Queue the next letters. When the ones after them are due; None when there are none, or somebody paused."""
    upload = Upload.objects.filter(pk=upload_id).first()
    if upload is None or upload.letters_paused_at is not None or upload.letters_due_at is None:
        return None
    if upload.letters_due_at > now:
        return upload.letters_due_at
    waiting = UploadRow.objects.filter(upload=upload, letter_waits=True).order_by("number")
    for key in list(waiting.values_list("pk", flat=True)[:TOGETHER]):
        _send(upload, key, now=now)
    with transaction.atomic():
        held = locked(upload.pk)
        if held is None:
            return None
        is_over = held.state == UploadState.DONE and not waiting.exists()
        again = None if is_over else now + PAUSE
        Upload.objects.filter(pk=held.pk, letters_paused_at=None).update(letters_due_at=again)
    return again


def _send(upload: Upload, key: int, *, now: datetime) -> None:
    """The letter of one row, and the mark that it is queued: both or none."""
    with transaction.atomic():
        row = UploadRow.objects.select_for_update().filter(pk=key, letter_waits=True).first()
        if row is None:
            return
        UploadRow.objects.filter(pk=key).update(letter_waits=False)
        try:
            with transaction.atomic():
                send_offer(row.offer_key, by=confirmer_of(upload), now=now)
        except (Refusal, MoveRefused):
            return  # it was paid, taken back or sent by hand meanwhile: there is nothing to ask for any more


def letters_left(upload: Upload) -> int:
    """How many letters wait."""
    return UploadRow.objects.filter(upload=upload, letter_waits=True).count()
