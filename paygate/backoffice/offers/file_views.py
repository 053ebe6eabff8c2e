"""Files that go with an offer letter: taken while the form is filled in, shown to nobody but as a download."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.downloads import file_response
from paygate.backoffice.uploads import too_large
from paygate.backoffice.visit import Visit
from paygate.mail.file_refused import FileRefused
from paygate.merchants.licence import Feature
from paygate.merchants.roles import Permission
from paygate.offers.files import chosen, put_file
from paygate.offers.models import OfferFile
from paygate.refusals import NotFound, Refusal

FIELD: Final = "attachments"  # the input in which files are chosen
CHOSEN: Final = "files"  # the ids of those that the form has already


@doorman(Permission.EDIT_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_POST
def take(request: Visit) -> JsonResponse:
    """One or several files for a form that is being filled in (SPG-MAI-08): which were taken, and why others not."""
    taken, refusals = take_files(request)
    files = [{"id": str(one.pk), "name": one.name, "size": one.size} for one in taken]
    return JsonResponse({"files": files, "errors": refusals}, status=422 if refusals and not files else 200)


def take_files(request: Visit) -> tuple[list[OfferFile], list[str]]:
    """The files that came with a form, kept for it, and in words why others were not."""
    form_id = _uuid(request.POST.get("form_id", ""))
    taken: list[OfferFile] = []
    refusals = [
        str(FileRefused(_("The file is larger than 5 MB."), name).words) for name in too_large(request)
    ]
    uploads = request.FILES.getlist(FIELD)
    if not uploads or form_id is None:
        return taken, refusals
    beside = chosen(ids_in(request.POST.getlist(CHOSEN)), form_id=form_id)
    for upload in uploads:
        try:
            taken.append(
                put_file(
                    upload.name or "",
                    upload.read(),
                    form_id=form_id,
                    beside=[*beside, *taken],
                    by=request.actor,
                    now=request.now,
                )
            )
        except FileRefused as refused:
            refusals.append(str(refused))
        except Refusal as refused:
            refusals.append(f"“{upload.name}”: {refused}")
    return taken, refusals


def ids_in(typed: Iterable[str]) -> list[UUID]:
    """The ids of files that a form names, each once; nonsense is left aside."""
    return list({found: None for found in map(_uuid, typed) if found})


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


@doorman(Permission.SEE_OFFERS, feature=Feature.SECURE_PAYGATE)
@require_safe
def file(request: Visit, file_id: UUID) -> HttpResponse:
    """One file; never opened in the browser (UP-4)."""
    found = OfferFile.objects.filter(pk=file_id).first()
    if found is None:
        raise NotFound
    return file_response(bytes(found.content), found.name, found.mime)
