"""What nobody could find out: one person says what became of it, another confirms (safety.md 2.1 REVIEW, AU-5)."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.journal.cases import SHOWN, Case, case_of, count_open, open_cases
from paygate.backoffice.journal.forms import DecisionForm
from paygate.backoffice.journal.verdict_words import (
    case_mark,
    choice,
    choices_of,
    decision_mark,
    moves_money,
    said,
    why,
)
from paygate.backoffice.pages import page
from paygate.backoffice.timeline import name_of, names_at
from paygate.backoffice.visit import Visit
from paygate.checkout.decide import confirm
from paygate.journal.models import Decision
from paygate.journal.review import DecisionRefused, NotUnderReview, propose, turn_down
from paygate.merchants.roles import Permission
from paygate.methods import METHODS
from paygate.refusals import Kind, Refusal


@doorman(Permission.SEE_JOURNAL)
@require_safe
def reviews(request: Visit) -> HttpResponse:
    """All that waits for a decision, the longest waiting first."""
    cases, names = open_cases(), names_at(request.merchant.pk)
    return page(
        request,
        "journal/reviews.html.jinja",
        {
            "cases": cases,
            "hidden": count_open().number - len(cases) if len(cases) == SHOWN else 0,
            "case_mark": case_mark,
            "name_of": lambda by: name_of(by, names),
        },
    )


@doorman(Permission.SEE_JOURNAL)
@require_safe
def review(request: Visit, case: str) -> HttpResponse:
    """One of them, with all that was said about it."""
    found = case_of(request.actor, case)
    return _show(request, found, DecisionForm(None, choices=choices_of(found)))


@doorman(Permission.REVIEW)
@require_POST
def suggest(request: Visit, case: str) -> HttpResponse:
    """The first person says what became of it."""
    found = case_of(request.actor, case)
    form = DecisionForm(request.POST, choices=choices_of(found))
    if not found.is_open or found.proposal:
        return _too_late(request, found, NotUnderReview())
    if not form.is_valid():
        return _show(request, found, form)
    try:
        propose(
            movement_id=found.movement.pk if found.movement else None,
            period_id=found.period.pk if found.period else None,
            **form.cleaned_data,
            by=request.actor,
            now=request.now,
        )
    except DecisionRefused as refusal:
        form.refuse(refusal)
        return _show(request, found, form)
    except NotUnderReview as refusal:
        return _too_late(request, found, refusal)
    messages.success(request, _("Noted. Somebody else has to confirm it now."))
    return redirect("backoffice:review", found.name)


@doorman(Permission.REVIEW)
@require_POST
def agree(request: Visit, case: str) -> HttpResponse:
    """The second person confirms, and it is carried out."""

    def carry_out(found: Case, decision: Decision) -> None:
        confirm(decision.pk, by=request.actor, now=request.now)
        words = _("Decided: %(what)s.") % {"what": said(decision, found.movement)}
        messages.success(request, words)
        if found.period and case_of(request.actor, case).is_open:
            messages.warning(request, _("The acquirer refused the batch again for the same reason."))

    return _end(request, case, carry_out)


@doorman(Permission.REVIEW)
@require_POST
def disagree(request: Visit, case: str) -> HttpResponse:
    """The second person does not agree, or the first one takes it back."""

    def drop(_found: Case, decision: Decision) -> None:
        turn_down(decision.pk, by=request.actor, now=request.now)
        mine = decision.proposed_by == request.actor.name
        messages.success(request, _("Taken back.") if mine else _("Turned down. It can be decided anew."))

    return _end(request, case, drop)


def _end(request: Visit, case: str, carry_out: Callable[[Case, Decision], None]) -> HttpResponse:
    """Do what was wished with exactly the proposal that the page showed, and no other."""
    found = case_of(request.actor, case)
    shown = [one for one in found.decisions if str(one.pk) == request.POST.get("decision")]
    if not shown:
        return _too_late(request, found, NotUnderReview())
    try:
        carry_out(found, shown[0])
    except Refusal as refusal:
        if refusal.kind is Kind.FORBIDDEN:
            raise
        return _too_late(request, found, refusal)
    return redirect("backoffice:review", found.name)


def _too_late(request: Visit, found: Case, refusal: Refusal) -> HttpResponse:
    """Pressed twice, or on a page that somebody else has overtaken: nothing was done, and the page says so."""
    messages.info(request, str(refusal))
    return redirect("backoffice:review", found.name)


def _show(request: Visit, found: Case, form: DecisionForm) -> HttpResponse:
    names, proposal = names_at(request.merchant.pk), found.proposal
    movement = found.movement
    return page(
        request,
        "journal/review.html.jinja",
        {
            "case": found,
            "mark": case_mark(found),
            "why": why(found),
            "method": METHODS[movement.entry.method] if movement else None,
            "form": form,
            "may_review": Permission.REVIEW in request.actor.permissions,
            "proposal": proposal,
            "proposed": choice(found, proposal.verdict) if proposal else None,
            "is_mine": proposal is not None and proposal.proposed_by == request.actor.name,
            "moves_money": proposal is not None and moves_money(found, proposal.verdict),
            "ended": [one for one in reversed(found.decisions) if one.ended_at],
            "said": lambda decision: said(decision, movement),
            "decision_mark": decision_mark,
            "name_of": lambda by: name_of(by, names),
        },
        status=422 if form.errors else 200,
    )
