"""Booking periods, called batches on the page: list, show, close now, file."""

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paygate.acquiring.causes import why_batch_refused
from paygate.acquiring.choose import with_contracts
from paygate.backoffice.doorman import doorman
from paygate.backoffice.journal.cases import name_of_case
from paygate.backoffice.journal.verdict_words import decision_mark, said
from paygate.backoffice.journal.words import period_mark
from paygate.backoffice.pages import download, page, put_down_export, rows_of
from paygate.backoffice.sums import contents_of
from paygate.backoffice.timeline import name_of, names_at
from paygate.backoffice.visit import Visit
from paygate.journal.batch_close import close_batch, file_again
from paygate.journal.export import period_csv
from paygate.journal.find import period_of, periods_of
from paygate.journal.models import BookingPeriod
from paygate.journal.states import PeriodState
from paygate.lifecycle.moves import MoveRefused
from paygate.merchants.models import Terminal, TerminalKind
from paygate.merchants.roles import Permission
from paygate.methods import METHODS


@doorman(Permission.SEE_JOURNAL)
@require_safe
def periods(request: Visit) -> HttpResponse:
    """All batches, newest first."""
    rows = rows_of(request, periods_of(request.actor), by="opened_at")
    return page(
        request,
        "journal/periods.html.jinja",
        {
            "rows": rows,
            "unused": [] if rows.older_url else _without_period(request),
            "contents": contents_of(rows.rows),
            "period_mark": period_mark,
            **_may_close(request),
        },
    )


def _without_period(request: Visit) -> list[Terminal]:
    """The Secure PayGate terminals on which nothing was booked yet: they have no batch to show."""
    of_terminal = periods_of(request.actor).order_by().filter(terminal=OuterRef("pk"))
    unused = Terminal.objects.filter(~Exists(of_terminal), merchant_id=request.merchant.pk)
    return with_contracts(list(unused.filter(kind=TerminalKind.SPG).order_by("number")))


@doorman(Permission.SEE_JOURNAL)
@require_safe
def period(request: Visit, terminal_number: str, number: int) -> HttpResponse:
    """One batch with its lines."""
    found, names = period_of(request.actor, terminal_number, number), names_at(request.merchant.pk)
    return page(
        request,
        "journal/period.html.jinja",
        {
            "period": found,
            "contents": contents_of([found])[found.pk],
            "mark": period_mark(found.state),
            "why_refused": why_batch_refused(found.refused_because),
            "rows": rows_of(request, found.lines.select_related("entry"), by="asked_at"),
            "methods": METHODS,
            "review_name": name_of_case(found),
            "decisions": list(found.decisions.order_by("-pk")),
            "said": lambda decision: said(decision, None),
            "decision_mark": decision_mark,
            "name_of": lambda by: name_of(by, names),
            **_may_close(request),
        },
    )


def _may_close(request: Visit) -> dict[str, bool]:
    return {"may_close": Permission.CLOSE_BATCH in request.actor.permissions}


@doorman(Permission.CLOSE_BATCH)
@require_POST
def close(request: Visit, terminal_number: str) -> HttpResponse:
    """Close the terminal's open batch now, instead of at 22:00."""
    closed = close_batch(request.actor.terminal(terminal_number), by=request.actor, now=request.now)
    if closed is None:
        messages.info(request, _("The open batch is empty. There was nothing to close."))
        return redirect("backoffice:periods")
    return _tell(request, terminal_number, closed)


@doorman(Permission.CLOSE_BATCH)
@require_POST
def again(request: Visit, terminal_number: str, number: int) -> HttpResponse:
    """File a batch again that the acquirer refused."""
    found = period_of(request.actor, terminal_number, number)
    try:
        found = file_again(found.pk, by=request.actor, now=request.now)
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("backoffice:period", terminal_number, number)
    return _tell(request, terminal_number, found)


def _tell(request: Visit, terminal_number: str, closed: BookingPeriod) -> HttpResponse:
    """What became of the batch, on its own page."""
    match closed.state:
        case PeriodState.CLOSED:
            messages.success(request, _("The batch is closed, and the acquirer has it."))
        case PeriodState.REFUSED:
            messages.error(
                request,
                _("The acquirer refused the batch: %(why)s")
                % {"why": why_batch_refused(closed.refused_because)},
            )
        case _:
            messages.info(request, _("The batch is closed. We are still waiting for the acquirer's answer."))
    return redirect("backoffice:period", terminal_number, closed.number)


@doorman(Permission.SEE_JOURNAL)
@require_safe
def period_file(request: Visit, terminal_number: str, number: int) -> StreamingHttpResponse:
    """The lines of one batch as CSV."""
    found = period_of(request.actor, terminal_number, number)
    filename = _("batch-%(terminal)s-%(number)d.csv") % {"terminal": terminal_number, "number": number}
    put_down_export(request, f"batch {terminal_number}/{number}")
    return download(period_csv(found, request.merchant.zone), filename, request.merchant.pk)
