"""Calls to the merchant's server: all of them, those about one payment, and calling again.

Who may book payments may call again (docs/decisions/0013): it tells once more what is true already, at the address of
the settings of that day.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import chips
from paygate.backoffice.journal.forms import CallSearchForm
from paygate.backoffice.journal.words import Mark
from paygate.backoffice.pages import page, rows_of
from paygate.backoffice.visit import Visit
from paygate.journal.find import entry_of
from paygate.journal.models import Entry
from paygate.lifecycle.moves import MoveRefused
from paygate.merchants.roles import Permission
from paygate.refusals import NotFound
from paygate.webhooks import outbox
from paygate.webhooks.calling import said
from paygate.webhooks.models import Delivery
from paygate.webhooks.states import DeliveryState

_SIGNS: Final[Mapping[str, tuple[str, str]]] = {
    DeliveryState.QUEUED: ("half", "warn"),
    DeliveryState.DONE: ("full", "good"),
    DeliveryState.GIVEN_UP: ("cross", "wrong"),
}


def calls_about(entry: Entry) -> QuerySet[Delivery]:
    """The calls that tell of this payment, newest first."""
    calls: QuerySet[Delivery] = Delivery.objects.filter(about=f"entry:{entry.transaction_id}").order_by("-pk")
    return calls


def call_mark(call: Delivery) -> Mark:
    """Sign, colour and word of its state."""
    trying = call.state == DeliveryState.QUEUED and call.tries
    return Mark(*_SIGNS[call.state], _("Trying again") if trying else DeliveryState(call.state).label)


@doorman(Permission.SEE_JOURNAL)
@require_safe
def call_log(request: Visit) -> HttpResponse:
    """Every call with its time, status and tries, the newest first (behaviour.md E, safety.md OB-3)."""
    form = CallSearchForm(request.GET)
    form.is_valid()  # a filter with nonsense in it says so, and narrows nothing
    calls = Delivery.objects.filter(merchant_id=request.merchant.pk)
    if text := form.cleaned_data.get("q"):
        calls = calls.filter(Q(target__icontains=text) | Q(about=f"entry:{text}"))
    if wanted := form.cleaned_data.get("state"):
        calls = calls.filter(state__in=wanted)
    return page(
        request,
        "journal/calls.html.jinja",
        {
            "form": form,
            "chips": chips(request, form),
            "rows": rows_of(request, form.on_these_days(calls, "created_at", request.zone), by="created_at"),
            "call_mark": call_mark,
            "said": said,
            "tells_of": tells_of,
            "may_call_again": Permission.CAPTURE in request.actor.permissions,
        },
    )


def tells_of(call: Delivery) -> tuple[str, str]:
    """What the merchant's server is told, and the page of the payment (empty: there is none)."""
    noun, _colon, key = call.about.partition(":")
    if noun == "entry":
        return _("Payment"), reverse("backoffice:entry", args=[key])
    return _("Payment that came to nothing"), ""


@doorman(Permission.CAPTURE)
@require_POST
def again(request: Visit, call_id: UUID) -> HttpResponse:
    """One of them once more, under the same id (safety.md OB-4)."""
    call = Delivery.objects.filter(merchant_id=request.merchant.pk, public_id=call_id).first()
    if call is None:
        raise NotFound
    try:
        outbox.call_again(call, by=request.actor.name, now=request.now)
    except MoveRefused:
        messages.info(request, _("This call was not given up: there is nothing to repeat."))
    else:
        messages.success(request, _("Your server is called again."))
    return redirect("backoffice:calls")


@doorman(Permission.CAPTURE)
@require_POST
def call_again(request: Visit, transaction_id: str) -> HttpResponse:
    """Call the merchant's server once more, under the same id (safety.md OB-4)."""
    entry = entry_of(request.actor, transaction_id)
    given_up = list(calls_about(entry).filter(state=DeliveryState.GIVEN_UP))
    try:
        for call in given_up:
            outbox.call_again(call, by=request.actor.name, now=request.now)
    except MoveRefused:
        given_up = []  # somebody else pressed in this moment
    if given_up:
        messages.success(request, _("Your server is called again."))
    else:
        messages.info(request, _("No call about this payment was given up: there is nothing to repeat."))
    return redirect("backoffice:entry", entry.transaction_id)
