"""Take a file: read it whole, keep its rows until they are checked, or refuse it and keep nothing."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import IO, Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from paygate.acquiring.choose import currencies_of
from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.cards.free_text import find_card_numbers
from paygate.mail.attachments import clean_filename
from paygate.merchants.models import Terminal
from paygate.merchants.reach import Actor
from paygate.merchants.roles import Permission
from paygate.uploads.columns import NO_COLUMN, normal
from paygate.uploads.models import ColumnName, Upload, UploadPart
from paygate.uploads.reading import Reading, read
from paygate.uploads.refused import UploadRefused
from paygate.uploads.states import LIFE, UploadState
from paygate.uploads.tables import Row
from paygate.uploads.tasks import check_upload

ROWS_TOGETHER: Final = 1000  # in one part: checked in one transaction


def take_file(
    filename: str, file: IO[bytes], *, terminal: Terminal, by: Actor, now: datetime
) -> tuple[Upload, bool]:
    """The upload of this file for this terminal, and whether it is a new one; the same file again is the old one.

    Raises `UploadRefused`, and then nothing was kept.
    """
    by.require(Permission.EDIT_OFFERS)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # any readable file will do
    known = _known(terminal, digest)
    if known is not None:
        return known, False
    taken = currencies_of(terminal)
    if not taken:
        words = _("No method of payment is agreed on this terminal yet. Choose another one.")
        raise UploadRefused(words, field="terminal")
    remembered = dict(ColumnName.objects.values_list("name", "key"))
    reading = read(filename, file, remembered=remembered)
    counted = _Counted(reading, taken)
    parts = [_packed(rows) for rows in _together(counted.rows())]
    counted.refuse_foreign_currencies(terminal)
    if not counted.count:
        raise UploadRefused(_("The file has a header and no rows."))
    upload = Upload(
        merchant_id=terminal.merchant_id,
        terminal=terminal,
        filename=clean_filename(filename)[:200],
        sha256=digest,
        kind=reading.kind,
        encoding=reading.encoding,
        separator=reading.separator,
        names=list(reading.header.names),
        keys=_keys(reading, counted.unused),
        rows=counted.count,
        uploaded_at=now,
        uploaded_by=by.name,
    )
    try:
        _keep(upload, parts, by=by, now=now)
    except IntegrityError:  # the same file at the same moment
        known = _known(terminal, digest)
        if known is None:
            raise
        return known, False
    return upload, True


def _known(terminal: Terminal, digest: str) -> Upload | None:
    return Upload.objects.filter(terminal=terminal, sha256=digest).first()


def _keep(upload: Upload, parts: list[bytes], *, by: Actor, now: datetime) -> None:
    with transaction.atomic():
        upload.save(force_insert=True)
        UploadPart.objects.bulk_create(
            [
                UploadPart(merchant_id=upload.merchant_id, upload=upload, number=number, content=content)
                for number, content in enumerate(parts)
            ],
            batch_size=50,
        )
        LIFE.begin(upload, by=by.name, cause="uploaded", now=now)
        record(
            Action.FILE_UPLOADED,
            merchant_id=upload.merchant_id,
            by=by.name,
            subject=f"upload:{upload.pk}",
            detail={"file": upload.filename, "rows": upload.rows, "sha256": upload.sha256},
            now=now,
        )
        if None not in upload.keys:
            begin_check(upload, by=by, now=now)


def begin_check(upload: Upload, *, by: Actor, now: datetime, **changes: Any) -> None:
    """All columns are known: let the rows be checked. Must be called in a transaction."""
    LIFE.move(upload, UploadState.CHECKING, by=by.name, cause="columns known", now=now, **changes)
    check_upload.defer(unique=f"upload:{upload.pk}", merchant_id=upload.merchant_id, upload_id=str(upload.pk))


def _keys(reading: Reading, unused: list[int]) -> list[str | None]:
    """A column without name and cells is none."""
    header = reading.header
    return [NO_COLUMN if at in unused else key for at, key in enumerate(header.keys)]


class _Counted:
    """The rows as they pass: how many, which unknown columns have no cells, which currencies are asked for."""

    def __init__(self, reading: Reading, taken: list[str]) -> None:
        self._reading, self._taken = reading, taken
        self._currency = reading.header.keys.index("currency") if "currency" in reading.header.keys else None
        self.count = 0
        self.unused = [at for at, key in enumerate(reading.header.keys) if key is None]
        self.asked: set[str] = set()
        self._fits = False

    def rows(self) -> Iterator[Row]:
        """Each of them."""
        for number, cells in self._reading.rows:
            self.count += 1
            self.unused = [at for at in self.unused if not cells[at]]
            if self._currency is not None:
                code = cells[self._currency].upper()
                self._fits = self._fits or not code or code in self._taken
                if len(self.asked) < 5:
                    self.asked.add(code)
            yield number, cells

    def refuse_foreign_currencies(self, terminal: Terminal) -> None:
        """No row asks for anything that the terminal takes: it is the wrong terminal."""
        if self.count and self._currency is not None and not self._fits:
            words = _(
                "Terminal %(terminal)s takes %(taken)s. The file asks for %(asked)s. Choose another terminal."
            )
            asked = ", ".join(sorted(code[:10] for code in self.asked))
            facts = {"terminal": terminal.number, "taken": ", ".join(self._taken), "asked": asked}
            raise UploadRefused(words % facts, field="terminal")


def _together(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while some := list(islice(left, ROWS_TOGETHER)):
        yield some


def _packed(rows: list[Row]) -> bytes:
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode(), level=1)


def forget_column(name: str, *, by: Actor, now: datetime) -> None:
    """The next file with a column of this name asks again what it is; forgetting it twice is no mistake."""
    by.require(Permission.EDIT_OFFERS)
    with transaction.atomic():
        gone, _each = ColumnName.objects.filter(merchant_id=by.merchant_id, name=name).delete()
        if not gone:
            return
        record(
            Action.UPLOAD_CHANGED,
            merchant_id=by.merchant_id,
            by=by.name,
            subject="upload",
            detail={"forgotten": name},
            now=now,
        )


def name_columns(upload: Upload, meanings: dict[int, str], *, by: Actor, now: datetime) -> None:
    """Somebody said what the unknown columns are; it is remembered for the next file (SPG-UPL-07).

    `meanings` has a key of columns.py for each of them, or `NO_COLUMN`. Raises `UploadRefused` or `MoveRefused`.
    """
    by.require(Permission.EDIT_OFFERS)
    keys = [meanings.get(at) if key is None else key for at, key in enumerate(upload.keys)]
    if None in keys:
        raise UploadRefused(_("Say of each column what it is, or leave it aside."), field="columns")
    named = [key for key in keys if key != NO_COLUMN]
    if len(named) != len(set(named)):
        raise UploadRefused(_("Two columns cannot be the same. Leave one of them aside."), field="columns")
    with transaction.atomic():
        for at in meanings:
            name = normal(upload.names[at])
            if name and upload.keys[at] is None and not find_card_numbers(name):
                ColumnName.objects.update_or_create(
                    merchant_id=upload.merchant_id, name=name[:100], defaults={"key": keys[at] or NO_COLUMN}
                )
        begin_check(upload, by=by, now=now, keys=keys)
        record(
            Action.UPLOAD_CHANGED,
            merchant_id=upload.merchant_id,
            by=by.name,
            subject=f"upload:{upload.pk}",
            detail={upload.names[at]: key for at, key in meanings.items()},
            now=now,
        )
