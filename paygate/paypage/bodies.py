"""What a payment page reads of a request's body: fields, in memory; no file is ever written (safety.md CD-12)."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class NoFiles(FileUploadHandler):
    """Reads past whatever is sent as a file. Django's own handlers would put large ones on the disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Skip it before its first byte."""
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Never called."""
        raise SkipFile

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        """Never called."""
        return None
