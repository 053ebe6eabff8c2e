"""Create the offers of a confirmed upload, batch by batch.

A batch is one transaction: its offers, their history, the marks on its rows and the count. A process may die anywhere;
whoever goes on begins behind the last row that was worked through. No row can have two offers: the id of its offer was
drawn with the row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef

from paygate.checkpoints import reached
from paygate.lifecycle.moves import together
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.offers.create import insert_offers
from paygate.offers.models import Offer, Source
from paygate.offers.terms import OfferTerms
from paygate.uploads.ahead import Ahead
from paygate.uploads.check import locked, reader_of
from paygate.uploads.models import Upload, UploadRow
from paygate.uploads.row_terms import RowReader
from paygate.uploads.states import LIFE, UploadState

BATCH: Final = 1000  # rows of one transaction: on SQLite nobody else can write meanwhile


def create_some(upload_id: UUID, *, now: datetime, go_on: Callable[[], bool]) -> bool:
    """Create offers while `go_on`. Is there more to create?"""
    upload = Upload.objects.select_related("terminal__merchant").filter(pk=upload_id).first()
    if upload is None:
        return False
    reader = reader_of(upload, now=now)
    with Ahead[list[_Pending], _Batch | None](partial(_read, reader)) as ahead:
        while True:
            with together():
                held = locked(upload_id)
                if held is None or held.state != UploadState.CREATING:
                    return False
                batch = ahead.take(held.worked_to, partial(_pending, held, held.worked_to))
                if batch is None:
                    LIFE.move(held, UploadState.DONE, by="system", cause="created", now=now, finished_at=now)
                    return False
                ahead.begin(batch.last, _pending(held, batch.last))
                _create(held, batch, now=now)
                reached("bulk.batch_written")
            reached("bulk.row_done")
            if not go_on():
                return True


class _Pending(NamedTuple):
    """A row that is to be created."""

    pk: int
    number: int
    cells: list[str]
    offer_key: UUID


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some rows, read once more: what has gone wrong with one since it was checked is left out."""

    last: int  # the number of the last row
    right: dict[UUID, OfferTerms]  # by the ids of the offers to be
    wrong: list[int]  # keys of rows
    sending: list[int]


def _pending(upload: Upload, after: int) -> list[_Pending]:
    """The next rows that are to be created. What an earlier confirmation created is passed over."""
    rows = UploadRow.objects.filter(upload=upload, wrong=False, number__gt=after)
    if upload.begun_with:
        rows = rows.exclude(Exists(Offer.objects.filter(pk=OuterRef("offer_key"))))
    found = rows.order_by("number").values_list("pk", "number", "cells", "offer_key")[:BATCH]
    return list(map(_Pending._make, found))


def _read(reader: RowReader, rows: list[_Pending]) -> _Batch | None:
    if not rows:
        return None
    batch = _Batch(rows[-1].number, {}, [], [])
    for row in rows:
        read = reader.read(row.cells)
        if not read.is_right:
            batch.wrong.append(row.pk)
            continue
        batch.right[row.offer_key] = read.terms
        if read.terms.by_email:
            batch.sending.append(row.pk)
    return batch


def _create(upload: Upload, batch: _Batch, *, now: datetime) -> None:
    insert_offers(upload.terminal, batch.right, source=Source.UPLOAD, by=confirmer_of(upload), now=now)
    if batch.wrong:
        UploadRow.objects.filter(pk__in=batch.wrong).update(wrong=True)
    if batch.sending:
        UploadRow.objects.filter(pk__in=batch.sending).update(letter_waits=True)
    Upload.objects.filter(pk=upload.pk).update(
        created=upload.created + len(batch.right),
        wanted=upload.wanted - len(batch.wrong),
        worked_to=batch.last,
        letters_due_at=(upload.letters_due_at or now) if batch.sending else upload.letters_due_at,
    )


def confirmer_of(upload: Upload) -> Actor:
    """Who said that the offers of this upload be created and sent."""
    return Actor(upload.merchant_id, upload.confirmed_by, frozenset({Permission.EDIT_OFFERS}), is_set_up=True)
