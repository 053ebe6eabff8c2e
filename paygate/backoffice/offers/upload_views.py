"""Links by file: take a file, show what was found in it, mend, confirm, watch it being created (SPG-UPL)."""

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import terminals_of
from paygate.backoffice.offers.upload_forms import UploadForm
from paygate.backoffice.offers.upload_page import (
    CELL,
    COLUMN,
    ROW,
    columns_asked,
    columns_remembered,
    mark_of,
    page_of,
    place_asked,
    specification,
)
from paygate.backoffice.pages import page, rows_of
from paygate.backoffice.saying_why import saying_why_not
from paygate.backoffice.timeline import names_at
from paygate.backoffice.uploads import too_large
from paygate.backoffice.visit import Visit
from paygate.lifecycle.moves import MoveRefused
from paygate.merchants.licence import Feature
from paygate.merchants.models import Terminal, TerminalKind
from paygate.merchants.roles import Permission
from paygate.refusals import NotFound, Refusal
from paygate.uploads.check import check_some
from paygate.uploads.confirm import confirm, discard, hold_letters, mend, upload_of
from paygate.uploads.models import Upload
from paygate.uploads.refused import UploadRefused
from paygate.uploads.take import ROWS_TOGETHER, forget_column, name_columns, take_file

ALL = "all"  # which button was pressed
AT_ROWS = "rows"  # what is told there, not above the page


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_http_methods(["GET", "HEAD", "POST"])
def uploads(request: Visit) -> HttpResponse:
    """The upload page: terminal, file, specification, and what was uploaded before (SPG-UPL-03 to 06)."""
    terminals = terminals_of(request, kind=TerminalKind.SPG)
    if request.method != "POST":
        asked = request.GET.get("terminal", "")
        return _upload_page(request, UploadForm(terminals=terminals, initial={"terminal": asked}), terminals)
    form = UploadForm(request.POST, request.FILES, terminals=terminals)
    if too_large(request):
        form.full_clean()
        form.errors.pop("file", None)
        form.add_error("file", _("The file is larger than 50 MB. Split it into several files."))
    elif form.is_valid():
        file = form.cleaned_data["file"]
        terminal = next(one for one in terminals if one.number == form.cleaned_data["terminal"])
        terminal.merchant = request.merchant
        try:
            upload, is_new = take_file(
                file.name or "", file, terminal=terminal, by=request.actor, now=request.now
            )
        except Refusal as refused:
            form.add_error(refused.field if refused.field in form.fields else "file", str(refused))
        else:
            if not is_new:
                messages.info(request, _("This file was uploaded before. This is what became of it."))
            else:
                _check_if_small(request, upload)
            return redirect("backoffice:upload", upload.pk)
    return _upload_page(request, form, terminals, status=422)


def _check_if_small(request: Visit, upload: Upload) -> None:
    """A small file is checked before its page is shown; its job then finds nothing to do."""
    if upload.rows <= ROWS_TOGETHER:
        check_some(upload.pk, now=request.now, go_on=lambda: True)


def _upload_page(
    request: Visit, form: UploadForm, terminals: list[Terminal], *, status: int = 200
) -> HttpResponse:
    found = Upload.objects.filter(merchant_id=request.merchant.pk).select_related("terminal")
    return page(
        request,
        "offers/uploads.html.jinja",
        {
            "form": form,
            "terminals": terminals,
            "rows": rows_of(request, found, by="uploaded_at"),
            "mark_of": mark_of,
            "names": names_at(request.merchant.pk),
            "specification": specification(request),
            "remembered": columns_remembered(),
        },
        status=status,
    )


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def show(request: Visit, upload_id: UUID) -> HttpResponse:
    """One file, wherever it is: columns to be named, being checked, to be confirmed, being created, created."""
    upload = upload_of(request.actor, upload_id)
    values = page_of(request, upload)
    if values["rows"] and not values["rows"].rows and "before" in request.GET:
        return _to(upload, f"?show={values['which']}#rows")  # its last row was mended
    return page(request, "offers/upload.html.jinja", values)


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def columns(request: Visit, upload_id: UUID) -> HttpResponse:
    """Somebody says what the unknown columns are."""
    upload = upload_of(request.actor, upload_id)
    said = {at: request.POST.get(f"{COLUMN}{at}", "?") for at, key in enumerate(upload.keys) if key is None}
    allowed = {key for key, _label in columns_asked(request, upload)}
    meanings = {at: key for at, key in said.items() if key in allowed}

    try:
        name_columns(upload, meanings, by=request.actor, now=request.now)
    except UploadRefused as refused:
        messages.error(request, str(refused))
        return page(request, "offers/upload.html.jinja", page_of(request, upload, said=meanings), status=422)
    except MoveRefused as refused:
        messages.error(request, str(refused))
    else:
        _check_if_small(request, upload)
    return _to(upload)


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def forget(request: Visit) -> HttpResponse:
    """What somebody said of a column by mistake is not remembered any more."""
    forget_column(request.POST.get("name", ""), by=request.actor, now=request.now)
    messages.success(request, _("Forgotten. The next file with this column asks what it is."))
    return redirect("backoffice:uploads")


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def row(request: Visit, upload_id: UUID) -> HttpResponse:
    """Cells of a row are mended in place; only this row is checked again."""
    upload = upload_of(request.actor, upload_id)
    number = _number(request.POST.get("row", ""))
    texts = {
        _number(name.removeprefix(CELL)): text for name, text in request.POST.items() if name.startswith(CELL)
    }
    query = place_asked(request.POST)
    back = f"?{urlencode(query)}" if query else ""
    try:
        mended = mend(
            upload, number, {at: str(text) for at, text in texts.items()}, by=request.actor, now=request.now
        )
    except NotFound:
        raise
    except Refusal as refused:
        if not refused.field:  # it is not about the row
            messages.error(request, str(refused))
            return _to(upload)
        messages.error(request, str(refused), extra_tags=f"{ROW}{number}")
        return _to(upload, f"{back}#{ROW}{number}")
    if mended.wrong:
        words, tell, where = _("Row %(number)s was checked again."), messages.warning, f"{ROW}{number}"
    else:
        words, tell, where = _("Row %(number)s is right now."), messages.success, AT_ROWS
    tell(request, words % {"number": number}, extra_tags=where)
    return _to(upload, f"{back}#{where}")


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def create(request: Visit, upload_id: UUID) -> HttpResponse:
    """Create all offers, or those of the rows that are right."""
    upload = upload_of(request.actor, upload_id)
    whole = request.POST.get("button") == ALL
    return _done(request, upload, lambda: confirm(upload, whole=whole, by=request.actor, now=request.now))


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def drop(request: Visit, upload_id: UUID) -> HttpResponse:
    """Forget a file that was not confirmed."""
    upload = upload_of(request.actor, upload_id)
    try:
        discard(upload, by=request.actor, now=request.now)
    except Refusal as refused:
        messages.error(request, str(refused))
        return _to(upload)
    messages.success(request, _("The file was discarded. Nothing was created."))
    return redirect("backoffice:uploads")


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def letters(request: Visit, upload_id: UUID) -> HttpResponse:
    """Pause the letters, or let them go on."""
    upload = upload_of(request.actor, upload_id)
    hold = request.POST.get("button") == "pause"

    def hold_them() -> None:
        if not hold_letters(upload, hold=hold, by=request.actor, now=request.now):
            messages.info(request, _("All letters have gone out by now."))

    return _done(request, upload, hold_them)


def _to(upload: Upload, place: str = "") -> HttpResponse:
    return redirect(reverse("backoffice:upload", args=[upload.pk]) + place)


def _done(request: Visit, upload: Upload, do: Callable[[], None]) -> HttpResponse:
    """Back to the file's page, with what was said no to."""
    with saying_why_not(request):
        do()
    return _to(upload)


def _number(typed: str) -> int:
    """What a form says; nonsense is nowhere."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else -1
