"""The pretend issuer's pages: the look at the browser, the question to the payer, and the way back.

They are reached by cross-site POSTs without a cookie, as a bank's pages are, so they carry no anti-forgery token.
"""

import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from paygate.clock import now
from paygate.languages import choose
from paygate.money.amount import Money
from paygate.threeds.messages import Problem, decode, encode, parse
from paygate.threeds.simulator.faults import Mode, Op, due
from paygate.threeds.simulator.issuer import challenge_of, cres_for, press
from paygate.threeds.simulator.scenarios import Press
from paygate.threeds.simulator.store import Challenge

LONGEST_SESSION_DATA: Final = 1024  # threeDSSessionData, by the protocol

# A bank's page may be framed by the payment page and posts back to wherever the merchant's server is.
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
@csp(POLICY)
def method(request: HttpRequest) -> HttpResponse:
    """The hidden frame: it looks at the browser and tells the merchant's server that it has."""
    raw = decode(request.POST.get("threeDSMethodData", ""))
    data = raw if isinstance(raw, Problem) else parse(raw)
    address = "" if isinstance(data, Problem) else str(data.get("threeDSMethodNotificationURL") or "")
    if isinstance(data, Problem) or not _is_web_address(address):
        return _unknown(request)
    fault = due(Op.METHOD, 0)
    if fault is not None and fault.mode is Mode.DROP:
        return HttpResponse()
    done = encode({"threeDSServerTransID": str(data.get("threeDSServerTransID") or "")})
    page = {
        "notification_url": address,
        "method_data": "?" if fault is not None and fault.mode is Mode.MALFORMED else done,
        "delay_ms": fault.delay_seconds * 1000 if fault is not None and fault.mode is Mode.DELAY else 0,
    }
    return _page(request, "method", page)


@csrf_exempt
@require_POST
@never_cache
@csp(POLICY)
def challenge(request: HttpRequest) -> HttpResponse:
    """The question to the payer. Who has answered it already goes straight back."""
    asked = challenge_of(request.POST.get("creq", ""))
    if asked is None:
        return _unknown(request)
    if asked.status:
        return _back(request, asked)
    page = {
        "merchant_name": asked.merchant_name,
        "amount": Money(asked.amount_minor, asked.currency),
        "card": asked.card,
        "acs_trans_id": asked.acs_trans_id,
        "session_data": _session_data(request),
    }
    with translation.override(asked.language):
        return _page(request, "issuer", page)


@csrf_exempt
@require_POST
@never_cache
@csp(POLICY)
def decide(request: HttpRequest) -> HttpResponse:
    """A button was pressed: the result goes server to server, then the browser goes back."""
    action = request.POST.get("action", "")
    if action not in set(Press):
        return _unknown(request)
    asked = press(request.POST.get("acs_trans_id", ""), Press(action), now=now())
    return _unknown(request) if asked is None else _back(request, asked)


def _back(request: HttpRequest, asked: Challenge) -> HttpResponse:
    fault = due(Op.CRES, asked.amount_minor)
    if fault is not None and fault.mode is Mode.DELAY:
        time.sleep(fault.delay_seconds)
    page = {
        "notification_url": asked.notification_url,
        "cres": "?" if fault is not None and fault.mode is Mode.MALFORMED else cres_for(asked),
        "session_data": _session_data(request),
        "lost": fault is not None and fault.mode is Mode.DROP,
    }
    with translation.override(asked.language):
        return _page(request, "back", page)


def _unknown(request: HttpRequest) -> HttpResponse:
    with translation.override(choose(request.headers.get("Accept-Language", ""))):
        return _page(request, "unknown", {}, status=404)


def _page(request: HttpRequest, name: str, page: Mapping[str, object], status: int = 200) -> HttpResponse:
    # The middleware puts the nonce on the request; only pages that read it get it into their policy.
    shared = {"csp_nonce": getattr(request, "csp_nonce", ""), "language": translation.get_language() or "en"}
    return render(request, f"simulator/threeds_{name}.html.jinja", {**shared, **page}, status=status)


def _session_data(request: HttpRequest) -> str:
    return request.POST.get("threeDSSessionData", "")[:LONGEST_SESSION_DATA]


def _is_web_address(address: str) -> bool:
    return urlsplit(address).scheme in ("http", "https")
