"""Pictures of the means of payment for a shop's own pages: each one's name in a frame, nobody's logo copied (T-2)."""

from typing import Final
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from paygate.methods import METHODS

_A_DAY: Final = 24 * 60 * 60  # seconds
_LABELS: Final = {method.wire_name: method.label for method in METHODS.values()}
_PICTURE: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40" role="img" aria-label="{name}">'
    '<rect x="1" y="1" width="118" height="38" rx="5" fill="#fff" stroke="#6b7280"/>'
    '<text x="60" y="26" text-anchor="middle" font-family="sans-serif" font-size="16" font-weight="600" fill="#111827"'
    "{fit}>{name}</text></svg>"
)
_LONGEST: Final = 10  # characters that fit without being pressed


@require_safe
@cache_control(public=True, max_age=_A_DAY)
def logo(request: HttpRequest, name: str) -> HttpResponse:
    """The picture of a means of payment, by its name on the wire; anybody may look at it."""
    if name not in _LABELS:
        raise Http404
    label = _LABELS[name]
    fit = ' textLength="108" lengthAdjust="spacingAndGlyphs"' if len(label) > _LONGEST else ""
    return HttpResponse(_PICTURE.format(name=escape(label), fit=fit), content_type="image/svg+xml")


def logo_url(name: str) -> str:
    """Where the picture of a means of payment is, by its name on the wire."""
    return f"{settings.PAYGATE_PUBLIC_URL}{reverse('api:logo', args=[name])}"
