"""The journal: every payment, newest first; the same as a file."""

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import chips, terminals_of
from paygate.backoffice.journal.forms import JournalSearchForm
from paygate.backoffice.journal.words import booked_less, lacks_shift, state_mark
from paygate.backoffice.pages import download, page, query_of, rows_of
from paygate.backoffice.visit import Visit
from paygate.journal.export import journal_csv
from paygate.journal.find import Search, entries_of
from paygate.journal.models import Entry
from paygate.merchants.roles import Permission
from paygate.methods import METHODS


@doorman(Permission.SEE_JOURNAL)
@require_safe
def journal(request: Visit) -> HttpResponse:
    """All payments, narrowed by the filters."""
    terminals = terminals_of(request)
    form = JournalSearchForm(request.GET, terminals=terminals)
    found = _narrowed(request, form)
    return page(
        request,
        "journal/list.html.jinja",
        {
            "form": form,
            "chips": chips(request, form),
            "rows": rows_of(request, found, moment="created_at"),
            "state_mark": state_mark,
            "lacks_shift": lacks_shift,
            "booked_less": booked_less,
            "methods": METHODS,
            "several_terminals": len(terminals) > 1,
            "query": query_of(request).urlencode(),
        },
    )


@doorman(Permission.SEE_JOURNAL)
@require_safe
def journal_file(request: Visit) -> StreamingHttpResponse:
    """What the filters let through, as CSV with the merchant's references (SPG-FRM-15)."""
    form = JournalSearchForm(request.GET, terminals=terminals_of(request))
    entries = _narrowed(request, form).iterator(chunk_size=1000)
    filename = _("journal-%(date)s.csv") % {"date": request.now.astimezone(request.zone).date().isoformat()}
    return download(journal_csv(entries, request.merchant.zone), filename, request.merchant.pk)


def _narrowed(request: Visit, form: JournalSearchForm) -> QuerySet[Entry]:
    form.is_valid()  # a filter with nonsense in it says so, and narrows nothing
    wish = form.cleaned_data
    search = Search(wish.get("q", ""), tuple(wish.get("state", ())), wish.get("terminal", ""))
    return form.on_these_days(entries_of(request.actor, search), "created_at", request.zone)
