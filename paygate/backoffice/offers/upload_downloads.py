"""Files to begin an upload with, and what it became as files (SPG-UPL-06, 07)."""

from collections.abc import Iterator
from itertools import chain
from uuid import UUID

from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from paygate.acquiring.choose import currencies_of
from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import terminals_of
from paygate.backoffice.offers.list_views import XLSX
from paygate.backoffice.offers.upload_page import stores_cards
from paygate.backoffice.pages import download, put_down_export
from paygate.backoffice.visit import Visit
from paygate.languages import ui_language
from paygate.merchants.licence import Feature
from paygate.merchants.models import TerminalKind
from paygate.merchants.roles import Permission
from paygate.spreadsheets import Cell, csv_lines, xlsx_file
from paygate.uploads.confirm import upload_of
from paygate.uploads.models import Upload
from paygate.uploads.result import qr_pieces, result_header, result_rows
from paygate.uploads.samples import sample_header, sample_rows

BYTE_ORDER_MARK = "\ufeff"  # tells spreadsheet programs that it is UTF-8


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def sample_csv(request: Visit) -> StreamingHttpResponse:
    """A file that uploads as it is, as spreadsheet programs in Switzerland write CSV."""
    lines = csv_lines(_sample_header(request), _sample_rows(request, real=False), separator=";")
    return download(chain([BYTE_ORDER_MARK], lines), "sample.csv", request.merchant.pk)


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def sample_xlsx(request: Visit) -> FileResponse:
    """The same as a workbook, with real dates and amounts."""
    file = xlsx_file(_sample_header(request), _sample_rows(request, real=True))
    return FileResponse(file, as_attachment=True, filename="sample.xlsx", content_type=XLSX)


def _sample_header(request: Visit) -> list[str]:
    return sample_header(ui_language(get_language()), stores_cards=stores_cards(request))


def _sample_rows(request: Visit, *, real: bool) -> Iterator[list[Cell]]:
    """In the currency of the terminal that was asked for, else of the first that takes one."""
    asked = request.GET.get("terminal", "")
    terminals = terminals_of(request, kind=TerminalKind.SPG)
    taken = [currencies_of(one) for one in sorted(terminals, key=lambda one: one.number != asked)]
    currency = next((codes[0] for codes in taken if codes), "CHF")
    return sample_rows(
        currency, now=request.now, zone=request.zone, real=real, stores_cards=stores_cards(request)
    )


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def result_csv(request: Visit, upload_id: UUID) -> StreamingHttpResponse:
    """The uploaded columns with offer, link and status."""
    upload = _exported(request, upload_id)
    lines = csv_lines(result_header(upload), result_rows(upload, now=request.now))
    return download(chain([BYTE_ORDER_MARK], lines), f"{_stem(upload)}.csv", request.merchant.pk)


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def result_xlsx(request: Visit, upload_id: UUID) -> FileResponse:
    """The same as a workbook."""
    upload = _exported(request, upload_id)
    file = xlsx_file(result_header(upload), result_rows(upload, now=request.now))
    return FileResponse(file, as_attachment=True, filename=f"{_stem(upload)}.xlsx", content_type=XLSX)


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def qr_zip(request: Visit, upload_id: UUID) -> StreamingHttpResponse:
    """The QR codes of all offers, under the names that the result has."""
    upload = _exported(request, upload_id)
    response = download(qr_pieces(upload), f"{_stem(upload)}-qr.zip", request.merchant.pk)
    response["Content-Type"] = "application/zip"
    return response


def _exported(request: Visit, upload_id: UUID) -> Upload:
    upload = upload_of(request.actor, upload_id)
    put_down_export(request, f"upload {upload.pk}")
    return upload


def _stem(upload: Upload) -> str:
    """A name for a header: the file's own, as far as every program knows its letters."""
    own = "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "-" for sign in upload.filename
    )
    return f"{own.rpartition('-')[0][:60] or 'links'}-result"
