"""The audit log: newest first, searched by person, action, subject and day; one line with old and new values."""

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from paygate.audit.models import AuditLine
from paygate.backoffice.doorman import doorman
from paygate.backoffice.form_parts import chips
from paygate.backoffice.pages import page, rows_of
from paygate.backoffice.people import audit_words as words
from paygate.backoffice.people.forms import AuditSearchForm
from paygate.backoffice.timeline import names_at
from paygate.backoffice.visit import Visit
from paygate.merchants.roles import Permission
from paygate.refusals import NotFound


@doorman(Permission.SEE_AUDIT)
@require_safe
def audit(request: Visit) -> HttpResponse:
    """All lines, narrowed by the filters."""
    form = AuditSearchForm(request.GET)
    names = names_at(request.merchant.pk)
    return page(
        request,
        "people/audit.html.jinja",
        {
            "form": form,
            "chips": chips(request, form),
            "rows": rows_of(request, _narrowed(request, form, names), by="at"),
            "what": words.what,
            "who": lambda line: words.who(line, names),
            "about": words.subject,
            "values": words.values,
        },
    )


@doorman(Permission.SEE_AUDIT)
@require_safe
def audit_line(request: Visit, line_id: int) -> HttpResponse:
    """One line, whole."""
    line = AuditLine.objects.filter(merchant_id=request.merchant.pk, pk=min(line_id, 2**63 - 1)).first()
    if line is None:
        raise NotFound
    return page(
        request,
        "people/audit_line.html.jinja",
        {
            "line": line,
            "what": words.what(line),
            "who": words.who(line, names_at(request.merchant.pk)),
            "about": words.subject(line),
            "values": words.values(line),
        },
    )


def _narrowed(request: Visit, form: AuditSearchForm, names: dict[str, str]) -> QuerySet[AuditLine]:
    form.is_valid()  # a filter with nonsense in it says so, and narrows nothing
    wish = form.cleaned_data
    found = AuditLine.objects.filter(merchant_id=request.merchant.pk)
    if asked := wish.get("q"):
        called_so = [by for by, name in names.items() if asked.lower() in name.lower()]
        found = found.filter(Q(person__icontains=asked) | Q(subject__icontains=asked) | Q(by__in=called_so))
    if wish.get("action"):
        found = found.filter(action=wish["action"])
    return form.on_these_days(found, "at", request.zone)
