"""`Rest`: one address and verb of the Management API; headers in, JSON out (behaviour.md C)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from paygate import clock
from paygate.api.answering import answered, response_of
from paygate.api.authentication import Caller, caller_of, count_write, require_feature
from paygate.api.error_names import WireError
from paygate.api.negotiation import require_json
from paygate.api.same_request import Answer, Errand, answered_once
from paygate.api.validation import json_object, read_as
from paygate.api.wire.base import Container
from paygate.merchants.licence import Feature
from paygate.tenants.context import within

OLDEST: Final = 14  # the minor number of the only published Saferpay-ApiVersion, 1.14
_VERSION: Final = re.compile(r"1\.(\d{1,3})")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9.:_-]{1,50}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request at work."""

    caller: Caller
    places: Mapping[str, str]  # what stands in the address: terminal_id, offer_id ...
    body: Any  # the container of the call, or None
    query: Any  # the same of what stands behind the question mark
    now: datetime
    errand: Errand


@dataclass(frozen=True, slots=True)
class Rest:
    """A row of the table in routes.py."""

    verb: str
    path: str  # below /api/rest/customers/{customerId}/
    work: Callable[[Asked], Container | None]
    told: type[Container] | None = None
    body: type[Container] | None = None
    query: type[Container] | None = None
    moves: bool = False
    feature: Feature = Feature.MANAGEMENT_API
    deprecated: bool = False


def answer(
    request: HttpRequest, rests: Mapping[str, Rest], customer_id: str, places: Mapping[str, str]
) -> HttpResponse:
    """One request to one address, by its verb. Every answer is JSON."""
    version, request_id = _spoken(request, "ApiVersion"), _spoken(request, "RequestId")

    def work() -> Answer:
        rest = rests.get(request.method or "")
        if rest is None:
            raise WireError("VALIDATION_FAILED", f"This address is called with {' or '.join(sorted(rests))}.")
        require_json(request, with_body=rest.body is not None)
        return _worked(request, rest, customer_id, places, version, request_id)

    status, told = answered(request.path_info, work)
    if status >= HTTPStatus.BAD_REQUEST:
        told = {"ResponseHeader": _echo(version, request_id), **told}
    return response_of(status, told)


def _worked(
    request: HttpRequest,
    rest: Rest,
    customer_id: str,
    places: Mapping[str, str],
    version: str,
    request_id: str,
) -> Answer:
    now = clock.now()
    caller = caller_of(request, customer_id, now=now)
    _require_headers(version, request_id)
    require_feature(caller, rest.feature)
    members = json_object(request) if rest.body else {}
    body = read_as(rest.body, members) if rest.body else None
    query = read_as(rest.query, request.GET.dict()) if rest.query else None
    name = f"{rest.verb} {rest.path}"
    if rest.verb != "GET":
        count_write(caller, name, now=now)

    def work(errand: Errand) -> Answer:
        told = rest.work(Asked(caller, places, body, query, now, errand))
        return 200, told.as_wire() if told else {}

    with within(caller.merchant.pk):
        if not rest.moves:
            return work(Errand())
        said = {**members, "Address": dict(places)}
        return answered_once(
            name, request_id, said, merchant_id=caller.merchant.pk, is_retry=False, now=now, work=work
        )


def _spoken(request: HttpRequest, name: str) -> str:
    spoken: str = request.headers.get(f"Saferpay-{name}", "")
    return spoken.strip()


def _require_headers(version: str, request_id: str) -> None:
    spelled = _VERSION.fullmatch(version)
    if spelled is None or int(spelled[1]) < OLDEST:
        raise WireError("VALIDATION_FAILED", "Saferpay-ApiVersion: The header must be 1.14 or later.")
    if not _REQUEST_ID.fullmatch(request_id):
        raise WireError("VALIDATION_FAILED", "Saferpay-RequestId: The header is missing or invalid.")


def _echo(version: str, request_id: str) -> dict[str, str]:
    return {
        "SpecVersion": version if _VERSION.fullmatch(version) else "1.14",
        "RequestId": request_id if _REQUEST_ID.fullmatch(request_id) else "-",
    }
