"""Calls to the merchant's server about one payment: what came of them, and calling again.

Who may book payments may call again (docs/decisions/0013): it tells once more what is true already, at the address of
the settings of that day.
"""

from collections.abc import Mapping
from typing import Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from paygate.backoffice.doorman import doorman
from paygate.backoffice.journal.words import Mark
from paygate.backoffice.visit import Visit
from paygate.journal.find import entry_of
from paygate.journal.models import Entry
from paygate.lifecycle.moves import MoveRefused
from paygate.merchants.roles import Permission
from paygate.webhooks import outbox
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
