"""The pretend wallet's page: the payer approves, refuses or cancels, and goes back to where the payment began."""

from typing import Any, Final

from csp.constants import NONE, SELF
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from paygate.acquiring.simulator.acquirer import choose, waiting
from paygate.acquiring.simulator.scenarios import CHOICES
from paygate.languages import choose as choose_language
from paygate.methods import method
from paygate.money.amount import Money
from paygate.simulation.pages import origin_of

LEAVE: Final = "leave"  # the payer closes the page; opened again, it takes the answer later

# The choice is sent to ourselves, and the answer leads back to the payment page.
POLICY: Final[dict[str, Any]] = {
    "default-src": [NONE],
    "base-uri": [NONE],
    "object-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "frame-ancestors": [NONE],
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wallet(request: HttpRequest, reference: str) -> HttpResponse:
    """The page behind an `Elsewhere`; the first choice counts, a second one changes nothing."""
    record = waiting(reference)
    if record is None:
        raise Http404
    choice = request.POST.get("choice", "")
    if request.method == "POST":
        if choice not in {*CHOICES, LEAVE}:
            return HttpResponseBadRequest()
        record = choose(reference, choice) if choice != LEAVE else record
    if record.return_url and not record.is_open:
        return HttpResponse(status=303, headers={"Location": record.return_url})
    with translation.override(choose_language(request.headers.get("Accept-Language", ""))):
        page = {
            "wallet": method(record.method).label,
            "amount": Money(record.amount, record.currency) if record.amount else None,
            "keeps": record.keeps,
            "open": record.is_open,
            "left": choice == LEAVE and record.is_open,
            "here": request.path,
            "language": translation.get_language() or "en",
        }
        response = render(request, "simulator/wallet.html.jinja", page)
    response._csp_config = POLICY | {  # type: ignore[attr-defined]  # where django-csp looks
        "form-action": [SELF, *origin_of(record.return_url)],
    }
    return response
