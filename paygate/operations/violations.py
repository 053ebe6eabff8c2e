"""Take in what browsers report of pages against whose policy something happened (safety.md PP-2).

Anybody can send such a report, so it is small, counted per address, and kept without paths and queries: only the route
of the page, the rule, and the origin of what was stopped.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from paygate import clock
from paygate.limits.count import client_address, hit, is_too_many
from paygate.operations.models import Violation

LONGEST: Final = 16 * 1024  # bytes
A_MINUTE: Final = 60  # reports from one address
MOST_SORTS: Final = 1000  # rows; who invents more is not listened to
KEPT: Final = timedelta(days=90)


@csrf_exempt
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """One report or several, as browsers of either age send them. The answer tells nothing."""
    now = clock.now()
    hits = hit(f"violation {client_address(request)}", per=timedelta(minutes=1), now=now)
    if is_too_many(hits, A_MINUTE):
        return HttpResponse(status=429)
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST:
        return HttpResponse(status=413)
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    for directive, page, blocked in list(_sorts(told))[:20]:
        note(directive, page, blocked, now=now)
    return HttpResponse(status=204)


def note(directive: str, page: str, blocked: str, *, now: datetime) -> None:
    """Count it."""
    same = Violation.objects.filter(directive=directive, page=page, blocked=blocked)
    if same.update(count=F("count") + 1, last_seen_at=now) or Violation.objects.count() >= MOST_SORTS:
        return
    try:
        with transaction.atomic():
            Violation.objects.create(
                directive=directive, page=page, blocked=blocked, first_seen_at=now, last_seen_at=now
            )
    except IntegrityError:
        same.update(count=F("count") + 1, last_seen_at=now)  # somebody else was faster


def purge(*, now: datetime) -> int:
    """Forget what was not reported for 90 days; how many sorts there were."""
    return Violation.objects.filter(last_seen_at__lt=now - KEPT).delete()[0]


def _sorts(told: Any) -> Iterator[tuple[str, str, str]]:
    """Rule, route and what was stopped, of each report in the body."""
    if isinstance(told, Mapping) and isinstance(old := told.get("csp-report"), Mapping):
        rule = old.get("effective-directive") or old.get("violated-directive")
        yield _sort(rule, old.get("document-uri"), old.get("blocked-uri"))
    for one in told if isinstance(told, list) else ():
        body = one.get("body") if isinstance(one, Mapping) else None
        if isinstance(body, Mapping) and one.get("type") == "csp-violation":
            yield _sort(body.get("effectiveDirective"), body.get("documentURL"), body.get("blockedURL"))


def _sort(rule: object, page: object, blocked: object) -> tuple[str, str, str]:
    words = str(rule or "").split()
    return (
        _plain(words[0] if words else "", 60),
        _route(str(page or ""))[:120],
        _origin(str(blocked or ""))[:200],
    )


def _route(address: str) -> str:
    """Which page it was, without the secrets of its address."""
    try:
        return resolve(urlsplit(address).path).route
    except (Resolver404, ValueError):
        return "?"


def _origin(address: str) -> str:
    """Scheme and host of what was stopped; a word such as "inline" as it is."""
    try:
        parts = urlsplit(address)
        return _plain(
            f"{parts.scheme}://{parts.hostname}" if parts.hostname else parts.scheme or address, 200
        )
    except ValueError:
        return "?"


def _plain(text: str, length: int) -> str:
    """Letters, digits and what addresses are made of."""
    return "".join(letter for letter in text if letter.isascii() and (letter.isalnum() or letter in "-_.:/"))[
        :length
    ]
