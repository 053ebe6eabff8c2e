"""The pretend issuer's pages: the look at the browser, the question to the payer, and the way back.

They are reached by cross-site POSTs without a cookie, as a bank's pages are, so they carry no anti-forgery token.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

from csp.constants import NONCE, NONE, SELF
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from paygate.clock import now
from paygate.languages import choose
from paygate.money.amount import Money
from paygate.simulation.faults import Fault, Mode
from paygate.simulation.pages import origin_of
from paygate.simulation.wire import ERROR_PAGES
from paygate.threeds.messages import Problem, decode, encode, parse
from paygate.threeds.simulator.faults import Op, due
from paygate.threeds.simulator.issuer import challenge_of, cres_for, press
from paygate.threeds.simulator.scenarios import Press
from paygate.threeds.simulator.store import Challenge

LONGEST_SESSION_DATA: Final = 1024  # threeDSSessionData, by the protocol

LOST: Final = frozenset({Mode.REFUSE_CONNECT, Mode.DROP_BEFORE_READ, Mode.DROP_AFTER_COMMIT})

# A bank's page may be framed by the payment page and posts back to where the merchant's server is: `_page` adds it.
POLICY: Final[dict[str, Any]] = {
    "default-src": [NONE],
    "base-uri": [NONE],
    "object-src": [NONE],
    "script-src": [NONCE],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "form-action": [SELF, "https:"],
    "frame-ancestors": [SELF],
}


@csrf_exempt
@require_POST
@never_cache
def method(request: HttpRequest) -> HttpResponse:
    """The hidden frame: it looks at the browser and tells the merchant's server that it has."""
    raw = decode(request.POST.get("threeDSMethodData", ""))
    data = raw if isinstance(raw, Problem) else parse(raw)
    address = "" if isinstance(data, Problem) else str(data.get("threeDSMethodNotificationURL") or "")
    if isinstance(data, Problem) or not origin_of(address):
        return _unknown(request)
    fault = due(Op.METHOD, 0)
    mode = fault.mode if fault is not None else None
    if fault is not None and mode in LOST | ERROR_PAGES.keys():
        return _error_page(fault)
    server_trans_id = str(uuid4()) if mode is Mode.WRONG_REFERENCE else data.get("threeDSServerTransID")
    page = {
        "notification_url": address,
        "method_data": _spoiled(mode, encode({"threeDSServerTransID": str(server_trans_id or "")})),
        "delay_ms": int(fault.delay_s * 1000) if fault is not None else 0,
    }
    return _page(request, "method", page, leads_to=address)


@csrf_exempt
@require_POST
@never_cache
def challenge(request: HttpRequest) -> HttpResponse:
    """The question to the payer. Who has answered it already goes straight back."""
    asked = challenge_of(request.POST.get("creq", ""))
    if asked is None:
        return _unknown(request)
    if asked.status:
        return _back(request, asked)
    page = {
        "merchant_name": asked.merchant_name,
        "amount": Money(asked.amount_minor, asked.currency) if asked.currency else None,
        "card": asked.card,
        "acs_trans_id": asked.acs_trans_id,
        "session_data": _session_data(request),
    }
    with translation.override(asked.language):
        return _page(request, "issuer", page)


@csrf_exempt
@require_POST
@never_cache
def decide(request: HttpRequest) -> HttpResponse:
    """A button was pressed: the result goes server to server, then the browser goes back."""
    action = request.POST.get("action", "")
    if action not in set(Press):
        return _unknown(request)
    asked = press(request.POST.get("acs_trans_id", ""), Press(action), now=now())
    return _unknown(request) if asked is None else _back(request, asked)


def _back(request: HttpRequest, asked: Challenge) -> HttpResponse:
    fault = due(Op.CRES, asked.amount_minor)
    mode = fault.mode if fault is not None else None
    if fault is not None:
        time.sleep(fault.delay_s)
        if mode in ERROR_PAGES:
            return _error_page(fault)
    returning = replace(asked, acs_trans_id=str(uuid4())) if mode is Mode.WRONG_REFERENCE else asked
    page = {
        "notification_url": asked.notification_url,
        "cres": _spoiled(mode, cres_for(returning)),
        "session_data": _session_data(request),
        "lost": mode in LOST,
    }
    with translation.override(asked.language):
        return _page(request, "back", page, leads_to=asked.notification_url)


def _spoiled(mode: Mode | None, form_field: str) -> str:
    match mode:
        case Mode.MALFORMED:
            return "?"
        case Mode.TRUNCATED:
            return form_field[: len(form_field) // 2]
        case _:
            return form_field


def _error_page(fault: Fault) -> HttpResponse:
    """An error page, or nothing at all."""
    status, body = ERROR_PAGES.get(fault.mode, (200, b""))
    return HttpResponse(body, status=status)


def _unknown(request: HttpRequest) -> HttpResponse:
    with translation.override(choose(request.headers.get("Accept-Language", ""))):
        return _page(request, "unknown", {}, status=404)


def _page(
    request: HttpRequest, name: str, page: Mapping[str, object], *, status: int = 200, leads_to: str = ""
) -> HttpResponse:
    # The middleware puts the nonce on the request; only pages that read it get it into their policy.
    shared = {"csp_nonce": getattr(request, "csp_nonce", ""), "language": translation.get_language() or "en"}
    response = render(request, f"simulator/threeds_{name}.html.jinja", {**shared, **page}, status=status)
    back = origin_of(leads_to)
    response._csp_config = POLICY | {  # type: ignore[attr-defined]  # where django-csp looks
        "form-action": [*POLICY["form-action"], *back],
        "frame-ancestors": [*POLICY["frame-ancestors"], *back],
    }
    return response


def _session_data(request: HttpRequest) -> str:
    return request.POST.get("threeDSSessionData", "")[:LONGEST_SESSION_DATA]
