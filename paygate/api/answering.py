"""What both APIs do with the end of a call: every answer is JSON, every refusal has its name on the wire."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from django.http import HttpResponse, JsonResponse

from paygate.api.error_names import WireError, of_refusal
from paygate.api.same_request import Answer
from paygate.refusals import Refusal

log = structlog.get_logger("paygate.api")


def answered(call: str, work: Callable[[], Answer]) -> Answer:
    """What the work tells; what it refuses, or breaks at, as the wire says it."""
    try:
        return work()
    except Refusal as refusal:
        error = of_refusal(refusal)
    except WireError as raised:
        error = raised
    except Exception:
        log.exception("api.broken", call=call)
        error = WireError("INTERNAL_ERROR")
    return error.status, error.as_wire()


def response_of(status: int, told: dict[str, Any]) -> HttpResponse:
    """The bytes; nobody on the way keeps them."""
    response: HttpResponse = JsonResponse(told, status=status) if told else HttpResponse(status=status)
    response["Cache-Control"] = "no-store"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = "1"
    return response
