"""What became of the rows: the file with its offers beside them, and their QR codes."""

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from paygate.offers.link import link_of
from paygate.offers.models import Offer
from paygate.qr import png
from paygate.spreadsheets import Cell
from paygate.uploads.check import reader_of
from paygate.uploads.models import Upload, UploadRow

ADDED: Final = ("OfferId", "Link", "QrFile", "Status", "Problem")
NOT_CREATED: Final = "NOT_CREATED"
_AT_ONCE: Final = 500
_SIGN: Final = re.compile(r"[^A-Za-z0-9._-]+")


def result_header(upload: Upload) -> list[str]:
    """The columns of the file, and what was added."""
    return [*upload.names, *ADDED]


def result_rows(upload: Upload, *, now: datetime) -> Iterator[list[Cell]]:
    """Each row as it is now, with its offer; of one that has none, why."""
    reader = reader_of(upload, now=now)
    width = len(upload.names)
    for row, offer in _rows(upload):
        cells: list[Cell] = [*row.cells[:width], *[""] * (width - len(row.cells))]
        if offer is None:
            words = "; ".join(
                f"{upload.names[upload.keys.index(problem.field)]}: {problem.words}"
                if problem.field in upload.keys
                else str(problem.words)
                for problem in (reader.read(row.cells).problems if row.wrong else ())
            )
            yield [*cells, "", "", "", NOT_CREATED, words]
        else:
            link = link_of(offer, upload.merchant, upload.terminal.number)
            yield [*cells, str(offer.pk), link, qr_name(row), offer.state_at(now).value, ""]


def qr_name(row: UploadRow) -> str:
    """The name of a row's QR code in the ZIP file: its number and what can stand in a name of its reference."""
    reference = _SIGN.sub("-", row.reference).strip("-.")[:60]
    return f"{row.number:06}{'-' if reference else ''}{reference}.png"


def qr_pieces(upload: Upload) -> Iterator[bytes]:
    """A ZIP file with a QR code for each offer, piece by piece as it is written."""
    pieces = _Pieces()
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_STORED) as package:
        for row, offer in _rows(upload):
            if offer is not None:
                link = link_of(offer, upload.merchant, upload.terminal.number)
                package.writestr(zipfile.ZipInfo(qr_name(row)), png(link, scale=6))
                yield pieces.take()
    yield pieces.take()


class _Pieces:
    """What a ZIP file is written to: it hands on what has come, and looks back at nothing."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, piece: bytes, /) -> int:
        """Keep a piece until it is taken."""
        self._waiting += piece
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What was not taken yet can still be taken."""

    def take(self) -> bytes:
        """What was written since the last time."""
        piece = bytes(self._waiting)
        self._waiting.clear()
        return piece


def _rows(upload: Upload) -> Iterator[tuple[UploadRow, Offer | None]]:
    """All rows in their order with their offers, some at a time: no question stays open while somebody downloads."""
    last = 0
    while True:
        rows = list(UploadRow.objects.filter(upload=upload, number__gt=last).order_by("number")[:_AT_ONCE])
        offers = Offer.objects.in_bulk([row.offer_key for row in rows])
        yield from ((row, offers.get(row.offer_key)) for row in rows)
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].number
