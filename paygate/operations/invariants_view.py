"""What invariants look at: one moment of the database, and the acquirer's book as it was just before.

The book is read first. So whatever it holds was written down by us before, and a question that is on its way at this
very moment is seen as what it is: asked, and not answered.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Case, Exists, F, Func, Model, OuterRef, Q, TextField, When

from paygate.acquiring.models import Contract
from paygate.acquiring.simulator import wire
from paygate.acquiring.simulator.ledger import Record
from paygate.journal.models import Kind, Movement
from paygate.journal.movements import BEGINNINGS
from paygate.journal.reversal import UNACKNOWLEDGED
from paygate.journal.states import EntryState, MovementState
from paygate.tenants.walls import owned_models

SIMULATOR: Final = "simulator"  # the connector whose book we can read

# Longer than the longest pause of any schedule, and than a jump of the clock (safety.md TM-3): what has been due for so
# long is asked for by nobody.
FORGOTTEN_AFTER: Final = timedelta(days=1)

DASHED: Final = " || '-' || ".join(
    f"substr(%(expressions)s, {begin}, {length})"
    for begin, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
)

KEPT: Final = (EntryState.AUTHORIZED, EntryState.CAPTURED)
ON_ITS_WAY: Final = (MovementState.ASKED, MovementState.UNKNOWN)
UNANSWERED: Final = (MovementState.UNKNOWN, MovementState.ELSEWHERE)


@dataclass(frozen=True, slots=True)
class Broken:
    """One thing that breaks an invariant: ids and states, never card data."""

    what: str
    merchant_id: int | None  # None: nobody's


class Asked(NamedTuple):
    """A question to the simulator, with what the comparison needs of its entry."""

    pk: int
    merchant_id: int
    request_id: str
    kind: str
    state: str
    amount_minor: int
    currency: str
    terminal: str
    entry_id: int
    entry_state: str
    liability_shift: bool
    part: str
    period: int | None
    period_state: str | None
    under_repair: bool  # somebody will ask, or two people must decide
    being_canceled: bool

    @property
    def is_kept(self) -> bool:
        """Do our books count on it?"""
        # A part of a reservation is booked while others are still open.
        states = KEPT if self.kind in BEGINNINGS or self.part else (EntryState.CAPTURED,)
        return self.state == MovementState.APPROVED and self.entry_state in states

    def __str__(self) -> str:
        return f"entry {self.entry_id} ({self.entry_state}), {self.kind} {self.state} {self.request_id}"


class View:
    """One look. What several invariants need is read once."""

    def __init__(self, records: list[Record] | None, *, now: datetime) -> None:
        self.records = records  # None: there is no pretended acquirer here
        self.now = now
        self.forgotten_since = now - FORGOTTEN_AFTER

    def count(self, model: type[Model]) -> int:
        """How many rows there are."""
        return self._counts[model._meta.db_table]

    @cached_property
    def _counts(self) -> Mapping[str, int]:
        tables = [model._meta.db_table for model in owned_models()]
        with connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables)
            )
            return dict(cursor.fetchall())

    @cached_property
    def book(self) -> Mapping[str, Record]:
        """The acquirer's operations of our terminals, by own reference."""
        return {row.request_id: row for row in self.records or () if row.terminal in self.terminals}

    @cached_property
    def terminals(self) -> Mapping[str, int | None]:
        """Whose terminals the simulator serves; None where two merchants have one of this number."""
        found: dict[str, int | None] = {}
        rows = Contract.objects.filter(connector=SIMULATOR).order_by()
        for number, merchant_id in rows.values_list("terminal__number", "merchant_id").distinct():
            found[number] = merchant_id if number not in found else None
        return found

    @cached_property
    def asked(self) -> Mapping[str, Asked]:
        """Every question to the simulator, by own reference."""
        # An own reference without a booking reaches no book: what was never sent is left out.
        rows = (
            Movement.objects.filter(entry__contract__connector=SIMULATOR, sent_at__isnull=False)
            .annotate(
                under_repair=Case(
                    When(Q(state=MovementState.ASKED) | is_scheduled() | is_looked_after(), then=True),
                    default=False,
                ),
                being_canceled=Exists(
                    Movement.objects.filter(
                        entry=OuterRef("entry"), kind=Kind.CANCEL, state__in=ON_ITS_WAY
                    ).order_by()
                ),
            )
            .order_by()
        )
        names = ("pk", "merchant_id", "request_id", "kind", "state", "amount_minor", "currency",
                 "entry__terminal__number", "entry_id", "entry__state", "entry__liability_shift",
                 "part", "period__number", "period__state", "under_repair", "being_canceled")  # fmt: skip
        return {row[2]: Asked(*row) for row in rows.values_list(*names)}


def is_scheduled() -> Q:
    """Will it be asked about, or must two people decide?"""
    return Q(state__in=UNANSWERED) & (Q(next_inquiry_at__isnull=False) | Q(review_since__isnull=False))


def is_looked_after() -> Q:
    """Is there a give-back of this movement that is not over yet (safety.md OC-8)?

    Not asked row by row: where hardly anything is given back, statistics talk SQLite out of the index that would help.
    """
    unacknowledged = Q(state__in=UNACKNOWLEDGED) & (
        Q(next_inquiry_at__isnull=False) | Q(review_since__isnull=False)
    )
    give_backs = Movement.objects.filter(kind=Kind.REVERSE, about__isnull=False).order_by()
    looked_at = Q(look_again_at__isnull=False) | Q(settled_at__isnull=False, review_since__isnull=False)
    return Q(pk__in=give_backs.filter(unacknowledged | looked_at).values("about"))


def text_of(field: str, model: type[Model]) -> Func:
    """A key as our histories and claims spell it."""
    return Func(F(field), template=key_as_text(model, field), output_field=TextField())


def key_as_text(model: type[Model], field: str = "") -> str:
    """The same as a template of SQL. SQLite keeps UUIDs without their dashes."""
    column = model._meta.get_field(field) if field else model._meta.pk
    kind = getattr(column, "target_field", column)
    assert kind is not None
    if connection.vendor == "postgresql" or kind.get_internal_type() != "UUIDField":
        return "CAST(%(expressions)s AS TEXT)"
    return DASHED


def records_of_acquirer() -> list[Record] | None:
    """The simulator's ledger; None where the simulator is off, because other acquirers have none that we can read.

    Raises `NothingArrived` or `NoReply` where it is a process of its own and does not answer.
    """
    if not settings.PAYGATE_SIMULATOR:
        return None
    return [Record(**row) for row in wire.listed()]  # type: ignore[arg-type]  # JSON's values, as they were written


@contextmanager
def one_moment() -> Iterator[None]:
    """All reading within sees the database as it is at the first question, and keeps nobody from writing.

    Inside somebody else's transaction, as in most tests, that transaction is the moment.
    """
    if connection.in_atomic_block:
        yield
        return
    begin = (
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        if connection.vendor == "postgresql"
        else "BEGIN DEFERRED"
    )
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("COMMIT")
