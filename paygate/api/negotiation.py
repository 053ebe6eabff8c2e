"""Content types: JSON in, JSON out (behaviour.md A-3, B-8)."""

from typing import Final

from django.http import HttpRequest

from paygate.api.error_names import WireError

_JSON: Final = ("application/json", "application/*", "*/*")


def require_json(request: HttpRequest, *, with_body: bool = True) -> None:
    """Raises 406 for who wants no JSON, 415 for who sends none, 400 for who does not POST where one has to."""
    accepted = request.META.get("HTTP_ACCEPT", "")
    kinds = [kind.partition(";")[0].strip().lower() for kind in accepted.split(",") if kind.strip()]
    if kinds and not any(kind in _JSON for kind in kinds):
        raise WireError("VALIDATION_FAILED", "Accept: only application/json is spoken here.", status=406)
    if not with_body:
        return
    if request.method != "POST":
        raise WireError("VALIDATION_FAILED", "This call is made with POST.")
    kind = request.META.get("CONTENT_TYPE", "")
    name, _semicolon, rest = kind.lower().partition(";")
    charset = rest.partition("charset=")[2].strip().strip('"')
    if name.strip() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise WireError("VALIDATION_FAILED", "Content-Type: only application/json is read here.", status=415)
