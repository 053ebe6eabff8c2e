"""Pay back a booked payment: alone, or above the merchant's limit by two people (safety.md AU-3, AU-5, MO-6)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from paygate.backoffice.doorman import doorman
from paygate.backoffice.journal.detail_views import answered, seen, shown
from paygate.backoffice.journal.refunds import refund_form
from paygate.backoffice.visit import Visit
from paygate.journal import refund_proposals
from paygate.journal.find import entry_of
from paygate.journal.models import Entry
from paygate.journal.refund import NotWithinBooking, RefundWish, needs_second_person, refund
from paygate.merchants.roles import Permission
from paygate.money.display import money_text
from paygate.refusals import Kind as RefusalKind
from paygate.refusals import Refusal


@doorman(Permission.REFUND, fresh=True)
@require_POST
def pay_back(request: Visit, transaction_id: str) -> HttpResponse:
    """Pay back all that is left, or a part of it; above the limit it is only proposed."""
    entry = entry_of(request.actor, transaction_id)
    if request.POST.get("seen") != seen(entry):
        messages.error(request, _("This payment has changed meanwhile. Look again before you refund it."))
        return _back(entry)
    form = refund_form(entry, request.POST)
    if form.is_valid():
        try:
            if needs_second_person(form.money, entry.merchant_id):
                refund_proposals.propose(
                    entry.pk, form.money, part=form.chosen_part, by=request.actor, now=request.now
                )
                messages.success(request, _("The refund is proposed. A second person has to confirm it."))
                return _back(entry)
            wish = RefundWish(form.money, part=form.chosen_part)
            movement = refund(entry.pk, wish, by=request.actor, now=request.now)
        except NotWithinBooking as refusal:
            form.refuse(refusal)
        except Refusal as refusal:
            return _refused(request, entry, refusal)
        else:
            return answered(request, movement.entry, movement)
    return shown(request, entry, refund_form=form)


@doorman(Permission.REFUND, fresh=True)
@require_POST
def agree(request: Visit, transaction_id: str, proposal_id: int) -> HttpResponse:
    """The second person agrees: it is paid back."""
    proposal = refund_proposals.proposal_of(request.actor, transaction_id, proposal_id)
    try:
        movement = refund_proposals.confirm(proposal, by=request.actor, now=request.now)
    except Refusal as refusal:
        return _refused(request, proposal.payment, refusal)
    return answered(request, movement.entry, movement)


@doorman(Permission.REFUND)
@require_POST
def disagree(request: Visit, transaction_id: str, proposal_id: int) -> HttpResponse:
    """The second person does not agree, or the first one takes it back."""
    proposal = refund_proposals.proposal_of(request.actor, transaction_id, proposal_id)
    if refund_proposals.turn_down(proposal, by=request.actor, now=request.now):
        sum_ = money_text(proposal.amount, get_language() or "en")
        messages.success(request, _("%(amount)s is not refunded.") % {"amount": sum_})
    else:
        messages.info(request, _("This proposal is settled already."))
    return _back(proposal.payment)


def _refused(request: Visit, entry: Entry, refusal: Refusal) -> HttpResponse:
    if refusal.kind is RefusalKind.FORBIDDEN:
        raise refusal
    messages.error(request, str(refusal))
    return _back(entry)


def _back(entry: Entry) -> HttpResponse:
    return redirect("backoffice:entry", entry.transaction_id)
