"""The journal: every payment, newest first; the same as a file."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import chips, terminals_of
from paygate.backoffice.journal.forms import JournalSearchForm
from paygate.backoffice.journal.guarantee import guarantee_of
from paygate.backoffice.journal.words import booked_less, lacks_shift, marks_of
from paygate.backoffice.pages import download, page, put_down_export, query_of, rows_of
from paygate.backoffice.visit import Visit
from paygate.journal.export import journal_csv
from paygate.journal.find import Search, entries_of
from paygate.journal.models import Entry
from paygate.links.find import link_of
from paygate.links.models import Link
from paygate.merchants.roles import Permission
from paygate.methods import METHODS
from paygate.refusals import NotFound


@doorman(Permission.SEE_JOURNAL)
@require_safe
def journal(request: Visit) -> HttpResponse:
    """All payments, narrowed by the filters."""
    terminals = terminals_of(request)
    form = JournalSearchForm(request.GET, terminals=terminals, link=_link_asked_for(request))
    rows = rows_of(request, _narrowed(request, form), by="created_at")
    return page(
        request,
        "journal/list.html.jinja",
        {
            "form": form,
            "chips": chips(request, form),
            "rows": rows,
            "mark_of": marks_of(rows.rows),
            "lacks_shift": lacks_shift,
            "booked_less": booked_less,
            "guarantee_of": lambda entry: guarantee_of(entry, now=request.now),
            "methods": METHODS,
            "several_terminals": len(terminals) > 1,
            "query": query_of(request).urlencode(),
        },
    )


@doorman(Permission.SEE_JOURNAL)
@require_safe
def journal_file(request: Visit) -> HttpResponseBase:
    """What the filters let through, as CSV with the merchant's references (SPG-FRM-15).

    With nonsense in a filter there is no file: the journal says what is wrong.
    """
    form = JournalSearchForm(request.GET, terminals=terminals_of(request), link=_link_asked_for(request))
    if not form.is_valid():
        return redirect(f"{reverse('backoffice:journal')}?{query_of(request).urlencode()}")
    entries = _narrowed(request, form).iterator(chunk_size=1000)
    filename = _("journal-%(date)s.csv") % {"date": request.now.astimezone(request.zone).date().isoformat()}
    put_down_export(request, "journal")
    return download(journal_csv(entries, request.merchant.zone), filename, request.merchant.pk)


def _link_asked_for(request: Visit) -> Link | None:
    """The multi-use link whose payments are looked for; what is none says so in the filters."""
    asked = request.GET.get("link", "")
    try:
        return link_of(request.actor, asked) if asked else None
    except NotFound:
        return None


def _narrowed(request: Visit, form: JournalSearchForm) -> QuerySet[Entry]:
    form.is_valid()  # a filter with nonsense in it says so, and narrows nothing
    wish = form.cleaned_data
    search = Search(
        wish.get("q", ""),
        tuple(wish.get("state", ())),
        wish.get("terminal", ""),
        wish.get("link", ""),
        wish.get("type", ""),
    )
    return form.on_these_days(entries_of(request.actor, search), "created_at", request.zone)
