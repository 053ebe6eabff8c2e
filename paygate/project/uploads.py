"""Files on their way in: what is more than a letter can carry is thrown away while it arrives (safety.md UP-3)."""

from typing import Final

from django.core.files.uploadhandler import FileUploadHandler

MOST_BYTES: Final = (
    6 * 1024 * 1024
)  # of one request; a little more than any form takes, so that each form says so


class AtMost(FileUploadHandler):
    """Stands before the handlers that keep files, and lets no more through than that.

    A file that was cut off is larger than its form allows, so the form refuses it with its own words.
    """

    _let_through = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """The bytes, as long as there is room; else nothing is kept of them."""
        if self._let_through > MOST_BYTES:
            return None
        self._let_through += len(raw_data)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers behind this one have the file."""
