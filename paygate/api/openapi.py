"""OpenAPI 3.1, made of the same tables that answer: every call with what it is sent and what it tells."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from pydantic.json_schema import models_json_schema

from paygate.api.error_names import ERROR_NAMES
from paygate.api.management.routes import RESTS
from paygate.api.payment.routes import CALLS
from paygate.api.wire.base import Container
from paygate.api.wire.formats import SPEC_VERSIONS, Utf8
from paygate.api.wire.options import ErrorResponse

_REF: Final = "#/components/schemas/{model}"
_HEADERS: Final = (
    ("Saferpay-ApiVersion", "1.14 or later", "^1\\.[0-9]{1,3}$"),
    ("Saferpay-RequestId", "A name of yours for this request", "^[A-Za-z0-9.:_-]{1,50}$"),
)
_ANY_TEXT: Final = Utf8(0).pattern  # not worth a word where people read
_PLACES: Final = ("customerId", "terminalId", "offerId", "accessToken")
_FAILURES: Final = {
    "400": "The request is malformed or breaks a format",
    "401": "The credentials are wrong",
    "402": "The action failed; ErrorName says why",
    "403": "Not permitted: a foreign terminal, or not in the licence",
    "406": "Only application/json is answered",
    "415": "Only application/json is read",
    "429": "Too many calls; wait as Retry-After says",
    "500": "A fault of ours",
}


@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """The description for programs."""
    return JsonResponse(document())


@require_safe
def readable(request: HttpRequest) -> HttpResponse:
    """The same for people."""
    with translation.override("en"):
        shown = {"document": document(), "errors": ERROR_NAMES.values(), "any_text": _ANY_TEXT}
        return render(request, "api/docs.html.jinja", shown)


@cache
def document() -> dict[str, Any]:
    """The whole description. Made once: it does not depend on who asks."""
    refs, schemas = _schemas()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "PayGate: Management API and JSON API",
            "version": SPEC_VERSIONS[-1],
            "description": "As Saferpay's programs speak them. Amounts are minor units, as text.",
        },
        "servers": [{"url": "/api"}],
        "security": [{"basic": []}],
        "paths": _rest_paths(refs) | _json_paths(refs),
        "components": {
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
            "schemas": schemas,
        },
    }


def _schemas() -> tuple[Mapping[type[Container], str], dict[str, Any]]:
    kinds: dict[type[Container], str] = {}
    for kind in _containers():
        kinds.setdefault(kind, kind.__name__)
    inputs = [(kind, "validation") for kind in kinds]
    _map, made = models_json_schema(inputs, ref_template=_REF)  # type: ignore[arg-type]  # a list of pairs
    return kinds, made["$defs"]


def _containers() -> list[type[Container]]:
    found: list[type[Container] | None] = [ErrorResponse]
    for call in CALLS:
        found += [call.asked, call.told]
    for rest in RESTS:
        found += [rest.body, rest.told, rest.query]
    return [kind for kind in found if kind]


def _ref(refs: Mapping[type[Container], str], kind: type[Container]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=refs[kind])}}}


def _answers(refs: Mapping[type[Container], str], told: type[Container] | None) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Done"}
    if told:
        success["content"] = _ref(refs, told)
    failed = {
        status: {"description": words, "content": _ref(refs, ErrorResponse)}
        for status, words in _FAILURES.items()
    }
    return {"200": success, **failed}


def _json_paths(refs: Mapping[type[Container], str]) -> dict[str, Any]:
    return {
        f"/Payment/v1/{call.path}": {
            "post": {
                "operationId": call.path.replace("/", ""),
                "summary": _summary(call.work),
                "tags": [call.path.split("/")[0]],
                "requestBody": {"required": True, "content": _ref(refs, call.asked)},
                "responses": _answers(refs, call.told),
            }
        }
        for call in CALLS
    }


def _rest_paths(refs: Mapping[type[Container], str]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for rest in RESTS:
        path = f"/rest/customers/{{customerId}}/{rest.path}"
        told: dict[str, Any] = {
            "operationId": f"{rest.verb.lower()}-{rest.path.replace('/', '-').replace('{', '').replace('}', '')}",
            "summary": _summary(rest.work),
            "tags": ["Management API"],
            "parameters": [*_parameters(path), *_query(rest.query)],
            "responses": _answers(refs, rest.told),
        }
        if rest.deprecated:
            told["deprecated"] = True
        if rest.body:
            told["requestBody"] = {"required": True, "content": _ref(refs, rest.body)}
        paths.setdefault(path, {})[rest.verb.lower()] = told
    return paths


def _parameters(path: str) -> list[dict[str, Any]]:
    text = {"type": "string"}
    places = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in _PLACES
        if f"{{{name}}}" in path
    ]
    headers = [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": words,
            "schema": {**text, "pattern": pattern},
        }
        for name, words, pattern in _HEADERS
    ]
    return [*places, *headers]


def _query(kind: type[Container] | None) -> list[dict[str, Any]]:
    if kind is None:
        return []
    schema = kind.model_json_schema()
    needed = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": inner}
        for name, inner in schema["properties"].items()
    ]


def _summary(work: object) -> str:
    """The first line of what the work says of itself."""
    return (getattr(work, "__doc__", "") or "").strip().partition("\n")[0]
