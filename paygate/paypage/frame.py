"""One payment page in its frame: template, languages, design, policy of what comes after it."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from paygate.languages import LANGUAGES
from paygate.methods import METHODS
from paygate.paypage.headers import result_page
from paygate.paypage.wears import wears

CARD: Final = "CARD"  # one entry for all card brands (behaviour.md F-3)


def show(
    request: HttpRequest, template: str, title: str, values: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """One payment page."""
    language, here = translation.get_language() or "en", urlsplit(settings.PAYGATE_PUBLIC_URL)
    languages = [
        (code, name, f"?{urlencode({**_method(request), 'lang': code})}", code == language)
        for code, name in LANGUAGES.items()
        if request.method in {"GET", "HEAD"}
    ]
    context = {
        "page_title": title,
        "language": language,
        "languages": languages,
        "csp_nonce": request.csp_nonce,  # type: ignore[attr-defined]  # set by django-csp
        "test": settings.PAYGATE_ENV != "production",
        **(wears(request, values.get("design_id")) if "merchant_name" in values else {}),
        "host": here.netloc,
        "is_encrypted": here.scheme == "https",
        **values,
    }
    return render(request, f"paypage/{template}.html.jinja", context, status=status)


def with_method(request: HttpRequest) -> str:
    """The query that takes a chosen method along to another page."""
    chosen = _method(request)
    return f"?{urlencode(chosen)}" if chosen else ""


def _method(request: HttpRequest) -> dict[str, str]:
    return {"method": request.GET["method"]} if request.GET.get("method") in {CARD, *METHODS} else {}


def ended(
    request: HttpRequest, template: str, title: str, values: Mapping[str, Any], *, status: int = 200
) -> HttpResponseBase:
    """A page after which nothing follows here."""
    return result_page(request, show(request, template, title, values, status=status))
