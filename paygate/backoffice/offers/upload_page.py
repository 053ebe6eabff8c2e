"""What the page of an upload shows: progress, totals, rows with what is wrong with them."""

import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from paygate.backoffice.journal.words import Mark
from paygate.backoffice.pages import rows_of
from paygate.backoffice.timeline import name_of, names_at
from paygate.backoffice.visit import Visit
from paygate.languages import LANGUAGES, ui_language
from paygate.merchants.licence import Feature
from paygate.money.amount import Money
from paygate.offers.models import Offer
from paygate.uploads.check import reader_of
from paygate.uploads.columns import BY_KEY, NO_COLUMN, columns_for
from paygate.uploads.confirm import MENDABLE
from paygate.uploads.letters import PER_MINUTE, letters_left
from paygate.uploads.models import ColumnName, Upload, UploadRow
from paygate.uploads.row_terms import RowReader
from paygate.uploads.states import UploadState
from paygate.uploads.tables import cell_name, letters

COLUMN: Final = "column_"  # begins the names of the fields that say what a column is
ROW: Final = "row-"  # begins the anchors of rows
CELL: Final = "cell_"  # begins the names of the fields of a row
SHOWN: Final = 25  # rows of one page: each wrong one has a form
_EXAMPLES: Final = 3
_SORTS: Final = ("wrong", "repeats", "all")
_PLACE: Final = re.compile(r"[0-9]{1,7}_[0-9]{1,19}")  # as pages.py writes it: a row's number and key

_MARKS: Final = {
    UploadState.READ: ("half", "warn"),
    UploadState.CHECKING: ("half", "warn"),
    UploadState.CHECKED: ("ring", "good"),
    UploadState.CREATING: ("half", "warn"),
    UploadState.DONE: ("full", "good"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the specification."""

    name: str
    others: str  # its names in the other languages
    what: str | Promise
    example: str


@dataclass(frozen=True, slots=True)
class UnknownColumn:
    """A column that nobody knows yet."""

    field: str
    letter: str
    name: str
    examples: str
    chosen: str  # what somebody said it is; empty: nothing yet


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is."""

    done: int
    total: int
    rate: int  # a second; 0: not known yet
    left: str  # how long it takes, in words

    @property
    def percent(self) -> int:
        """Of the whole."""
        return 100 * self.done // max(self.total, 1)


@dataclass(frozen=True, slots=True)
class Mended:
    """Something wrong with a cell, and what it takes to put it right."""

    label: str  # of the column
    cell: str  # as spreadsheet programs name it; empty: the whole row
    column: int  # -1: there is none
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as the page shows it."""

    row: UploadRow
    description: str
    money: Money | None
    cells: list[Mended]  # what is wrong with cells of the file
    others: list[Mended]  # with columns that the file does not have, and with the row as a whole
    is_created: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """What the rows that are right ask for, by currency; and how many rows are of which sort."""

    by_currency: list[tuple[Money, int]]
    right: int  # that have no offer yet
    wrong: int
    repeats: int
    sends: int


def mark_of(upload: Upload) -> Mark:
    """Its state as shape, colour and word."""
    return Mark(*_MARKS[UploadState(upload.state)], UploadState(upload.state).label)


def stores_cards(request: Visit) -> bool:
    """Does the merchant's licence have stored cards (SPG-FRM-38)?"""
    return Feature.SECURE_CARD_DATA in request.features


def specification(request: Visit) -> list[Line]:
    """Every column of columns.py that the merchant has, in the language of the page."""
    language = ui_language(get_language())
    return [
        Line(
            name=column.header(language),
            others=", ".join(dict.fromkeys(column.header(one) for one in LANGUAGES if one != language)),
            what=column.what,
            example=column.example,
        )
        for column in columns_for(stores_cards=stores_cards(request))
    ]


def columns_asked(request: Visit, upload: Upload) -> list[tuple[str, str]]:
    """What an unknown column can be: whatever the file does not have yet, or nothing."""
    language = ui_language(get_language())
    known = columns_for(stores_cards=stores_cards(request))
    free = [column for column in known if column.key not in upload.keys]
    return [(NO_COLUMN, _("Leave aside")), *((column.key, column.header(language)) for column in free)]


def columns_remembered() -> list[tuple[str, str]]:
    """What people said of columns that we do not know: each name, and which of ours it is since."""
    language = ui_language(get_language())
    known = ColumnName.objects.values_list("name", "key")
    return [
        (name, BY_KEY[key].header(language) if key in BY_KEY else _("Leave aside")) for name, key in known
    ]


def place_asked(asked: QueryDict) -> dict[str, str]:
    """Which rows are shown, and where their page begins; what is no place is left aside."""
    place = {name: str(asked.get(name, "")) for name in ("show", "before", "after")}
    return {name: said for name, said in place.items() if said in _SORTS or _PLACE.fullmatch(said)}


def page_of(request: Visit, upload: Upload, *, said: Mapping[int, str] | None = None) -> dict[str, Any]:
    """The values of the template, as far as the state of the upload asks for them.

    `said` is what somebody chose for columns, where it was refused.
    """
    names = names_at(request.merchant.pk)
    values: dict[str, Any] = {
        **dict.fromkeys(
            ("progress", "totals", "unknown", "choices", "which", "rows", "shown", "letters_left")
        ),
        "upload": upload,
        "mark": mark_of(upload),
        "by": name_of(upload.uploaded_by, names),
        "aside": [name for name, key in zip(upload.names, upload.keys, strict=True) if key == NO_COLUMN],
        "column_names": _known_columns(upload),
    }
    match upload.state:
        case UploadState.READ:
            values |= {"unknown": _unknown(upload, said or {}), "choices": columns_asked(request, upload)}
        case UploadState.CHECKING:
            values["progress"] = Progress(upload.checked, upload.rows, 0, "")
        case UploadState.CREATING:
            values["progress"] = creation(upload, now=request.now)
    values["rows_gone"] = (
        upload.state == UploadState.DONE and not UploadRow.objects.filter(upload=upload).exists()
    )
    if upload.state in MENDABLE and not values["rows_gone"]:
        totals = totals_of(upload)
        which = _which(request, totals)
        found = rows_of(request, _rows(upload, which), by="number", ascending=True, size=SHOWN)
        reader = reader_of(upload, now=request.now)
        keys = [row.offer_key for row in found.rows]
        created = (
            set(Offer.objects.filter(pk__in=keys).values_list("pk", flat=True)) if upload.created else set()
        )
        values |= {
            "totals": totals,
            "which": which,
            "place": place_asked(request.GET) | {"show": which},
            "rows": found,
            "shown": [_shown(upload, row, reader, created) for row in found.rows],
            "anchors": [f"{ROW}{row.number}" for row in found.rows],
        }
    if upload.letters_due_at is not None:
        values |= {"letters_left": letters_left(upload)}
    return values | {"per_minute": PER_MINUTE}


def creation(upload: Upload, *, now: datetime) -> Progress:
    """How far the offers are, how many a second, and how long the others take."""
    assert upload.begun_at is not None, "whoever confirms writes down when"
    done, total = upload.created - upload.begun_with, upload.wanted - upload.begun_with
    seconds = max(int((now - upload.begun_at).total_seconds()), 1)
    rate = done // seconds
    return Progress(done, total, rate, _how_long((total - done) // rate) if rate else "")


def _how_long(seconds: int) -> str:
    if seconds < 60:
        return _("less than a minute left")
    minutes = -(-seconds // 60)
    return ngettext("about %(count)d minute left", "about %(count)d minutes left", minutes) % {
        "count": minutes
    }


def totals_of(upload: Upload) -> Totals:
    """Counted by the database."""
    rows = UploadRow.objects.filter(upload=upload)
    sums = rows.filter(wrong=False).order_by("currency").values("currency")
    counted = rows.aggregate(
        count_right=Count("pk", filter=Q(wrong=False)) - upload.created,
        count_wrong=Count("pk", filter=Q(wrong=True)),
        count_repeats=Count("pk", filter=Q(repeats=True)),
        count_sends=Count("pk", filter=Q(sends=True, wrong=False)),
    )
    by_currency = [
        (Money(int(one["sum"]), one["currency"]), one["count"])
        for one in sums.annotate(sum=Sum("amount_minor"), count=Count("pk"))
        if one["currency"]
    ]
    return Totals(by_currency, **{name.removeprefix("count_"): count for name, count in counted.items()})


def _which(request: Visit, totals: Totals) -> str:
    """Which rows are shown: those asked for, else the wrong ones, else all."""
    asked = request.GET.get("show", "")
    if asked in _SORTS:
        return asked
    return "wrong" if totals.wrong else "all"


def _rows(upload: Upload, which: str) -> Any:
    rows = UploadRow.objects.filter(upload=upload)
    match which:
        case "wrong":
            return rows.filter(wrong=True)
        case "repeats":
            return rows.filter(repeats=True)
    return rows


def _shown(upload: Upload, row: UploadRow, reader: RowReader, created: set[UUID]) -> Shown:
    read = reader.read(row.cells)
    problems = [_mended(upload, row, problem.field, str(problem.words)) for problem in read.problems]
    problems.sort(key=lambda one: (one.column < 0, one.column))
    return Shown(
        row=row,
        description=read.terms.description,
        money=Money(row.amount_minor, row.currency)
        if row.amount_minor is not None and row.currency
        else None,
        cells=[] if row.offer_key in created else [one for one in problems if one.column >= 0],
        others=[] if row.offer_key in created else [one for one in problems if one.column < 0],
        is_created=row.offer_key in created,
    )


def _mended(upload: Upload, row: UploadRow, key: str, words: str) -> Mended:
    column = upload.keys.index(key) if key in upload.keys else -1
    return Mended(
        label=BY_KEY[key].header(ui_language(get_language())) if key in BY_KEY else "",
        cell=cell_name(column, row.number) if column >= 0 else "",
        column=column,
        value=row.cells[column] if 0 <= column < len(row.cells) else "",
        words=words,
    )


def _known_columns(upload: Upload) -> list[str]:
    language = ui_language(get_language())
    return [BY_KEY[key].header(language) for key in upload.keys if key]


def _unknown(upload: Upload, said: Mapping[int, str]) -> list[UnknownColumn]:
    """Each with the first things that stand in it."""
    part = upload.parts.first()
    first: Sequence[tuple[int, list[str]]] = json.loads(zlib.decompress(part.content)) if part else []
    return [
        UnknownColumn(
            f"{COLUMN}{at}",
            letters(at),
            name,
            ", ".join(list(_in_column(first, at))[:_EXAMPLES]),
            said.get(at, NO_COLUMN),
        )
        for at, (name, key) in enumerate(zip(upload.names, upload.keys, strict=True))
        if key is None
    ]


def _in_column(rows: Sequence[tuple[int, list[str]]], at: int) -> Iterator[str]:
    for _number, cells in rows:
        if at < len(cells) and cells[at]:
            yield cells[at][:40]
