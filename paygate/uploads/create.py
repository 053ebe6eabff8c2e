"""Create the offers of a confirmed upload, batch by batch.

A batch is one transaction: its offers, their history, the marks on its rows and the count. A process may die anywhere;
whoever goes on finds the rows that have no offer yet. No row can have two: its offer's id was drawn with the row.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import F

from paygate.checkpoints import reached
from paygate.lifecycle.moves import together
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.offers.create import insert_offers
from paygate.offers.models import Source
from paygate.uploads.check import locked, reader_of
from paygate.uploads.models import Upload, UploadRow
from paygate.uploads.row_terms import RowReader
from paygate.uploads.states import LIFE, UploadState

BATCH: Final = 500  # rows of one transaction: on SQLite nobody else can write meanwhile


def create_some(upload_id: UUID, *, now: datetime, go_on: Callable[[], bool]) -> bool:
    """Create offers while `go_on`. Is there more to create?"""
    reader: RowReader | None = None
    last = 0
    while True:
        with together():
            upload = locked(upload_id)
            if upload is None or upload.state != UploadState.CREATING:
                return False
            reader = reader or reader_of(upload, now=now)
            pending = UploadRow.objects.filter(upload=upload, offer=None, wrong=False, number__gt=last)
            rows = list(pending.order_by("number").only("pk", "number", "cells", "offer_key")[:BATCH])
            if not rows:
                LIFE.move(upload, UploadState.DONE, by="system", cause="created", now=now, finished_at=now)
                return False
            _create(upload, rows, reader, now=now)
            last = rows[-1].number
            reached("bulk.batch_written")
        reached("bulk.row_done")
        if not go_on():
            return True


def _create(upload: Upload, rows: list[UploadRow], reader: RowReader, *, now: datetime) -> None:
    """The offers of these rows; what has gone wrong with a row since it was checked is marked and left out."""
    right, wrong = [], []
    for row in rows:
        read = reader.read(row.cells)
        if not read.is_right:
            wrong.append(row.pk)
            continue
        right.append((row, read.terms))
    insert_offers(
        upload.terminal,
        [(row.offer_key, terms) for row, terms in right],
        source=Source.UPLOAD,
        by=confirmer_of(upload),
        now=now,
    )
    made = [row.pk for row, _terms in right]
    UploadRow.objects.filter(pk__in=made).update(offer_id=F("offer_key"), letter_waits=F("sends"))
    changes: dict[str, Any] = {"created": upload.created + len(made), "wanted": upload.wanted - len(wrong)}
    if wrong:
        UploadRow.objects.filter(pk__in=wrong).update(wrong=True)
    if upload.letters_due_at is None and any(terms.by_email for _row, terms in right):
        changes["letters_due_at"] = now
    Upload.objects.filter(pk=upload.pk).update(**changes)


def confirmer_of(upload: Upload) -> Actor:
    """Who said that the offers of this upload be created and sent."""
    return Actor(upload.merchant_id, upload.confirmed_by, frozenset({Permission.EDIT_OFFERS}), is_set_up=True)
