"""Error pages of the back office: plain, in the person's language, and the same for foreign and unknown."""

from urllib.parse import unquote_plus, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from paygate.cards.free_text import find_card_numbers


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was not ours or has lost its token (safety.md AU-8)."""
    return _plain(request, "form_too_old", 403, page_url=_page_before(request))


def not_permitted(request: HttpRequest) -> HttpResponse:
    """The person's role does not include this (safety.md AU-4)."""
    return _plain(request, "not_permitted", 403)


def not_set_up(request: HttpRequest, names: list[str]) -> HttpResponse:
    """Secure PayGate waits for its settings; `names` may fill them in (SPG-SET-01)."""
    return _plain(request, "not_set_up", 409, names=", ".join(names))


def not_found(request: HttpRequest, exception: object = None) -> HttpResponse:
    """Unknown and foreign look the same (safety.md TN-4)."""
    return _plain(request, "not_found", 404)


def broken(request: HttpRequest) -> HttpResponse:
    """We were wrong; the defect is in the log."""
    return _plain(request, "broken", 500)


def busy(request: HttpRequest) -> HttpResponse:
    """Somebody held a lock too long, or the database is away: nothing is half done (safety.md LK-7, LK-9)."""
    return _plain(request, "busy", 503)


def _page_before(request: HttpRequest) -> str:
    """The page of ours on which the form stood; empty where the browser does not tell."""
    before = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure())
    parts = urlsplit(before)
    if not ours or not parts.netloc:
        return ""
    keeps_query = parts.query and not find_card_numbers(unquote_plus(parts.query))
    return f"{parts.path}?{parts.query}" if keeps_query else parts.path


def _plain(request: HttpRequest, name: str, status: int, **values: str) -> HttpResponse:
    values["language"] = (get_language() or "en")[:2]
    return render(request, f"backoffice/{name}.html.jinja", values, status=status)


def bad_request(request: HttpRequest) -> HttpResponse:
    """What was sent is too large, or no form at all; nothing of it was kept."""
    return render(request, "backoffice/bad_request.html.jinja", status=400)
