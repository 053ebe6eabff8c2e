"""What every page of the sections shares: the frame, lists page by page, chips, downloads."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Generic, TypeVar
from uuid import UUID
from weakref import WeakSet

from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.db.models import Model, QuerySet
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
from paygate.places import AllOf, Counted, Place, Readable
from paygate.tenants.context import within

Row = TypeVar("Row", bound=Model)
Piece = TypeVar("Piece", str, bytes)

ROWS: Final = 50
MOST_DOWNLOADS: Final = (
    3  # at once, of one process: a slow browser keeps a database connection, and payments need them
)
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


def rows_of(
    request: Visit, rows: QuerySet[Row] | Readable[Row], *, by: str, ascending: bool = False, size: int = ROWS
) -> Rows[Row]:
    """One page by the column `by` and the key, the largest first or last. A page's address names where it begins.

    So a list that grows meanwhile neither repeats nor skips a row, and the last page is as quick as the first. "Newer"
    is towards the beginning of the list, "older" towards its end.
    """
    listed: Readable[Row] = AllOf(rows) if isinstance(rows, QuerySet) else rows
    before, after = (_place(request, listed.model, by, name) for name in ("before", "after"))
    if after is not None:
        found = listed.some(size + 1, by, ascending=not ascending, beyond=after)
        more_newer, more_older = len(found) > size, True
        found = found[:size][::-1]
    else:
        found = listed.some(size + 1, by, ascending=ascending, beyond=before)
        more_newer, more_older = before is not None, len(found) > size
        found = found[:size]
    return Rows(
        found,
        _to(request, "after", found[0], by) if found and more_newer else "",
        _to(request, "before", found[-1], by) if found and more_older else "",
        total_of(listed.counted()),
    )


def total_of(counted: Counted) -> str:
    """How many there are, in words."""
    return _("more than %(count)d") % {"count": counted.number} if counted.more else str(counted.number)


def _place(request: Visit, model: type[Model], by: str, name: str) -> Place | None:
    """Where the asked page begins; None for nonsense, which is the first page."""
    spelled, gap, key = request.GET.get(name, "").rpartition("_")
    try:
        value = model._meta.get_field(by).to_python(spelled)  # type: ignore[union-attr]  # it is a column
        pk = model._meta.pk.to_python(key)
    except (ValueError, OverflowError, ValidationError):
        return None
    return Place(value, pk) if gap and _can_be_looked_for(value) and _can_be_looked_for(pk) else None


def _can_be_looked_for(value: object) -> bool:
    """Is it something that both databases can compare with a column?"""
    match value:
        case datetime():
            return value.tzinfo is not None and value.year in _YEARS
        case int():
            return -(2**63) <= value < 2**63
        case str():
            return all(sign.isprintable() or sign.isspace() for sign in value)
        case UUID():
            return True
    return False


def _to(request: Visit, name: str, row: Model, by: str) -> str:
    key = row.pk.hex if isinstance(row.pk, UUID) else row.pk
    value = getattr(row, by)
    query = query_of(request)
    query[name] = f"{value.isoformat() if isinstance(value, datetime) else value}_{key}"
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


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted: by which column, and whether the smallest comes first."""

    name: str  # in the address
    column: str
    ascending: bool


@dataclass(frozen=True, slots=True)
class SortLink:
    """The head of a column that sorts the list."""

    url: str
    sorted: str  # "ascending", "descending" or "none", as `aria-sort` says it


def order_of(request: Visit, columns: Mapping[str, str]) -> Order:
    """The order an address asks for, such as `?sort=-expires`; the first of the columns, falling, for anything else."""
    asked = request.GET.get("sort", "")
    name = asked.removeprefix("-")
    if name not in columns:
        name, asked = next(iter(columns)), "-"
    return Order(name, columns[name], not asked.startswith("-"))


def sort_links(request: Visit, columns: Mapping[str, str], order: Order) -> dict[str, SortLink]:
    """For each column the list's address sorted by it; of the present one, the other way round."""
    links = {}
    for name in columns:
        query = query_of(request)
        is_now = name == order.name
        query["sort"] = f"-{name}" if not is_now or order.ascending else name
        how = ("ascending" if order.ascending else "descending") if is_now else "none"
        links[name] = SortLink(f"{request.path}?{query.urlencode()}", how)
    return links


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


class TooManyDownloads(OperationalError):
    """Others have every place; the page says to try again, as with any busy database."""


class _Download(Generic[Piece]):
    """A file on its way to a browser. The view has ended by then, so each step says whose rows it reads."""

    def __init__(self, pieces: Iterable[Piece], merchant_id: int) -> None:
        self._pieces: Iterator[Piece] = iter(pieces)
        self._merchant_id = merchant_id
        if len(_under_way) >= MOST_DOWNLOADS:
            raise TooManyDownloads
        _under_way.add(self)

    def __iter__(self) -> "_Download[Piece]":
        return self

    def __next__(self) -> Piece:
        with within(self._merchant_id):
            return next(self._pieces)

    def close(self) -> None:
        """Taken whole, or given up."""
        self._pieces = iter(())
        _under_way.discard(self)


_under_way: WeakSet[_Download[Any]] = WeakSet()


def download(pieces: Iterable[Piece], filename: str, merchant_id: int) -> StreamingHttpResponse:
    """A CSV file, sent while it is written. Raises `TooManyDownloads`."""
    response = StreamingHttpResponse(_Download(pieces, merchant_id), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
