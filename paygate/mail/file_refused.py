"""A file that may not go out."""

from django.utils.functional import Promise
from django.utils.text import format_lazy

from paygate.refusals import Kind, Refusal


class FileRefused(Refusal):
    """Says which file, and what is wrong with it."""

    code = "FILE_REFUSED"
    kind = Kind.INVALID

    def __init__(self, reason: str | Promise, filename: str = "") -> None:
        named = format_lazy("“{name}”: {reason}", name=filename, reason=reason) if filename else reason
        super().__init__(named, field="attachments")
        self.reason = reason
