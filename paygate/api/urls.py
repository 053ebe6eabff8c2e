"""Mounts both APIs (contract section 3)."""

from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path, re_path

from paygate import clock
from paygate.api import logos, openapi
from paygate.api.answering import response_of
from paygate.api.authentication import caller_of
from paygate.api.error_names import WireError

app_name = "api"

_NO_CALL: Final = (
    "There is no such call. Addresses are spelled as at /api/docs:"
    " with capital letters, single slashes and no slash at the end."
)


def health(request: HttpRequest, customer_id: str) -> HttpResponse:
    """Is the service up for this customer (behaviour.md A-13)?"""
    return JsonResponse({"Status": "PASS"})


def nothing(request: HttpRequest) -> HttpResponse:
    """No such call: strangers get the same answer as everywhere."""
    try:
        caller_of(request, "", now=clock.now())
        error = WireError("VALIDATION_FAILED", _NO_CALL)
    except WireError as refused:
        error = refused
    header = {"SpecVersion": "1.53", "RequestId": "-"}
    return response_of(error.status, {"ResponseHeader": header, **error.as_wire()})


urlpatterns = [
    path("health/<str:customer_id>", health, name="health"),
    path("docs", openapi.readable, name="docs"),
    path("logos/<str:name>.svg", logos.logo, name="logo"),
    path("openapi.json", openapi.description, name="description"),
    path("rest/", include("paygate.api.management.routes")),
    path("Payment/v1/", include("paygate.api.payment.routes")),
    re_path("", nothing),
]
