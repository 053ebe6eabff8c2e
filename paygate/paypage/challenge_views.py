"""The ways back from the issuer: browser after a challenge, the bank's look at the browser, and the result itself.

These are cross-site posts without our cookies. They change nothing but what they bring, and unknown ids get a plain
page without detail (safety.md 3D-3).
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from paygate import clock
from paygate.checkout.models import Attempt, CardPage
from paygate.paypage import addresses, pages
from paygate.paypage.headers import framed_page, payment_page
from paygate.tenants.context import across_tenants
from paygate.threeds.browser import note_browser_return, note_method_done
from paygate.threeds.messages import LONGEST_MESSAGE
from paygate.threeds.results import take_result


@csrf_exempt
@payment_page
def browser_returned(request: HttpRequest) -> HttpResponseBase:
    """The bank sent the browser back with a CRes: it only means "look now" (safety.md 7.1 step 6)."""
    if request.method != "POST":
        return pages.not_found(request)
    session = _session_of(
        note_browser_return(request.POST.get("cres", "")[:LONGEST_MESSAGE], now=clock.now())
    )
    if session is None:
        return pages.not_found(request)
    return HttpResponseRedirect(session, status=303)


@csrf_exempt
@require_POST
@payment_page
def method_done(request: HttpRequest) -> HttpResponseBase:
    """The bank has looked at the browser. Stands in our hidden frame; the page around it asks by itself."""
    note_method_done(request.POST.get("threeDSMethodData", "")[:LONGEST_MESSAGE])
    return framed_page(request, HttpResponse("<!doctype html><title>3-D Secure</title>"))


@csrf_exempt
@require_POST
@payment_page
def result(request: HttpRequest) -> HttpResponseBase:
    """The result of a challenge, server to server: RReq in, RRes or Erro out."""
    answer = take_result(request.body[:LONGEST_MESSAGE], now=clock.now())
    return HttpResponse(answer, content_type="application/json; charset=utf-8")


def _session_of(server_trans_id: UUID | None) -> str | None:
    if server_trans_id is None:
        return None
    with across_tenants():
        attempt = (
            Attempt.objects.select_related("session__merchant", "session__terminal")
            .filter(authentication__server_trans_id=server_trans_id)
            .first()
        )
        if attempt:
            return addresses.session(attempt.session)
        stored = CardPage.objects.select_related("merchant").filter(
            authentication__server_trans_id=server_trans_id
        )
        return addresses.card_page(stored[0]) if stored else None
