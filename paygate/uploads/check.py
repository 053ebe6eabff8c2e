"""The dry run: every row of a file is read and checked as the form checks its fields, and nothing is created."""

import json
import zlib
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from paygate.offers.models import Offer
from paygate.tenants.bulk import insert_all
from paygate.tokens import link_id
from paygate.uploads.ahead import Ahead
from paygate.uploads.models import Upload, UploadRow
from paygate.uploads.row_terms import RowRead, RowReader
from paygate.uploads.states import LIFE, UploadState

LONGEST_REFERENCE: Final = 80


def check_some(upload_id: UUID, *, now: datetime, go_on: Callable[[], bool]) -> bool:
    """Check parts of a file, each in a transaction of its own, while `go_on`. Is there more to check?"""
    upload = Upload.objects.select_related("terminal__merchant").filter(pk=upload_id).first()
    if upload is None:
        return False
    reader = reader_of(upload, now=now)
    with Ahead[bytes, list[dict[str, Any]]](partial(_read, reader)) as ahead:
        while True:
            with transaction.atomic():
                held = locked(upload_id)
                if held is None or held.state != UploadState.CHECKING:
                    return False
                parts = list(held.parts.all()[:2])
                if not parts:
                    mark_repeats(held)
                    LIFE.move(held, UploadState.CHECKED, by="system", cause="checked", now=now)
                    return False
                rows = ahead.take(parts[0].pk, partial(bytes, parts[0].content))
                for following in parts[1:]:
                    ahead.begin(following.pk, bytes(following.content))
                insert_all(UploadRow, rows, merchant_id=held.merchant_id, upload_id=held.pk)
                parts[0].delete()
                Upload.objects.filter(pk=held.pk).update(checked=held.checked + len(rows))
            if not go_on():
                return True


def _read(reader: RowReader, packed: bytes) -> list[dict[str, Any]]:
    """The rows of a part, as they are kept."""
    return [
        {"number": number, "cells": cells, "offer_key": link_id(), **found(reader.read(cells))}
        for number, cells in json.loads(zlib.decompress(packed))
    ]


def locked(upload_id: UUID) -> Upload | None:
    """The upload, locked until the transaction ends; None once it was discarded."""
    uploads = Upload.objects.select_related("terminal__merchant").select_for_update(of=("self",))
    return uploads.filter(pk=upload_id).first()


def reader_of(upload: Upload, *, now: datetime) -> RowReader:
    """What reads the rows of this upload."""
    return RowReader(upload.terminal, upload.keys, plain=upload.kind == "XLSX", now=now)


def found(read: RowRead) -> dict[str, Any]:
    """The columns of a row that the check fills."""
    terms = read.terms
    return {
        "wrong": not read.is_right,
        "reference": terms.reference.strip()[:LONGEST_REFERENCE],
        "amount_minor": terms.amount.minor if read.has_amount else None,
        "currency": terms.amount.currency if read.has_amount else "",
        "sends": terms.by_email,
    }


def mark_repeats(upload: Upload, references: Collection[str] | None = None) -> None:
    """Mark rows whose reference is that of another row, or of an offer that exists; of all references, or of these."""
    rows = UploadRow.objects.filter(upload=upload)
    if references is not None:
        rows = rows.filter(reference__in=references)
    of_offers = Offer.objects.filter(merchant_id=upload.merchant_id, reference=OuterRef("reference"))
    of_offers = of_offers.exclude(pk=OuterRef("offer_key"))
    twice = _twice(upload, references)
    repeated = ~Q(reference="") & (Q(reference__in=twice) | Q(Exists(of_offers)))
    rows.filter(repeated, repeats=False).update(repeats=True)
    if references is not None:
        rows.filter(~repeated, repeats=True).update(repeats=False)


def _twice(upload: Upload, references: Collection[str] | None) -> QuerySet[UploadRow, Any]:
    rows = UploadRow.objects.filter(upload=upload)
    if references is not None:
        rows = rows.filter(reference__in=references)
    counted = rows.order_by().values("reference").annotate(times=Count("pk"))
    return counted.filter(times__gt=1).values("reference")
