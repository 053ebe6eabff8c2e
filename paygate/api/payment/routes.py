"""The table of path and function of the JSON API."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from paygate.api.payment import batch
from paygate.api.payment.call import Call
from paygate.api.payment.envelope import answer
from paygate.api.wire import follow_up as wire

CALLS: Final = (
    Call("Batch/Close", wire.BatchCloseRequest, wire.BatchCloseResponse, batch.close, moves=True),
)


def _view(call: Call) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        return answer(request, call)

    return view


urlpatterns: list[URLPattern] = [path(call.path, _view(call)) for call in CALLS]
