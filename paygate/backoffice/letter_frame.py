"""A letter in a frame of our pages."""

from typing import Final

from django.http import HttpResponse

# The letter's own styles, and nothing that could act: no scripts, no forms, nothing from elsewhere.
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'"
)


def letter_frame(html: str) -> HttpResponse:
    """A letter's HTML, pictures inside, to be shown in a frame of ours and nowhere else."""
    response = HttpResponse(html)
    response["Content-Security-Policy"] = _POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response
