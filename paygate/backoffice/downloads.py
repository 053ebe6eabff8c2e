"""Files of others, handed to people: saved and never opened in the browser (safety.md UP-4)."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def file_response(content: bytes, filename: str, mime: str) -> HttpResponse:
    """A file to be saved."""
    response = HttpResponse(content, content_type=mime)
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
