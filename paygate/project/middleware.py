"""What each request passes through. Payers' pages carry no session, no login and no messages (PP-1, stack.md 6)."""

import time
from collections.abc import Awaitable, Callable
from io import IOBase
from typing import Any, BinaryIO, cast
from uuid import uuid4

import structlog
from axes.middleware import AxesMiddleware
from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.wsgi import LimitedStream
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation import gettext as _

from paygate import clock
from paygate.accounts.models import User
from paygate.accounts.presence import still_here
from paygate.audit.origin import coming_from, origin
from paygate.languages import ui_language
from paygate.limits.count import client_address
from paygate.outbound import REQUEST_SECONDS, calls_within, leave_database

Handler = Callable[[HttpRequest], HttpResponseBase]
Response = HttpResponseBase | Awaitable[HttpResponseBase]

FOR_PEOPLE = (
    "/backoffice/",
    "/account/",
)  # the pages behind a login; everything else is for payers and programs

log = structlog.get_logger("paygate.request")


def is_for_people(request: HttpRequest) -> bool:
    """Is this a page of the back office or of signing in?"""
    return request.path_info.startswith(FOR_PEOPLE)


class SessionForPeople(SessionMiddleware):
    def __call__(self, request: HttpRequest) -> Response:
        return super().__call__(request) if is_for_people(request) else self.get_response(request)


class LocaleForPeople(LocaleMiddleware):
    def __call__(self, request: HttpRequest) -> Response:
        return super().__call__(request) if is_for_people(request) else self.get_response(request)


class CsrfForPeople(CsrfViewMiddleware):
    def __call__(self, request: HttpRequest) -> Response:
        return super().__call__(request) if is_for_people(request) else self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        callback: Callable[..., HttpResponseBase],
        callback_args: tuple[Any, ...],
        callback_kwargs: dict[str, Any],
    ) -> HttpResponseForbidden | None:
        if not is_for_people(request):
            return None  # payers' forms carry a token of their own (paypage/payer.py)
        return super().process_view(request, callback, callback_args, callback_kwargs)


class AuthenticationForPeople(AuthenticationMiddleware):
    def __call__(self, request: HttpRequest) -> Response:
        return super().__call__(request) if is_for_people(request) else self.get_response(request)


def PresenceOfThePerson(get_response: Handler) -> Handler:
    """Who did nothing for 15 minutes, or signed in 8 hours ago, signs in again (safety.md AU-3)."""

    def present(request: HttpRequest) -> HttpResponseBase:
        user, address = request.user if is_for_people(request) else None, client_address(request)
        try:
            if isinstance(user, User) and not still_here(request, user, address=address, now=clock.now()):
                messages.info(request, _("You were signed out because nothing happened for a while."))
        except (OperationalError, InterfaceError):
            log.error("presence not noted")  # the page itself says that the database is busy
        return get_response(request)

    return present


def LanguageOfThePerson(get_response: Handler) -> Handler:
    """The pages of an account are in the language its person chose, like the back office."""

    def spoken(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/account/") and request.user.is_authenticated:
            translation.activate(ui_language(request.user.language))
        return get_response(request)

    return spoken


class MessagesForPeople(MessageMiddleware):
    def __call__(self, request: HttpRequest) -> Response:
        return super().__call__(request) if is_for_people(request) else self.get_response(request)


def AxesForPeople(get_response: Handler) -> Handler:
    """The lock against guessed passwords, for people only."""
    inner = AxesMiddleware(get_response)
    return lambda request: inner(request) if is_for_people(request) else get_response(request)


def ReportingEndpoints(get_response: Handler) -> Handler:
    """Where a browser tells what happened against the policy of a page (safety.md PP-2)."""
    where = f'violations="{settings.PAYGATE_PUBLIC_URL}/reports/violations"'

    def named(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response["Reporting-Endpoints"] = where
        return response

    return named


def CallsInTime(get_response: Handler) -> Handler:
    """Whoever waits for a page waits for a minute at most, whatever the other sides do (safety.md OC-4)."""

    def punctual(request: HttpRequest) -> HttpResponseBase:
        with calls_within(REQUEST_SECONDS):
            return get_response(request)

    return punctual


class _Body(IOBase):
    """What a browser sends, in its own time."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int | None = -1, /) -> bytes:
        leave_database("a browser")
        return self._stream.read(-1 if size is None else size)

    def readline(self, size: int | None = -1, /) -> bytes:
        leave_database("a browser")
        return self._stream.readline(-1 if size is None else size)


def _sent(request: HttpRequest) -> BinaryIO:
    """The body. Where it comes in pieces nobody told its length, and Django would read nothing of it."""
    in_pieces = request.META.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    if in_pieces and not request.META.get("CONTENT_LENGTH"):
        return cast(BinaryIO, LimitedStream(request.META["wsgi.input"], settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    return request._stream


def SlowBrowsers(get_response: Handler) -> Handler:
    """Who sends or takes something slowly has a thread, and no connection of the database, which payments need."""

    def patient(request: HttpRequest) -> HttpResponseBase:
        request._stream = _Body(_sent(request))  # type: ignore[assignment]  # Django has no name for it
        response = get_response(request)
        if response.streaming:
            leave_database("a browser")
        return response

    return patient


class PolicyOfThePage(CSPMiddleware):
    """Content security policy; a page that brings its own keeps it, and none is put together for it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if HEADER in response else super().process_response(request, response)


def KnownOrigin(get_response: Handler) -> Handler:
    """Each request has a number, which its log line and its audit lines share (safety.md AU-7)."""

    def known(request: HttpRequest) -> HttpResponseBase:
        with coming_from(client_address(request), uuid4().hex[:12]):
            return get_response(request)

    return known


def RequestLog(get_response: Handler) -> Handler:
    """One line a request: method, route, status, milliseconds. No address, query, header or body (LG-1)."""

    def logged(request: HttpRequest) -> HttpResponseBase:
        begun = time.monotonic()
        response = get_response(request)
        route = request.resolver_match.route if request.resolver_match else "-"
        if route.startswith("health/"):
            return response  # asked every few seconds, and nothing to learn from
        log.info(
            "request",
            method=request.method if request.method in {"GET", "POST", "HEAD", "OPTIONS"} else "OTHER",
            route=route,
            status=response.status_code,
            request=origin().request_id,
            ms=round((time.monotonic() - begun) * 1000),
        )
        return response

    return logged
