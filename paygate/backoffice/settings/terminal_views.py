"""Terminals: description, methods and currencies, automatic closing, payments that lost their liability shift."""

from collections import defaultdict
from typing import Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate.accounts.second_factor import ask_again, is_fresh
from paygate.acquiring.models import Contract
from paygate.audit.actions import Action
from paygate.audit.record import changes, record
from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import terminals_of
from paygate.backoffice.pages import page
from paygate.backoffice.settings.forms import TerminalForm
from paygate.backoffice.visit import Visit
from paygate.merchants.models import Terminal
from paygate.merchants.roles import Permission
from paygate.methods import METHODS

ABOUT_THE_BANK: Final = frozenset(
    {"automatic_closing", "cancel_without_shift"}
)  # when money is asked for, or given back


@doorman(Permission.SEE_SETTINGS)
@require_safe
def terminals(request: Visit) -> HttpResponse:
    """All terminals, each with its methods and their currencies (SPG-FRM-22)."""
    contracts: dict[int, list[Contract]] = defaultdict(list)
    for contract in Contract.objects.filter(merchant_id=request.merchant.pk, active=True):
        contracts[contract.terminal_id].append(contract)
    return page(
        request,
        "settings/terminals.html.jinja",
        {
            "terminals": terminals_of(request),
            "contracts": contracts,
            "methods": METHODS,
            **_may_change(request),
        },
    )


@doorman(Permission.SEE_SETTINGS)
@require_safe
def terminal(request: Visit, number: str) -> HttpResponse:
    """One terminal."""
    found = request.actor.terminal(number)
    values = {name: getattr(found, name) for name in TerminalForm.base_fields}
    return _show(request, found, TerminalForm(None, initial=values))


@doorman(Permission.EDIT_SETTINGS)
@require_POST
def change_terminal(request: Visit, number: str) -> HttpResponse:
    """Its description, its closing (SPG-FRM-07), and payments without liability shift (3D-9).

    For what is between the merchant and the bank, the second factor is asked for anew (safety.md AU-3).
    """
    found = request.actor.terminal(number)
    form = TerminalForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form)
    old = {name: getattr(found, name) for name in form.cleaned_data}
    changed = changes(old, form.cleaned_data)
    if not ABOUT_THE_BANK.isdisjoint(changed) and not is_fresh(request):
        return ask_again(request)
    with transaction.atomic():
        Terminal.objects.filter(pk=found.pk).update(**form.cleaned_data)
        if changed:
            record(
                Action.TERMINAL_CHANGED,
                merchant_id=request.merchant.pk,
                by=request.actor.name,
                subject=f"terminal:{found.number}",
                detail=changed,
                now=request.now,
            )
    messages.success(request, _("Saved."))
    return redirect("backoffice:terminal", found.number)


def _show(request: Visit, found: Terminal, form: TerminalForm) -> HttpResponse:
    return page(
        request,
        "settings/terminal.html.jinja",
        {
            "terminal": found,
            "form": form,
            "contracts": list(Contract.objects.filter(terminal=found)),
            "methods": METHODS,
            **_may_change(request),
        },
        status=422 if form.errors else 200,
    )


def _may_change(request: Visit) -> dict[str, bool]:
    return {"may_change": Permission.EDIT_SETTINGS in request.actor.permissions}
