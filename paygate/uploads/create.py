"""Create the offers of a confirmed upload, batch by batch.

A batch is one transaction: its offers, their history, the marks on its rows and the count. A process may die anywhere;
whoever goes on begins behind the last row that was worked through. No row can have two offers: the id of its offer was
drawn with the row.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from paygate.checkpoints import reached
from paygate.lifecycle.moves import together
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.offers.create import insert_offers
from paygate.offers.models import Offer, Source
from paygate.offers.terms import OfferTerms
from paygate.uploads.check import locked, reader_of
from paygate.uploads.models import Upload, UploadRow
from paygate.uploads.row_terms import RowReader
from paygate.uploads.states import LIFE, UploadState

BATCH: Final = 1000  # rows of one transaction: on SQLite nobody else can write meanwhile


def create_some(upload_id: UUID, *, now: datetime, go_on: Callable[[], bool]) -> bool:
    """Create offers while `go_on`. Is there more to create?"""
    reader: RowReader | None = None
    while True:
        with together():
            upload = locked(upload_id)
            if upload is None or upload.state != UploadState.CREATING:
                return False
            reader = reader or reader_of(upload, now=now)
            rows = list(_pending(upload)[:BATCH])
            if not rows:
                LIFE.move(upload, UploadState.DONE, by="system", cause="created", now=now, finished_at=now)
                return False
            _create(upload, rows, reader, now=now)
            reached("bulk.batch_written")
        reached("bulk.row_done")
        if not go_on():
            return True


def _create(upload: Upload, rows: list[UploadRow], reader: RowReader, *, now: datetime) -> None:
    """The offers of these rows; what has gone wrong with a row since it was checked is marked and left out."""
    right: dict[UUID, OfferTerms] = {}
    wrong, sending = [], []
    for row in rows:
        read = reader.read(row.cells)
        if not read.is_right:
            wrong.append(row.pk)
            continue
        right[row.offer_key] = read.terms
        if read.terms.by_email:
            sending.append(row.pk)
    insert_offers(upload.terminal, right, source=Source.UPLOAD, by=confirmer_of(upload), now=now)
    if wrong:
        UploadRow.objects.filter(pk__in=wrong).update(wrong=True)
    if sending:
        UploadRow.objects.filter(pk__in=sending).update(letter_waits=True)
    Upload.objects.filter(pk=upload.pk).update(
        created=upload.created + len(right),
        wanted=upload.wanted - len(wrong),
        worked_to=rows[-1].number,
        letters_due_at=(upload.letters_due_at or now) if sending else upload.letters_due_at,
    )


def _pending(upload: Upload) -> QuerySet[UploadRow]:
    """The rows that are still to be looked at. What an earlier confirmation created is passed over."""
    rows = UploadRow.objects.filter(upload=upload, wrong=False, number__gt=upload.worked_to)
    if upload.begun_with:
        rows = rows.exclude(Exists(Offer.objects.filter(pk=OuterRef("offer_key"))))
    return rows.order_by("number").only("pk", "number", "cells", "offer_key")


def confirmer_of(upload: Upload) -> Actor:
    """Who said that the offers of this upload be created and sent."""
    return Actor(upload.merchant_id, upload.confirmed_by, frozenset({Permission.EDIT_OFFERS}), is_set_up=True)
