"""A letter in a frame of our pages."""

from typing import Final

from django.http import HttpResponse
from django.utils.html import format_html

from paygate.mail.outbox import Rendered

# The letter's own styles, and nothing that could act: no scripts, no forms, nothing from elsewhere.
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'"
)
_TEXT: Final = (
    '<!doctype html><html lang="{}"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
    "<title>{}</title></head><body><p><b>{}</b></p>"
    '<pre style="white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/20px monospace">{}</pre></body></html>'
)


def letter_frame(html: str) -> HttpResponse:
    """A letter's HTML, pictures inside, to be shown in a frame of ours and nowhere else."""
    response = HttpResponse(html)
    response["Content-Security-Policy"] = _POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def letter_response(written: Rendered, *, as_text: bool, language: str) -> HttpResponse:
    """The letter as HTML, or its plain text twin with the subject above."""
    if as_text:
        return letter_frame(format_html(_TEXT, language, written.subject, written.subject, written.text))
    return letter_frame(written.html)
