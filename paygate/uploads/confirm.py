"""What a person decides about a checked upload: mend a cell, create, discard, hold letters back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.cards.free_text import refuse_card_numbers
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.offers.models import Offer
from paygate.refusals import Kind, NotFound, Refusal
from paygate.uploads.check import found, locked, mark_repeats, reader_of
from paygate.uploads.forget import remove
from paygate.uploads.models import Upload, UploadRow
from paygate.uploads.refused import UploadRefused
from paygate.uploads.states import LIFE, UploadState
from paygate.uploads.tables import LONGEST_CELL
from paygate.uploads.tasks import create_upload, send_letters

MENDABLE: Final = (UploadState.CHECKED, UploadState.DONE)


class NotNow(Refusal):
    """The upload is at another point by now."""

    code = "UPLOAD_NOT_NOW"
    kind = Kind.CONFLICT


def upload_of(by: Actor, upload_id: UUID) -> Upload:
    """The actor's upload. Raises `NotFound` for unknown and foreign ones alike (TN-4)."""
    by.require(Permission.EDIT_OFFERS)
    uploads = Upload.objects.select_related("terminal", "merchant")
    upload = uploads.filter(merchant_id=by.merchant_id, pk=upload_id).first()
    if upload is None:
        raise NotFound
    return upload


def mend(upload: Upload, number: int, texts: Mapping[int, str], *, by: Actor, now: datetime) -> UploadRow:
    """Put other texts into cells of a row, and check it again; the other rows stay as they were found.

    Raises `NotFound` where there is no such cell, `NotNow`, `UploadRefused`, `LooksLikeCardNumber`.
    """
    by.require(Permission.EDIT_OFFERS)
    tidied = {column: _tidied(text) for column, text in texts.items()}
    with transaction.atomic():
        held = locked(upload.pk)
        if held is None or held.state not in MENDABLE:
            raise NotNow(_("Cells can be mended before and after the creation, not meanwhile."))
        row = UploadRow.objects.select_for_update().filter(upload=held, number=number).first()
        is_there = row is not None and all(0 <= column < len(held.keys) for column in texts)
        if row is None or not is_there or Offer.objects.filter(pk=row.offer_key).exists():
            raise NotFound
        row.cells = row.cells + [""] * (len(held.keys) - len(row.cells))
        for column, text in tidied.items():
            row.cells[column] = text
        before = row.reference
        for name, value in found(reader_of(held, now=now).read(row.cells)).items():
            setattr(row, name, value)
        row.save(update_fields=["cells", "wrong", "reference", "amount_minor", "currency", "sends"])
        mark_repeats(held, {before, row.reference})
        columns = [held.names[column] for column in texts]
        _put_down(Action.UPLOAD_CHANGED, held, {"row": number, "columns": columns}, by=by, now=now)
    return row


def _tidied(text: str) -> str:
    """As a reader hands on a cell."""
    refuse_card_numbers(text, "cell")
    if len(text) > LONGEST_CELL or "\x00" in text:
        raise UploadRefused(_("This contains characters that cannot be seen."), field="cell")
    return text.replace("\r\n", "\n").strip()


def confirm(upload: Upload, *, whole: bool, by: Actor, now: datetime) -> None:
    """Create the offers of all rows; or, if not the `whole`, of those that are right. Nothing existed before.

    Raises `NotNow` when somebody was faster, or rows are wrong that should not be.
    """
    by.require(Permission.EDIT_OFFERS)
    with transaction.atomic():
        held = locked(upload.pk)
        if held is None or held.state not in MENDABLE:
            raise NotNow(_("These offers are being created already."))
        rows = UploadRow.objects.filter(upload=held)
        if whole and rows.filter(wrong=True).exists():
            raise NotNow(_("Not all rows are right. Mend them, or create the right ones."))
        count = rows.filter(wrong=False).count() - held.created
        if count <= 0:  # less than none: the rows were removed long after the creation
            raise NotNow(_("There is no row that could be created."))
        LIFE.move(
            held,
            UploadState.CREATING,
            by=by.name,
            cause="confirmed",
            now=now,
            wanted=held.created + count,
            worked_to=0,
            begun_at=now,
            begun_with=held.created,
            finished_at=None,
            confirmed_by=by.name,
        )
        detail = {"file": held.filename, "offers": count, "terminal": held.terminal.number}
        _put_down(Action.UPLOAD_CONFIRMED, held, detail, by=by, now=now)
        create_upload.defer(unique=f"upload:{held.pk}", merchant_id=held.merchant_id, upload_id=str(held.pk))


def discard(upload: Upload, *, by: Actor, now: datetime) -> None:
    """Forget a file that was not confirmed. Raises `NotNow` when it was."""
    by.require(Permission.EDIT_OFFERS)
    with transaction.atomic():
        if not remove(upload.pk):
            raise NotNow(_("The offers of this file were confirmed."))
        _put_down(Action.UPLOAD_DISCARDED, upload, {"file": upload.filename}, by=by, now=now)


def hold_letters(upload: Upload, *, hold: bool, by: Actor, now: datetime) -> bool:
    """Pause the letters of an upload, or let them go on. Are there any left?"""
    by.require(Permission.EDIT_OFFERS)
    with transaction.atomic():
        paused = Upload.objects.filter(pk=upload.pk).exclude(letters_due_at=None)
        if hold:
            changed = paused.filter(letters_paused_at=None).update(letters_paused_at=now)
        else:
            changed = paused.exclude(letters_paused_at=None).update(
                letters_paused_at=None, letters_due_at=now
            )
            send_letters.defer(
                unique=f"upload:{upload.pk}", merchant_id=upload.merchant_id, upload_id=str(upload.pk)
            )
        if changed:
            detail = {"letters": "paused" if hold else "continued"}
            _put_down(Action.UPLOAD_CHANGED, upload, detail, by=by, now=now)
        return Upload.objects.filter(pk=upload.pk).exclude(letters_due_at=None).exists()


def _put_down(
    action: Action, upload: Upload, detail: Mapping[str, object], *, by: Actor, now: datetime
) -> None:
    record(
        action,
        merchant_id=upload.merchant_id,
        by=by.name,
        subject=f"upload:{upload.pk}",
        detail=detail,
        now=now,
    )
