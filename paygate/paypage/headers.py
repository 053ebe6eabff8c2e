"""Content security policy and the other headers of every payment page (safety.md PP-2, PP-3)."""

from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Final

from csp.constants import HEADER, NONCE, NONE, SELF
from csp.utils import build_policy
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
_NONCE_HERE: Final = "nonce-of-this-answer"
_MORE: Final[Mapping[str, Mapping[str, list[str]]]] = {
    "own": _OWN,
    "bank": _AT_THE_BANK,
    "result": {**_OWN, "frame-src": [NONE]},
    "framed": {**_OWN, "frame-ancestors": [SELF]},
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


def result_page(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """How it ended: nothing is framed any more."""
    return _with(request, response, "result")


def own_page(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """A page whose forms come back to us: choice and card."""
    return _with(request, response, "own")


def bank_page(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """A page that leads to the issuer: the method call and the challenge."""
    return _with(request, response, "bank")


def framed_page(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """What stands in our own hidden frame after the bank has looked at the browser."""
    return _with(request, response, "framed")


def _with(request: HttpRequest, response: HttpResponseBase, kind: str) -> HttpResponseBase:
    nonce: str = request.csp_nonce  # type: ignore[attr-defined]  # django-csp gives each request one
    response[HEADER] = _policy(kind).replace(_NONCE_HERE, str(nonce))
    return response


@cache
def _policy(kind: str) -> str:
    """Put together once: only the nonce of an answer is new."""
    policy: str = build_policy(config={**_BASE, **_MORE[kind]}, nonce=_NONCE_HERE)
    return policy


def payment_page(view: View) -> View:
    """No store, no index, nothing of ours for other windows, and no file taken in."""

    @wraps(view)
    def with_headers(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        request.upload_handlers = [NoFiles(request)]
        response = view(request, *args, **kwargs)
        response.setdefault("Cache-Control", "no-store")  # a style sheet is kept, and says so
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        if HEADER not in response:
            own_page(request, response)
        return response

    return with_headers
