"""Content security policy and the other headers of every payment page (safety.md PP-2, PP-3)."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Final

from csp.constants import NONCE, NONE, SELF
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from paygate.paypage.bodies import NoFiles

View = Callable[..., HttpResponseBase]

# Where the simulator is a process of its own, its pages are at an origin of their own (safety.md PP-3).
_SIMULATOR: Final = [settings.PAYGATE_SIMULATOR_URL] if settings.PAYGATE_SIMULATOR_URL else []

_OWN: Final[Mapping[str, list[str]]] = {
    "frame-src": [SELF, *_SIMULATOR],
    "form-action": [SELF, *_SIMULATOR],
    "connect-src": [SELF],
}
_AT_THE_BANK: Final[Mapping[str, list[str]]] = {
    # Banks' hosts cannot be listed. No page of this kind holds card fields.
    "frame-src": [SELF, "https:", *_SIMULATOR],
    "form-action": [SELF, "https:", *_SIMULATOR],
    "connect-src": [SELF],
}
_BASE: Final[Mapping[str, list[object]]] = {
    "default-src": [NONE],
    "base-uri": [NONE],
    "object-src": [NONE],
    "script-src": [NONCE],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "frame-ancestors": [NONE],
    "report-uri": ["/reports/violations"],
    **({"report-to": ["violations"]} if settings.PAYGATE_PUBLIC_URL.startswith("https://") else {}),
}


def result_page(response: HttpResponseBase) -> HttpResponseBase:
    """How it ended: nothing is framed any more."""
    return _with(response, {**_OWN, "frame-src": [NONE]})


def own_page(response: HttpResponseBase) -> HttpResponseBase:
    """A page whose forms come back to us: choice and card."""
    return _with(response, _OWN)


def bank_page(response: HttpResponseBase) -> HttpResponseBase:
    """A page that leads to the issuer: the method call and the challenge."""
    return _with(response, _AT_THE_BANK)


def framed_page(response: HttpResponseBase) -> HttpResponseBase:
    """What stands in our own hidden frame after the bank has looked at the browser."""
    return _with(response, {**_OWN, "frame-ancestors": [SELF]})


def _with(response: HttpResponseBase, more: Mapping[str, list[str]]) -> HttpResponseBase:
    response._csp_config = {**_BASE, **more}  # type: ignore[attr-defined]  # where django-csp looks
    return response


def payment_page(view: View) -> View:
    """No store, no index, nothing of ours for other windows, and no file taken in."""

    @wraps(view)
    def with_headers(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        request.upload_handlers = [NoFiles(request)]
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        if not hasattr(response, "_csp_config"):
            own_page(response)
        return response

    return with_headers
