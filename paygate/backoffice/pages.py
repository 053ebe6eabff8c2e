"""What every page of the sections shares: the frame, lists page by page, chips, downloads."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from paygate.audit.actions import Action
from paygate.audit.record import record
from paygate.backoffice.menu import menu
from paygate.backoffice.moments import full_time, short_time
from paygate.backoffice.visit import Visit
from paygate.cards.free_text import find_card_numbers
from paygate.tenants.context import within

Row = TypeVar("Row", bound=Model)

ROWS: Final = 50
MOST_COUNTED: Final = 1000  # counting further would read the whole table for a number nobody needs
_YEARS: Final = range(1990, 2200)


def page(request: Visit, template: str, values: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """A page with its frame. Rendered at once, while the merchant's rows may still be read."""
    return render(request, f"backoffice/{template}", {**_frame(request), **values}, status=status)


def _frame(request: Visit) -> dict[str, Any]:
    language = (get_language() or "en")[:2]
    return {
        "menu": menu(request),
        "member": request.user,
        "merchant": request.merchant,
        "memberships": request.memberships,
        "permissions": request.actor.permissions,
        "test": not request.merchant.live,
        "language": language,
        "csp_nonce": request.csp_nonce,
        "language_url": reverse("backoffice:language"),
        "language_next": _here(request),
        "search_url": reverse("backoffice:search"),
        "home_url": reverse("backoffice:home"),
        "short_time": partial(short_time, now=request.now, zone=request.zone, language=language),
        "full_time": partial(full_time, zone=request.zone, language=language),
    }


@dataclass(frozen=True, slots=True)
class Rows(Generic[Row]):
    """One page of a list, and where its neighbours are; empty where there is none."""

    rows: list[Row]
    newer_url: str
    older_url: str
    total: str  # "132", or "more than 1000"


def rows_of(request: Visit, rows: QuerySet[Row], *, moment: str, size: int = ROWS) -> Rows[Row]:
    """One page, newest first, by the column `moment` and the key. A page's address names where it begins.

    So a list that grows meanwhile neither repeats nor skips a row, and the last page is as quick as the first.
    """
    counted = rows.order_by()[: MOST_COUNTED + 1].count()
    total = _("more than %(count)d") % {"count": MOST_COUNTED} if counted > MOST_COUNTED else str(counted)
    before, after = _mark(request, rows, "before"), _mark(request, rows, "after")
    if after is not None:
        found = list(rows.filter(_beyond(moment, "gt", after)).order_by(moment, "pk")[: size + 1])
        more_newer, more_older = len(found) > size, True
        found = found[:size][::-1]
    else:
        older = rows.filter(_beyond(moment, "lt", before)) if before else rows
        found = list(older.order_by(f"-{moment}", "-pk")[: size + 1])
        more_newer, more_older = before is not None, len(found) > size
        found = found[:size]
    return Rows(
        found,
        _to(request, "after", found[0], moment) if found and more_newer else "",
        _to(request, "before", found[-1], moment) if found and more_older else "",
        total,
    )


def _beyond(moment: str, side: str, mark: tuple[datetime, object]) -> Q:
    at, key = mark
    return Q(**{f"{moment}__{side}": at}) | Q(**{moment: at, f"pk__{side}": key})


def _mark(request: Visit, rows: QuerySet[Row], name: str) -> tuple[datetime, object] | None:
    """Where the asked page begins; None for nonsense, which is the first page."""
    spelled, _gap, key = request.GET.get(name, "").partition("_")
    try:
        at = datetime.fromisoformat(spelled)
        pk = rows.model._meta.pk.to_python(key)
    except (ValueError, ValidationError):
        return None
    too_large = isinstance(pk, int) and not 0 <= pk < 2**63
    return None if at.tzinfo is None or at.year not in _YEARS or too_large else (at, pk)


def _to(request: Visit, name: str, row: Model, moment: str) -> str:
    key = row.pk.hex if isinstance(row.pk, UUID) else row.pk
    query = query_of(request)
    query[name] = f"{getattr(row, moment).isoformat()}_{key}"
    return f"{request.path}?{query.urlencode()}"


def query_of(request: Visit) -> QueryDict:
    """What was asked for, without where the page begins, and without card numbers (safety.md CD-9)."""
    query = request.GET.copy()
    for name in list(query):
        if name in ("before", "after") or any(find_card_numbers(value) for value in query.getlist(name)):
            del query[name]
    return query


def _here(request: Visit) -> str:
    """This page's address, for coming back."""
    if request.method != "GET":
        return reverse("backoffice:home")
    query = query_of(request).urlencode()
    return f"{request.path}?{query}" if query else request.path


def without(request: Visit, name: str, value: str) -> str:
    """This list's address without one value of one filter, from its first page."""
    query = query_of(request)
    query.setlist(name, [one for one in query.getlist(name) if one != value])
    left = query.urlencode()
    return f"{request.path}?{left}" if left else request.path


def put_down_export(request: Visit, name: str) -> None:
    """A list leaves as a file: who took it, with which filters (safety.md AU-7)."""
    record(
        Action.EXPORTED,
        merchant_id=request.merchant.pk,
        by=request.actor.name,
        subject=f"list:{name}",
        detail={key: query_of(request).getlist(key) for key in query_of(request)},
        now=request.now,
    )


def download(lines: Iterable[str], filename: str, merchant_id: int) -> StreamingHttpResponse:
    """A CSV file, sent while it is written. The view has ended by then, so each step says whose rows it reads."""
    response = StreamingHttpResponse(_within_each(lines, merchant_id), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _within_each(lines: Iterable[str], merchant_id: int) -> Iterator[str]:
    steps = iter(lines)
    while True:
        with within(merchant_id):
            line = next(steps, None)
        if line is None:
            return
        yield line
