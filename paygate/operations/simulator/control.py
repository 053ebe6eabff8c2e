"""What a judge asks of the simulators: faults, the ledger, and a fresh start (safety.md TE-1).

On the port of a simulator of its own these addresses are open to whoever reaches it. In the product they exist only
where the simulator is in its process, and answer only to programs on the same machine.
"""

import ipaddress
import json
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import wraps
from typing import Any, Final, TypeVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from paygate.acquiring.connector import Operation
from paygate.acquiring.simulator import faults as acquirer_faults
from paygate.acquiring.simulator import ledger
from paygate.simulation import wire
from paygate.simulation.faults import Mode
from paygate.threeds.simulator import faults as threeds_faults
from paygate.threeds.simulator import store

View = Callable[[HttpRequest], HttpResponse]
Choice = TypeVar("Choice", bound=StrEnum)

FIELDS: Final = frozenset({"target", "op", "mode", "delay_s", "count", "match"})


class Nonsense(ValueError):
    """Something asked for does not exist; the argument is the sentence for whoever asked."""


def for_the_judge(view: View) -> View:
    """No browser comes here from a page elsewhere, and in the product nobody from another machine."""

    @csrf_exempt
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if "Origin" in request.headers or not (settings.PAYGATE_SIMULATOR_ALONE or _is_from_here(request)):
            raise Http404
        return view(request)

    return guarded


@for_the_judge
@require_POST
def faults(request: HttpRequest) -> HttpResponse:
    """Let messages go wrong; 400 with a sentence for what does not exist."""
    try:
        plan(_object(request.body))
    except ValueError as nonsense:
        return JsonResponse({"error": str(nonsense)}, status=400)
    return JsonResponse({"planned": True})


@for_the_judge
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Every operation the acquirer knows, by own reference with its count."""
    return JsonResponse(ledger.listed(), safe=False)


@for_the_judge
@require_POST
def reset(request: HttpRequest) -> HttpResponse:
    """Forget every operation, challenge, fault and message under way."""
    wire.forget_under_way()
    ledger.reset()
    store.reset()
    return JsonResponse({"reset": True})


def plan(wanted: Mapping[str, Any]) -> None:
    """Plan what was asked for. Raises `Nonsense`, or `ValueError` with a sentence of the simulator's own."""
    if unknown := wanted.keys() - FIELDS:
        raise Nonsense(f"There is no {_list(unknown)}; there is {_list(FIELDS)}.")
    op, mode = wanted.get("op"), _one_of(Mode, "mode", wanted.get("mode"))
    count, delay_s, match = wanted.get("count", 1), wanted.get("delay_s", 0), wanted.get("match", {})
    if type(count) is not int:
        raise Nonsense("count must be a whole number.")
    if type(delay_s) not in (int, float):
        raise Nonsense("delay_s must be a number of seconds.")
    if not isinstance(match, dict) or not all(isinstance(value, str) for value in match.values()):
        raise Nonsense('match must be an object of texts, such as {"amount_ending": "00"}.')
    match wanted.get("target"):
        case "acquirer":
            chosen = _one_of(Operation, "op", op)
            acquirer_faults.set_fault(chosen, mode, count=count, delay_s=delay_s, match=match)
        case "3ds":
            message = _one_of(threeds_faults.Op, "op", op)
            threeds_faults.plan(message, mode, count=count, delay_seconds=delay_s, match=match)
        case _:
            raise Nonsense("target must be acquirer or 3ds.")


def _one_of(choices: type[Choice], name: str, value: object) -> Choice:
    try:
        return choices(str(value))
    except ValueError:
        raise Nonsense(f"{name} must be one of {', '.join(choices)}.") from None


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError):
        raise Nonsense("The body must be a JSON object.") from None
    if not isinstance(wanted, dict):
        raise Nonsense("The body must be a JSON object.")
    return wanted


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _is_from_here(request: HttpRequest) -> bool:
    """Without a proxy in between: behind one, everybody seems to be here."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(str(request.META.get("REMOTE_ADDR", ""))).is_loopback
    except ValueError:
        return False
