"""Content types: JSON in, JSON out (behaviour.md A-3, B-8)."""

from typing import Final

from django.http import HttpRequest
from django.utils.http import parse_header_parameters

from paygate.api.error_names import WireError

_JSON: Final = ("application/json", "application/*", "*/*")
_UTF_8: Final = ("", "utf-8", "utf8")


def require_json(request: HttpRequest, *, with_body: bool = True) -> None:
    """Raises 406 for who wants no JSON, 415 for who sends none or packs it, 400 for who should POST."""
    accepted = request.META.get("HTTP_ACCEPT", "")
    kinds = [kind.partition(";")[0].strip().lower() for kind in accepted.split(",") if kind.strip()]
    if kinds and not any(kind in _JSON for kind in kinds):
        raise WireError("VALIDATION_FAILED", "Accept: only application/json is spoken here.", status=406)
    if not with_body:
        return
    if request.method != "POST":
        raise WireError("VALIDATION_FAILED", "This call is made with POST.")
    name, told = parse_header_parameters(request.META.get("CONTENT_TYPE", ""))
    if name.lower() != "application/json" or told.get("charset", "").strip("'").lower() not in _UTF_8:
        raise WireError("VALIDATION_FAILED", "Content-Type: only application/json is read here.", status=415)
    if request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower() not in ("", "identity"):
        raise WireError("VALIDATION_FAILED", "Content-Encoding: no packed body is read here.", status=415)
