"""How files come in: into memory, counted while they are read, and no further than they may be (safety.md UP-3)."""

from io import BytesIO
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from paygate.mail.allowed_files import MOST_BYTES
from paygate.uploads.tables import MOST_BYTES as MOST_OF_BULK

MOST_TOGETHER: Final = 2 * MOST_BYTES  # of one request
_MOST_FILES: Final = 30


class SmallFiles(FileUploadHandler):
    """Reads files of up to 5 MB; of a larger one nothing is kept, and `too_large` names it.

    A file with many offers may have 50 MB, from somebody who is signed in (UP-6).
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._together = 0
        self._files = 0
        self._read = BytesIO()
        self._most, self._most_together = MOST_BYTES, MOST_TOGETHER
        if request is not None and _is_bulk(request):
            self._most = self._most_together = MOST_OF_BULK

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Skip what is one too many before its first byte."""
        super().new_file(*args, **kwargs)
        self._read = BytesIO()
        self._files += 1
        if self._files > _MOST_FILES:
            self._refuse()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Count, and stop where it is enough."""
        self._together += len(raw_data)
        if self._read.tell() + len(raw_data) > self._most or self._together > self._most_together:
            self._refuse()
        self._read.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        """The whole file, in memory."""
        self._read.seek(0)
        return InMemoryUploadedFile(
            self._read, self.field_name, self.file_name, self.content_type, file_size, self.charset
        )

    def _refuse(self) -> None:
        self._read = BytesIO()
        assert self.request is not None, "Django tells a handler whose request it reads"
        self.request.META.setdefault(_TOO_LARGE, []).append((self.field_name, self.file_name))
        raise SkipFile


def _is_bulk(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    is_somebody = user is not None and user.is_authenticated
    return is_somebody and request.path_info == reverse("backoffice:uploads")


_TOO_LARGE: Final = "paygate.too_large"


def too_large(request: HttpRequest) -> list[str]:
    """The names of files that were not read because they are larger than 5 MB, or too many."""
    return [name for _field, name in request.META.get(_TOO_LARGE, [])]


def refuse_large(form: forms.Form, request: HttpRequest) -> None:
    """Say so beside the field of each file that was not read."""
    form.full_clean()
    for field, _name in request.META.get(_TOO_LARGE, []):
        if field in form.fields and field not in form.errors:
            form.add_error(field, _("The file is larger than 5 MB."))
