"""What every payment page does first: find the merchant, speak the payer's language, answer strangers alike."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Final
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from paygate import clock
from paygate.languages import choose
from paygate.limits.count import client_address, hit, is_too_many
from paygate.paypage import pages
from paygate.paypage.headers import payment_page
from paygate.paypage.payer import cookie_name
from paygate.refusals import NotFound
from paygate.tenants.context import within
from paygate.tenants.numbers import merchant_id_of

log = structlog.get_logger("paygate.paypage")

MISSES_A_MINUTE: Final = 30  # safety.md LN-2

View = Callable[..., HttpResponseBase]


def payers_door(view: View) -> View:
    """Run the view within the link's merchant. Whatever it cannot find ends on the one not-found page."""

    @csrf_exempt
    @payment_page
    @wraps(view)
    def guarded(request: HttpRequest, customer_id: str, *args: object, **kwargs: object) -> HttpResponseBase:
        elsewhere = _to_public_name(request)
        if elsewhere:
            return elsewhere
        chosen = request.GET.get("lang") or request.COOKIES.get(cookie_name("language"), "")
        with translation.override(chosen if chosen in dict(settings.LANGUAGES) else _asked_for(request)):
            try:
                merchant_id = merchant_id_of(customer_id) if _is_text(request.path) else None
                if merchant_id is None:
                    raise NotFound
                with within(merchant_id):
                    return view(request, customer_id, *args, **kwargs)
            except NotFound:
                return _miss(request)
            except (DatabaseError, InterfaceError):
                # Somebody held a lock too long, or the database is away (safety.md LK-7, LK-9). What was committed
                # stands, what was not never happened; the page says to look again.
                log.error("database unavailable", status=503)
                return pages.busy(request)

    return guarded


def _is_text(path: str) -> bool:
    """PostgreSQL takes no zero byte, not even to look for it."""
    return "\x00" not in path


def pressed(view: View) -> View:
    """A view of a button. Its address, opened as a page, leads to the page the button stands on."""

    @wraps(view)
    def only_pressed(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method in {"GET", "HEAD"}:
            return HttpResponseRedirect(request.path.rpartition("/")[0])
        return require_POST(view)(request, *args, **kwargs)

    return only_pressed


def _asked_for(request: HttpRequest) -> str:
    return choose(request.headers.get("Accept-Language", ""))


def _to_public_name(request: HttpRequest) -> HttpResponseRedirect | None:
    """Cookies belong to one name: a page opened under another of ours moves to the public one."""
    public = urlsplit(settings.PAYGATE_PUBLIC_URL)
    if (
        request.method not in {"GET", "HEAD"}
        or request.get_host() == public.netloc
        or settings.PAYGATE_ENV != "demo"
    ):
        return None
    if request.get_host().rpartition(":")[0] not in {"127.0.0.1", "[::1]"}:
        return None
    return HttpResponseRedirect(settings.PAYGATE_PUBLIC_URL + request.get_full_path())


def _miss(request: HttpRequest) -> HttpResponseBase:
    hits = hit(f"miss {client_address(request)}", per=timedelta(minutes=1), now=clock.now())
    return pages.too_many(request) if is_too_many(hits, MISSES_A_MINUTE) else pages.not_found(request)
