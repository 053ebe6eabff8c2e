"""Request header in, response header out, errors between (behaviour.md A and B)."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from paygate import clock
from paygate.api.answering import answered, response_of
from paygate.api.authentication import caller_of, count_write, require_feature
from paygate.api.error_names import WireError
from paygate.api.negotiation import require_json
from paygate.api.payment.call import Call, Task
from paygate.api.payment.versions import downgrade, newest, upgrade
from paygate.api.same_request import Answer, Errand, answered_once
from paygate.api.validation import json_object, read_as
from paygate.api.wire.base import Container
from paygate.api.wire.common import RequestHeader, ResponseHeader
from paygate.api.wire.formats import SPEC_VERSIONS
from paygate.merchants.licence import Feature
from paygate.tenants.context import within

_NOTHING_SAID: Final = ResponseHeader(request_id="-", spec_version=SPEC_VERSIONS[-1])


class _Header(Container):
    """The header alone: it is read before the call it belongs to."""

    request_header: RequestHeader


def answer(request: HttpRequest, call: Call) -> HttpResponse:
    """One request to one call, from bytes to bytes. Every answer is JSON."""
    spoken: dict[str, Any] = {}

    def work() -> Answer:
        body = _body_of(request)
        header = body.get("RequestHeader")
        spoken.update(header if isinstance(header, dict) else {})
        return _worked(request, call, body)

    status, told = answered(call.path, work)
    whole = {"ResponseHeader": _echo(spoken), **told}
    return response_of(status, downgrade(call.path, _minor(spoken), whole))


def _body_of(request: HttpRequest) -> dict[str, Any]:
    try:
        require_json(request)
        return json_object(request)
    except WireError:
        caller_of(request, "", now=clock.now())  # strangers do not learn what is wrong with their JSON
        raise


def _worked(request: HttpRequest, call: Call, body: dict[str, Any]) -> Answer:
    now = clock.now()
    spoken = body.get("RequestHeader")
    customer = spoken.get("CustomerId") if isinstance(spoken, dict) else None
    caller = caller_of(request, str(customer) if isinstance(customer, str | int) else "", now=now)
    header = read_as(_Header, body).request_header
    asked = read_as(call.asked, upgrade(call.path, _minor(body["RequestHeader"]), body))
    for feature in {Feature.PAYMENT_API, call.feature}:
        require_feature(caller, feature)
    if call.moves:
        count_write(caller, call.path, now=now)
    echo = ResponseHeader(request_id=header.request_id, spec_version=header.spec_version)

    def work(errand: Errand) -> Answer:
        task = Task(now, _minor(body["RequestHeader"]), echo, errand)
        told = call.work(caller, asked, task).as_wire()
        told.pop("ResponseHeader", None)
        return 200, told

    with within(caller.merchant.pk):
        if not call.moves:
            return work(Errand())
        return answered_once(
            call.path,
            header.request_id,
            body,
            merchant_id=caller.merchant.pk,
            is_retry=header.retry_indicator > 0,
            now=now,
            work=work,
        )


def _minor(spoken: dict[str, Any]) -> int:
    version = str(spoken.get("SpecVersion", ""))
    return int(version[2:]) if version in SPEC_VERSIONS else newest()


def _echo(spoken: dict[str, Any]) -> dict[str, str]:
    """The header of every answer: what was said, as far as it can be repeated."""
    version, named = (str(spoken.get(name) or "") for name in ("SpecVersion", "RequestId"))
    try:
        known = ResponseHeader(request_id=named, spec_version=version)
    except ValueError:
        known = _NOTHING_SAID
        if version in SPEC_VERSIONS:
            known = known.model_copy(update={"spec_version": version})
    told: dict[str, str] = known.as_wire()
    return told
